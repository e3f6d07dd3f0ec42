package mockserver

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of a port of a session.
const (
	portHeaderLimit = 10 * time.Second // for a client to send its headers
	portStopLimit   = time.Second      // for running requests when the session ends
)

// listenOnLoopback serves the session of a port on the loopback interface.
func listenOnLoopback(handler http.Handler) (root string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: portHeaderLimit, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go func() { _ = server.Serve(listener) }() // it always ends with an error, here the one of Shutdown
	return "http://" + listener.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), portStopLimit)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // it is going away in any case
		}
	}, nil
}
