package engine

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// answer is what came back for one request.
type answer struct {
	method, path string
	statusLine   string
	status       int
	header       http.Header
	body         []byte

	decoded bool
	value   any
	values  int   // in value
	fault   error // why the body is not a JSON value
}

// json returns the body as a JSON value.
func (a *answer) json() (any, error) {
	if !a.decoded {
		a.decoded = true
		a.value, a.values, a.fault = ordered.DecodeCounting(a.body)
	}
	return a.value, a.fault
}

// raw is the answer as text: status line, headers and trailers, body.
func (a *answer) raw() string {
	var text strings.Builder
	text.WriteString(a.statusLine + "\n")
	_ = a.header.Write(&text) // a strings.Builder takes everything
	text.WriteString("\n")
	text.Write(a.body)
	return text.String()
}

func (a *answer) String() string {
	return fmt.Sprintf("%s %s %d", a.method, bound.Brief(a.path), a.status)
}

func (s *scene) request(ts *testscript.TestScript, _ bool, arguments []string) {
	method, path := arguments[0], arguments[1]
	if method != strings.ToUpper(method) {
		ts.Fatalf("the method %s is written %s", bound.Brief(method), bound.Brief(strings.ToUpper(method)))
	}
	if !strings.HasPrefix(path, "/") {
		ts.Fatalf("the path %s must begin with /; it stands below the base URL, as in /v1/authcredentials", bound.Brief(path))
	}
	if s.base == "" {
		s.startMock(ts, nil)
	}
	body := ""
	if len(arguments) == 3 {
		body = s.expand(ts, arguments[2], s.readFile(ts, arguments[2]))
		s.learnSecrets(body)
		s.checkBounds(ts)
	}
	if strings.Contains(path, "#") {
		ts.Fatalf("the path %s has a #, and no client sends what follows it; write it as %%23", bound.Brief(path))
	}
	principal := s.nextToken
	if _, other := s.nextHeader["Authorization"]; other {
		principal = ""
	}
	header := s.nextHeaders(len(arguments) == 3)
	answer, err := s.send(s.ctx, method, path, header, body)
	var unsendable *unsendableError
	switch {
	case errors.As(err, &unsendable):
		ts.Fatalf("%s %s cannot be sent: %s", method, bound.Brief(path), bound.Brief(unsendable.reason))
	case err != nil:
		s.unanswered = true
		s.leaveUnanswered(method, path, err)
		ts.Fatalf("%s %s got no answer that can be judged: %s", method, bound.Brief(path),
			bound.Brief(cmp.Or(finalanswer.Distrust(err), unwrapURL(err).Error())))
	}
	s.remember(answer, header.Get("Authorization"))
	if _, err := answer.json(); errors.Is(err, ordered.ErrTooMany) {
		s.unanswered = true
		ts.Fatalf("%s %s got no answer that can be judged: %v", method, bound.Brief(path), err)
	}
	s.endIfRefused(ts, principal, answer)
	s.last = answer
	if err := s.learnToken(answer); err != nil {
		ts.Fatalf("%s: %v", answer, err)
	}
	s.show(ts, answer)
}

// nextHeaders returns the headers of the next request, and clears the settings for it.
func (s *scene) nextHeaders(body bool) http.Header {
	header := http.Header{"Accept": {"application/json"}}
	if body {
		header.Set("Content-Type", "application/json")
	}
	token, known := s.principals[s.nextToken]
	if !known {
		token = s.nextToken
	}
	if s.nextToken != nobody {
		header.Set("Authorization", "Bearer "+token)
	}
	for name, values := range s.nextHeader {
		if header[name] = values; values[0] == "" {
			delete(header, name)
		}
	}
	s.nextHeader, s.nextToken = http.Header{}, engineer
	return header
}

// show writes the answer to the transcript. The secrets that it may hold are masked here by name, so that short
// ones are hidden too; the rest is masked with the whole transcript.
func (s *scene) show(ts *testscript.TestScript, answer *answer) {
	if s.lastShown = ""; s.shown > bound.ShownTotal {
		ts.Logf("%s\n… (the transcript is long enough)", answer)
		return
	}
	const enough = 2 * bound.ShownLimit // so that no masked text is cut in two
	text, whole := foreign.FirstBytes(string(answer.body[:min(len(answer.body), enough)]), enough), len(answer.body) <= enough
	if value, err := answer.json(); err == nil {
		text, whole = ordered.Indented(value, enough, s.spec.Secrets())
		text = foreign.Text(text).JSON()
	}
	if !whole || len(text) > bound.ShownLimit {
		text = s.secrets.MaskPrefix(text, bound.ShownLimit) + "…"
	}
	s.shown += len(text)
	s.lastShown = text
	ts.Logf("%s\n%s", answer, text)
}
