package mockserver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Create creates a credential without the network.
func Create(s *Server, body string) {
	request := httptest.NewRequest(http.MethodPost, "/platform/v1/authcredentials", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(httptest.NewRecorder(), request)
}

// Fork makes a session, a snapshot of it, and leads it back to that.
func Fork(s *Server) {
	made := s.sessions.Fork(s.sessions.Root, "x", nil)
	made.TakeSnapshot("a")
	made.RestoreSnapshot("a")
	made.End()
}

// Pause puts another function in the place of the one that waits.
func Pause(s *Server, pause func(time.Duration)) {
	s.mock.Pause = func(_ context.Context, delay time.Duration) { pause(delay) }
}

// PauseNever lets nobody wait.
func PauseNever(s *Server) { Pause(s, func(time.Duration) {}) }
