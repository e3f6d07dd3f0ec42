package target

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

// The tokens of the three principals: unlike anything that a program prints of itself.
const (
	engineerToken = "attack-engineer-q7Zk2mVx9TfLw4Rb"
	viewerToken   = "attack-viewer-n3Hs8dYc6GpJu1Ea"
	otherToken    = "attack-other-b5Wq0oXi2KvNz7Me"
)

// Server is a running hostile server.
type Server struct {
	URL string // the base of the API

	kind    Kind
	small   bool // sizes and times are those of a short run
	spec    *credmock.Spec
	mock    http.Handler
	witness *witness // of what was sent
	socket  net.Listener
	foreign net.Listener // another host, which redirects lead to
	ctx     context.Context
	end     context.CancelFunc
	served  atomic.Int64
	wait    sync.WaitGroup

	mutex       sync.Mutex
	connections map[net.Conn]bool
}

// Start runs a server of a kind before a fresh mock.
func Start(ctx context.Context, kind Kind, small bool) (*Server, error) {
	mock, err := mockserver.New(mockserver.Options{
		Tokens: []string{engineerToken}, ViewerToken: viewerToken, OtherToken: otherToken, Seed: 1, Journal: 1,
	})
	if err != nil {
		return nil, err
	}
	s := &Server{kind: kind, small: small, spec: credmock.Default(), mock: mock, witness: newWitness(), connections: map[net.Conn]bool{}}
	s.ctx, s.end = context.WithCancel(ctx)
	if s.socket, err = listen(s.ctx); err != nil {
		return nil, err
	}
	if s.foreign, err = listen(s.ctx); err != nil {
		return nil, err
	}
	scheme := "http"
	if kind.scheme != "" {
		scheme = kind.scheme
	}
	s.URL = scheme + "://" + s.socket.Addr().String() + s.spec.BasePath()
	s.accept(s.socket, s.converse)
	s.accept(s.foreign, s.observe)
	return s, nil
}

func listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

// Close ends the server and every connection to it.
func (s *Server) Close() {
	s.end()
	_ = s.socket.Close()
	_ = s.foreign.Close()
	s.mutex.Lock()
	for connection := range s.connections {
		_ = connection.Close()
	}
	s.mutex.Unlock()
	s.wait.Wait()
}

func (s *Server) accept(socket net.Listener, serve func(net.Conn)) {
	s.wait.Go(func() {
		for {
			connection, err := socket.Accept()
			if err != nil {
				return
			}
			s.wait.Go(func() {
				defer connection.Close()
				if s.enter(connection) {
					serve(connection)
					s.leave(connection)
				}
			})
		}
	})
}

func (s *Server) enter(connection net.Conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.connections[connection] = true
	return true
}

func (s *Server) leave(connection net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.connections, connection)
}

// converse answers the requests of a connection, one after the other.
func (s *Server) converse(connection net.Conn) {
	if s.kind.meet != nil {
		s.kind.meet(&meeting{Server: s, conn: connection})
		return
	}
	reader := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		sent, err := io.ReadAll(io.LimitReader(request.Body, 4<<20))
		if err != nil {
			return
		}
		s.witness.note(request, sent)
		e := &exchange{Server: s, conn: connection, request: request, sent: sent, nth: s.served.Add(1)}
		e.pass()
		s.kind.bend(e)
		if !e.written {
			e.send()
		}
		if e.closing {
			return
		}
	}
}

// observe is the other host: it notes what a client that followed a redirect brought along.
func (s *Server) observe(connection net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(connection))
	if err != nil {
		return
	}
	sent, _ := io.ReadAll(io.LimitReader(request.Body, 4<<20))
	s.witness.stray(request, sent)
	_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
}

// size is how large something is made, in a short run and in a long one.
func (s *Server) size(short, long int) int {
	if s.small {
		return short
	}
	return long
}

