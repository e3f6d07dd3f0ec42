// Package origin decides under which names the mock answers, and what pages of other sites may do.
package origin

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// A page of any site can have its name point to a loopback address and then ask the mock as its own server (DNS rebinding).
// The Host header tells: it holds the name of that site. So a request that comes to a loopback address is answered under
// a loopback name, or one that the options allow, and under no other.

// Socket tells to what kind of address a request came.
type Socket int

// The kinds of addresses.
const (
	noSocket       Socket = iota // the handler was called by a program, without a connection
	loopbackSocket               // programs of this machine alone reach it
	OpenSocket                   // others may reach it
)

// SocketOf tells to what kind of address a request came. A connection within the program, such as a pipe, counts as none.
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

// Hosts are the names under which a mock answers beside the loopback names, in the form that hostName gives them.
type Hosts map[string]bool

// NewHosts reads the names that the options allow.
func NewHosts(exposed bool, allowed []string) (Hosts, error) {
	made := Hosts{}
	if exposed {
		made["0.0.0.0"], made["::"] = true, true // they lead to this machine, and no name server has a say in it
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

// bracketed returns an IPv6 address as a Host header has it; any other text stays, but a port makes it invalid.
func bracketed(host string) string {
	if address, err := netip.ParseAddr(host); err == nil && address.Is6() {
		return "[" + host + "]"
	}
	if strings.Contains(host, ":") {
		return ""
	}
	return host
}

// Admit tells whether the value of a Host header is a loopback name or an allowed one.
func (h Hosts) Allows(host string) bool {
	name, valid := hostName(host)
	return valid && (isLoopbackName(name) || h[name])
}

// hostLetters are those of a name of a host in lower case.
const hostLetters = "abcdefghijklmnopqrstuvwxyz0123456789-._"

// hostName returns the name or the address in a Host header: in lower case, without port, brackets and the dot that ends a full
// name. The second result is false where the header is neither.
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

// isLoopbackName tells whether a name in the form of hostName stands for this machine wherever it is looked up.
func isLoopbackName(name string) bool {
	if name == "localhost" {
		return true
	}
	if label, found := strings.CutSuffix(name, ".localhost"); found {
		return label != "" && strings.Trim(label, hostLetters) == ""
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Zone() == "" && address.Unmap().IsLoopback()
}

// isLoopbackHost tells whether a host, with or without a port, is a loopback address or a name for one.
func isLoopbackHost(host string) bool { return Hosts(nil).Allows(host) }

// IsMisdirected tells whether a request came to a loopback address under a name that is not of this machine. A request without a
// Host comes from a simple client, such as a probe that speaks HTTP/1.0: every browser sends one.
func (h Hosts) IsMisdirected(r *http.Request) bool {
	return r.Host != "" && SocketOf(r) == loopbackSocket && !h.Allows(r.Host)
}
