// Command credentials is a small implementation of the auth-credential API. It shares no code with the mock, and keeps
// everything in memory. Its tests show how the conformance suite judges it (see conformance_test.go).
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	// The default is loopback, because everybody knows the demonstration tokens.
	address := flag.String("addr", "127.0.0.1:8118", "address to listen on")
	var with habits
	flag.DurationVar(&with.lag, "lag", 0, "how far a read may lag behind a write")
	flag.StringVar(&with.strategy, "strategy", "", "the only strategy to offer; all by default")
	flag.IntVar(&with.perSecond, "limit", 0, "requests per second before a bare 429; 0 for no limit")
	flag.Parse()
	if err := serve(*address, with); err != nil {
		fmt.Fprintln(os.Stderr, "credentials:", err)
		os.Exit(1)
	}
}

func serve(address string, with habits) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s/platform\n", listener.Addr())
	implementation := newServer(demonstration)
	implementation.habits = with
	server := &http.Server{Handler: implementation, ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}