// pause waits, and tells whether the server is still wanted.
func (s *Server) pause(length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// meeting is a connection from which nothing was read.
type meeting struct {
	*Server
	conn net.Conn
}

// hold keeps the connection open until the client or the server goes.
func (m *meeting) hold() { _, _ = io.Copy(io.Discard, m.conn) }

// exchange is one request and the answer that the mock gave, on its way to be bent.
type exchange struct {
	*Server
	conn    net.Conn
	request *http.Request
	sent    []byte
	nth     int64

	proto    string
	status   int
	reason   string
	header   http.Header
	lines    []string // further header lines, written as they are
	text     []byte
	trailers []string // lines after the last chunk
	written  bool     // the kind wrote an answer itself
	closing  bool     // the connection ends after this answer
}

// pass lets the mock answer.
func (e *exchange) pass() {
	asked, err := http.NewRequestWithContext(e.ctx, e.request.Method, "http://127.0.0.1"+e.unbent(e.request.RequestURI),
		bytes.NewReader(e.sent))
	if err != nil {
		e.proto, e.status, e.reason, e.header, e.text = "HTTP/1.1", http.StatusBadRequest, "Bad Request", http.Header{}, []byte("{}")
		return
	}
	asked.Header, asked.RemoteAddr = e.request.Header.Clone(), "127.0.0.1:1"
	recorder := httptest.NewRecorder()
	e.mock.ServeHTTP(recorder, asked)
	e.proto, e.status, e.reason = "HTTP/1.1", recorder.Code, http.StatusText(recorder.Code)
	e.header, e.text = recorder.Header().Clone(), recorder.Body.Bytes()
}

// unbent takes out of a path what an id was given beside its own text.
func (e *exchange) unbent(path string) string {
	if e.kind.Name != "" && strings.Contains(path, url.PathEscape(idPrefix(e.kind.Name, e.small))) {
		return strings.ReplaceAll(path, url.PathEscape(idPrefix(e.kind.Name, e.small)), "")
	}
	return path
}

// head encodes everything before the body.
func (e *exchange) head() []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %d %s\r\n", e.proto, e.status, e.reason)
	for name, values := range e.header {
		for _, value := range values {
			fmt.Fprintf(&head, "%s: %s\r\n", name, value)
		}
	}
	for _, line := range e.lines {
		head.WriteString(line + "\r\n")
	}
	return head.Bytes()
}

// send writes the answer in good order, in one chunk where it has trailers.
func (e *exchange) send() {
	e.written = true
	hasBody := e.request.Method != http.MethodHead && e.status != http.StatusNoContent && e.status != http.StatusNotModified && e.status >= 200
	if len(e.trailers) > 0 && hasBody {
		e.write(e.head(), "Transfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n", len(e.text)), e.text, "\r\n0\r\n")
		for _, line := range e.trailers {
			e.write(line + "\r\n")
		}
		e.write("\r\n")
		return
	}
	e.write(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text)))
	if hasBody {
		e.write(e.text)
	}
}

// write writes pieces, and tells whether the client took them.
func (e *exchange) write(pieces ...any) bool {
	e.written = true
	for _, piece := range pieces {
		var err error
		switch piece := piece.(type) {
		case string:
			_, err = io.WriteString(e.conn, piece)
		case []byte:
			_, err = e.conn.Write(piece)
		}
		if err != nil {
			e.closing = true
			return false
		}
	}
	return true
}

// hold keeps the connection open until the client goes.
func (e *exchange) hold() {
	_, _ = io.Copy(io.Discard, e.conn)
	e.closing = true
}

// hangUp ends the connection.
func (e *exchange) hangUp() { e.written, e.closing = true, true }

// reset ends the connection so that the client's system says that it was reset.
func (e *exchange) reset() {
	if plain, isTCP := e.conn.(*net.TCPConn); isTCP {
		_ = plain.SetLinger(0)
	}
	e.hangUp()
}
