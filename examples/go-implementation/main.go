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
	flag.Parse()
	if err := serve(*address); err != nil {
		fmt.Fprintln(os.Stderr, "credentials:", err)
		os.Exit(1)
	}
}

func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s/platform\n", listener.Addr())
	server := &http.Server{Handler: newServer(demonstration), ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}
