package main

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

const (
	bodyLimit = 1 << 20
	version   = "1.0"
)

// action is one operation. It returns the payload of a success, or a problem.
type action func(r *http.Request, who account) (object, *problem)

// success is the body of a success.
type success struct {
	Payload object `json:"payload"`
	Meta    meta   `json:"meta"`
}

type meta struct {
	RequestID string `json:"requestId"`
	Version   string `json:"version"`
}

// handle serves an action to callers with a valid token.
func (s *server) handle(method, path string, do action) {
	s.mux.HandleFunc(method+" "+base+path, func(w http.ResponseWriter, r *http.Request) {
		request := newRequestID()
		who, known := s.tenancy.authenticate(r)
		if !known {
			w.Header().Set("WWW-Authenticate", `Bearer realm="credentials"`)
			refuse(w, request, newProblem(http.StatusUnauthorized, "A valid bearer token is needed."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		payload, objection := do(r, who)
		if objection != nil {
			refuse(w, request, objection)
			return
		}
		reply(w, http.StatusOK, "application/json", success{payload, meta{RequestID: request, Version: version}})
	})
}

func newRequestID() string { return "req_" + rand.Text() }

// onlyEngineers returns an action that refuses callers without the engineer role.
func onlyEngineers(do action) action {
	return func(r *http.Request, who account) (object, *problem) {
		if !who.engineer {
			return nil, newProblem(http.StatusForbidden, "Only an engineer may change credentials.")
		}
		return do(r, who)
	}
}

func refuse(w http.ResponseWriter, request string, objection *problem) {
	objection.Meta = meta{RequestID: request, Version: version}
	reply(w, objection.Status, "application/problem+json", objection)
}

func reply(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}

// readBody reads one JSON object and nothing after it.
func readBody(r *http.Request) (object, *problem) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "A body must be application/json.")
	}
	written, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, unreadable(err)
	}
	var body object
	// Unmarshal replaces invalid UTF-8, and so would change a secret silently.
	if !utf8.Valid(written) || json.Unmarshal(written, &body) != nil || body == nil {
		return nil, newProblem(http.StatusBadRequest, "The body must be one JSON object in UTF-8.")
	}
	return body, nil
}
