// Package origin decides under which names the mock answers, and which requests pages of other sites may send.
package origin

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// A site can point its own name at a loopback address and then send requests to the mock as if to its own server (DNS
// rebinding). The Host header then holds the name of the site. So the mock answers a request to a loopback address
// only under a loopback name or an allowed name.

// Socket is the kind of address to which a request came.
type Socket int

// Kinds of addresses.
const (
	noSocket       Socket = iota // a program called the handler without a connection
	loopbackSocket               // only programs on this machine can reach it
	OpenSocket                   // other machines may reach it
)

// SocketOf returns the kind of address to which a request came. A connection within the program, such as a pipe,
// counts as noSocket.
func SocketOf(r *http.Request) Socket {
	switch local := r.Context().Value(http.LocalAddrContextKey).(type) {
	case *net.TCPAddr:
		if local.IP.IsLoopback() {
			return loopbackSocket
		}
		return OpenSocket
	case *net.UnixAddr:
		return OpenSocket
	case net.Addr:
		if address, err := netip.ParseAddrPort(local.String()); err == nil {
			if address.Addr().Unmap().IsLoopback() {
				return loopbackSocket
			}
			return OpenSocket
		}
	}
	return noSocket
}

// Hosts are the names that are allowed in addition to the loopback names, as hostName returns them.
type Hosts map[string]bool

// NewHosts returns the allowed names of the options. If others can reach the mock, the unspecified addresses are
// allowed too. The error says that a text is not a host name.
func NewHosts(exposed bool, allowed []string) (Hosts, error) {
	made := Hosts{}
	if exposed {
		made["0.0.0.0"], made["::"] = true, true // they mean this machine, and no name server can change that
	}
	for _, given := range allowed {
		name, valid := hostName(bracketed(given))
		if !valid || strings.Trim(name, hostLetters+":") != "" {
			return nil, fmt.Errorf("an allowed host must be a name or an address without scheme, port and path, such as host.docker.internal")
		}
		made[name] = true
	}
	return made, nil
}

// bracketed returns an IPv6 address in the form of a Host header, and "" for any other text with a colon.
func bracketed(host string) string {
	if address, err := netip.ParseAddr(host); err == nil && address.Is6() {
		return "[" + host + "]"
	}
	if strings.Contains(host, ":") {
		return ""
	}
	return host
}

// Allows reports whether the value of a Host header is a loopback name or an allowed name.
func (h Hosts) Allows(host string) bool {
	name, valid := hostName(host)
	return valid && (isLoopbackName(name) || h[name])
}

// hostLetters are the characters of a host name in lower case.
const hostLetters = "abcdefghijklmnopqrstuvwxyz0123456789-._"

// hostName returns the name or address in a Host header: in lower case, without port, brackets and trailing dot. The
// second result is false if the header is malformed.
func hostName(host string) (string, bool) {
	name, port, _ := strings.Cut(host, ":")
	if inner, opened := strings.CutPrefix(host, "["); opened {
		var after string
		name, after, _ = strings.Cut(inner, "]")
		var colon bool
		port, colon = strings.CutPrefix(after, ":")
		if after != "" && !colon || !strings.Contains(name, ":") || !strings.Contains(inner, "]") {
			return "", false
		}
	}
	if name = strings.TrimSuffix(name, "."); name == "" || strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	return strings.ToLower(name), true
}

// isLoopbackName reports whether a name, as hostName returns it, always means this machine.
func isLoopbackName(name string) bool {
	if name == "localhost" || name == "127.0.0.1" {
		return true
	}
	if label, found := strings.CutSuffix(name, ".localhost"); found {
		return label != "" && strings.Trim(label, hostLetters) == ""
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Zone() == "" && address.Unmap().IsLoopback()
}

// isLoopbackHost reports whether a host, with or without a port, is a loopback address or a loopback name.
func isLoopbackHost(host string) bool { return Hosts(nil).Allows(host) }

// IsMisdirected reports whether a request came to a loopback address under a name that is not allowed. A request
// without a Host is not misdirected: simple clients such as HTTP/1.0 probes send none, and browsers always do.
func (h Hosts) IsMisdirected(r *http.Request) bool {
	return r.Host != "" && SocketOf(r) == loopbackSocket && !h.Allows(r.Host)
}
