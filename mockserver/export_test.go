package mockserver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Create creates a credential without a network connection.
func Create(s *Server, body string) {
	request := httptest.NewRequest(http.MethodPost, "/platform/v1/authcredentials", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(httptest.NewRecorder(), request)
}

// Fork creates a session, takes a snapshot of it and restores the snapshot.
func Fork(s *Server) {
	made := s.sessions.Fork(s.sessions.Root, "x", nil)
	made.TakeSnapshot("a")
	made.RestoreSnapshot("a")
	made.End()
}

// Pause replaces the function that waits.
func Pause(s *Server, pause func(time.Duration)) {
	s.mock.Pause = func(_ context.Context, delay time.Duration) { pause(delay) }
}

// PauseNever makes every delay return at once.
func PauseNever(s *Server) { Pause(s, func(time.Duration) {}) }

// DrainFor sets how long the rest of a body is read after the reply.
func DrainFor(s *Server, limit time.Duration) { s.mock.DrainTime = limit }

// NoteClient remembers that a client used a session, and SessionOf returns it.
func NoteClient(s *Server, address, session string) { s.sessions.NoteClient(address, "", session) }

func SessionOf(s *Server, address string) string { return s.sessions.SessionOf(address, "") }
