package command

import (
	"net"
	"net/http"

	"github.com/credmock/credmock/contract/mutants"
)

// isExposed tells whether an address can be reached from other machines. Of one that cannot be listened on, listen says so.
func isExposed(address string) bool {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	return err == nil && !resolved.IP.IsLoopback()
}

// holds tells whether a listener is on loopback where that was said of its address: a name may lead elsewhere the next time.
func (l *listener) holds(exposed bool) bool {
	at, isTCP := l.door.Addr().(*net.TCPAddr)
	return exposed || isTCP && at.IP.IsLoopback()
}

// brokenServers returns the broken servers of the catalogue by name, for a fault to put before the mock.
func brokenServers() map[string]func(http.Handler) http.Handler {
	broken := map[string]func(http.Handler) http.Handler{}
	for _, mutant := range mutants.All() {
		if !mutant.Sound {
			broken[mutant.Name] = mutant.Wrap
		}
	}
	return broken
}
