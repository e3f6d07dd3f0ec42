package engine

import (
	"net/http"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// header sets a header of the next request. The empty value leaves a header out that would be sent.
func (s *scene) header(ts *testscript.TestScript, _ bool, arguments []string) {
	name, value := http.CanonicalHeaderKey(arguments[0]), arguments[1]
	if slices.Contains([]string{"Authorization", "Proxy-Authorization", "Cookie"}, name) {
		s.secrets.Learn(value)
		if _, credentials, found := strings.Cut(value, " "); found {
			s.secrets.Learn(credentials)
		}
	}
	if !isToken(name) {
		ts.Fatalf("usage: header NAME VALUE, such as: header Content-Type text/plain")
	}
	if strings.ContainsFunc(value, isControl) {
		ts.Fatalf("the value of %s has a control character, which no header may have", bound.Brief(name))
	}
	if reason := refusedHeader(name, value); reason != "" {
		ts.Fatalf("header %s is refused: %s", name, reason)
	}
	s.nextHeader[name] = []string{value}
}

// isToken tells whether a text can be the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	})
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// refusedHeader says why a header cannot be sent as it is asked for; "" where it can. The client of net/http takes these headers out
// of what it is given, or writes them itself.
func refusedHeader(name, value string) string {
	switch {
	case name == "Content-Length":
		return "the client sends the length of the body, and no other"
	case name == "Trailer":
		return "a script sends no trailers"
	case name == "Transfer-Encoding" && value != "" && !strings.EqualFold(value, "chunked"):
		return "it may be chunked and nothing else"
	case name == "Host" && value == "":
		return "every request of HTTP/1.1 has one; give another name instead"
	case name == "Host" && strings.ContainsAny(value, " /\\?#@,"):
		return "a host has a name or an address, and a port where wanted"
	case name == "Accept-Encoding" && value == "":
		return "the client asks for gzip by itself; give identity instead"
	}
	return ""
}

// apply gives the headers of a script to a request. Those that net/http does not read from a header map are fields of the request.
func apply(header http.Header, request *http.Request) {
	if host := header.Get("Host"); host != "" {
		request.Host = host
	}
	if header.Get("Transfer-Encoding") != "" {
		request.TransferEncoding, request.ContentLength = []string{"chunked"}, -1
	}
	request.Header = header
	// An empty entry is not sent, and lets net/http send again where an idle connection turns out to be closed.
	request.Header["X-Idempotency-Key"] = nil
}

func (s *scene) token(ts *testscript.TestScript, _ bool, arguments []string) {
	name := arguments[0]
	if token, known := s.principals[name]; known && token == "" {
		s.stage.Skip("it needs --" + name + "-token")
	}
	if _, known := s.principals[name]; !known && name != nobody {
		if meant := s.nearestPrincipal(name); meant != "" {
			ts.Fatalf("%s is no principal; did you mean %s? A token that looks like that is sent with: header Authorization 'Bearer …'",
				bound.Brief(name), meant)
		}
		s.secrets.Learn(name)
	}
	s.nextToken = name
}

// nearestPrincipal returns the principal that a mistyped name means; "" for a token. A third of the letters may be wrong.
func (s *scene) nearestPrincipal(name string) string {
	for _, token := range s.principals {
		if token == name {
			return ""
		}
	}
	for _, principal := range []string{engineer, viewer, other, nobody} {
		if spelling.Distance(strings.ToLower(strings.TrimSpace(name)), principal) <= len(principal)/3 {
			return principal
		}
	}
	return ""
}
