// Command credentials is a small auth-credential API of its own make: it shares no code with the mock, and shows how an
// implementation is held to the contract by the conformance suite (see conformance_test.go). It keeps everything in
// memory.
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
	// Loopback by default: the demonstration tokens are no secret.
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
