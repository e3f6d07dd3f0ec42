package contract

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/leak"
)

const (
	requestTimeout = 10 * time.Second
	// maxAnswer bounds what is read of one answer: no answer of this API is near it.
	maxAnswer = 8 << 20
	// longestPause is how long a Retry-After may ask to wait.
	longestPause = 5 * time.Second
)

var errTrailing = errors.New("something follows the JSON value")

// principal says who sends a request.
type principal string

const (
	engineer principal = "engineer"
	viewer   principal = "viewer"
	other    principal = "other"
	nobody   principal = "nobody"
)

func itoa(n int) string { return strconv.Itoa(n) }

// send sends the request that e describes and fills in what came back. Every byte of the answer is searched for
// every secret sent so far.
func (s *session) send(e *exchange, scope string, edit func(*http.Request)) {
	e.scope = scope
	s.sendOnce(e, edit)
	if pause, asked := retryAfter(e); asked {
		select {
		case <-time.After(pause):
			s.sendOnce(e, edit)
		case <-s.ctx.Done():
		}
	}
	s.search(e, scope)
	s.noteSecretMembers(e)
	s.record(e)
}

// retryAfter tells how long a busy target asks to wait. It is honoured once.
func retryAfter(e *exchange) (time.Duration, bool) {
	if e.status != http.StatusTooManyRequests && e.status != http.StatusServiceUnavailable {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(e.header.Get("Retry-After"), 64)
	if err != nil || seconds < 0 {
		return 0, false
	}
	pause := time.Duration(seconds * float64(time.Second))
	return pause, pause <= longestPause
}

func (s *session) sendOnce(e *exchange, edit func(*http.Request)) {
	ctx, cancel := context.WithTimeout(s.ctx, requestTimeout)
	defer cancel()
	e.status, e.header, e.body, e.value, e.notJSON, e.failure, e.leaks = 0, nil, nil, nil, nil, nil, nil
	started := time.Now()
	defer func() { e.duration = time.Since(started) }()
	request, err := http.NewRequestWithContext(ctx, e.method, s.base+e.path, bytes.NewReader(e.sent))
	if err != nil {
		e.failure = errors.New("the request cannot be built: the target's URL or an id of its answers does not fit into one")
		return
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "credmock")
	// An empty entry is not sent, and tells net/http to try again when an idle connection turns out to be closed.
	request.Header["X-Idempotency-Key"] = nil
	if token := s.tokens[e.principal]; token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.mediaType != "" {
		request.Header.Set("Content-Type", e.mediaType)
	}
	if edit != nil {
		edit(request)
	}
	s.requests.Add(1)
	response, err := s.client.Do(request)
	s.noteConnection(err)
	if err != nil {
		e.failure = plainError(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		e.failure = fmt.Errorf("the answer broke off: %w", plainError(err))
		return
	}
	e.status, e.header, e.body = response.StatusCode, response.Header, inflate(response.Header, body)
	if name := response.Trailer; len(name) > 0 {
		e.header = e.header.Clone()
		for key, values := range name {
			e.header[key] = append(e.header[key], values...)
		}
	}
	e.header.Set(":status", response.Status)
	e.decode()
}

// plainError drops the URL, which may hold an id or a token, from an error of net/http, and the port of this side, which
// is another for every request.
func plainError(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Source != nil {
		plain := *operation
		plain.Source = nil
		return &plain
	}
	if unwrapped := errors.Unwrap(err); unwrapped != nil && strings.Contains(err.Error(), "://") {
		return unwrapped
	}
	return err
}

// inflate undoes a compression that was not asked for, so that nothing can hide in it.
func inflate(header http.Header, body []byte) []byte {
	if !strings.EqualFold(header.Get("Content-Encoding"), "gzip") {
		return body
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(io.LimitReader(reader, maxAnswer))
	if err != nil {
		return body
	}
	return plain
}

// search looks for secrets in everything that came back.
func (s *session) search(e *exchange, scope string) {
	if e.status == 0 {
		return
	}
	for _, part := range s.fresh(e.parts()) {
		for _, sighting := range s.detector.Scan(part.text, scope) {
			e.leaks = append(e.leaks, located{sighting, part.place})
		}
	}
}

type part struct{ place, text string }

// longAnswer is how long a body must be for what was in it before the run to be worth leaving out.
const longAnswer = 16 << 10

// fresh leaves out of a long body what the list held before anything was sent: a target may hold thousands of
// credentials of others, which cannot hold a secret of this run.
func (s *session) fresh(parts []part) []part {
	if body := parts[0]; len(body.text) > longAnswer && len(s.known) > 0 {
		var rest strings.Builder
		for segment := range strings.SplitAfterSeq(body.text, "}") {
			if !s.known[segment] {
				rest.WriteString(segment)
			}
		}
		parts[0].text = rest.String()
	}
	return parts
}

// segmentsOf cuts a text at every brace that closes, which no secret of a run has in it.
func segmentsOf(text string) map[string]bool {
	segments := map[string]bool{}
	for segment := range strings.SplitAfterSeq(text, "}") {
		segments[segment] = true
	}
	return segments
}

// parts returns the answer as named texts: the body, and each header.
func (e *exchange) parts() []part {
	list := []part{{"body", string(e.body)}}
	names := make([]string, 0, len(e.header))
	for name := range e.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		place := "header " + name
		if name == ":status" {
			place = "status line"
		}
		list = append(list, part{place, name + ": " + strings.Join(e.header[name], ", ")})
	}
	return list
}

// locate names the member of the body that holds the sighted secret, as a JSON pointer, or the part of the answer.
func (s *session) locate(e *exchange, found located, scope string) string {
	if found.place != "body" || e.value == nil {
		return found.place
	}
	pointer := "body"
	visit(e.value, "", func(at string, value any) {
		text, isText := value.(string)
		if !isText || pointer != "body" {
			return
		}
		for _, sighting := range s.detector.Scan(text, scope) {
			if sighting.Secret == found.Secret {
				pointer = s.safePointer(at)
			}
		}
	})
	return pointer
}

// safePointer drops a pointer that holds a secret itself, in the name of a member.
func (s *session) safePointer(pointer string) string {
	if len(s.detector.Scan(pointer)) > 0 {
		return "body"
	}
	return pointer
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// visit calls see for every value in a decoded body, outermost first.
func visit(value any, pointer string, see func(pointer string, value any)) {
	see(pointer, value)
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			visit(inner, pointer+"/"+pointerEscapes.Replace(name), see)
		}
	case []any:
		for i, inner := range value {
			visit(inner, pointer+"/"+itoa(i), see)
		}
	}
}

// remember makes a secret one to look for.
func (s *session) remember(label, scope, value string) {
	s.detector.Add(leak.Secret{Label: label, Scope: scope}, value)
}
