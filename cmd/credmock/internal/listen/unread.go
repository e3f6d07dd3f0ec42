package listen

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/credmock/credmock/internal/view"
)

// unread are the answers to requests that do not reach the mock, for the HTTP server cannot read them, by status.
var unread = map[int]struct{ code, message string }{
	http.StatusBadRequest: {"malformed-request", "The request is not HTTP: its first line, its path, a header or its Host is malformed, or " +
		"it comes without TLS to a port that needs TLS. A percent sign in a path needs two hex digits."},
	http.StatusExpectationFailed: {"expectation-failed", "The header Expect may be 100-continue and nothing else."},
	http.StatusRequestHeaderFieldsTooLarge: {"headers-too-large", fmt.Sprintf("The headers of a request may have %d KiB together.",
		mostHeaders>>10)},
	http.StatusNotImplemented:          {"unknown-transfer-coding", "The header Transfer-Encoding may be chunked and nothing else."},
	http.StatusHTTPVersionNotSupported: {"unsupported-version", "Send the request as HTTP/1.1."},
}

// answer returns the answer to send instead of the HTTP server's own, or nil if that is sent, as within TLS.
func (a *acceptor) answer(status int) []byte {
	own, known := unread[status]
	if !known {
		return nil
	}
	body := append([]byte(`{"meta":`), view.AppendValue(nil, map[string]any{"version": a.version})...)
	body = append(append(body, `,"errors":`...), view.AppendValue(nil, []any{map[string]any{"code": own.code, "message": own.message}})...)
	body = append(body, "}\n"...)
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nX-Content-Type-Options: "+
		"nosniff\r\nX-Frame-Options: DENY\r\n"+
		"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: "+
		"same-origin\r\n"+
		"Connection: close\r\nContent-Length: %d\r\n\r\n", status, http.StatusText(status), len(body))
	return append([]byte(head), body...)
}

// statusOf reads the status of an answer; 0 where it cannot be read.
func statusOf(answer []byte) int {
	first, _, _ := bytes.Cut(answer, []byte("\r\n"))
	parts := bytes.Fields(first)
	if len(parts) < 2 || !bytes.HasPrefix(first, []byte("HTTP/1.")) {
		return 0
	}
	status, err := strconv.Atoi(string(parts[1]))
	if err != nil {
		return 0
	}
	return status
}

// The events before a request reaches the mock. No text of a client is part of them.
const (
	tooManyConnections = "a connection is refused, for there are as many as there may be"
	failedHandshake    = "a TLS handshake fails"
	failedHandler      = "a handler fails"
	failedAccept       = "a connection cannot be accepted"
	otherComplaint     = "the HTTP server complains"
)

func unreadBecause(status int) string {
	if own, known := unread[status]; known {
		return fmt.Sprintf("a request cannot be read: %d %s", status, own.code)
	}
	return "a request cannot be read"
}

// complaints are the beginnings of the HTTP server's log lines. The rest of a line may hold text of a client, so it is dropped.
var complaints = []struct{ begins, what string }{
	{"http: TLS handshake error", failedHandshake}, {"http: panic serving", failedHandler}, {"http: Accept error", failedAccept},
}

// tally counts the events before the mock and logs each kind: at once, then at most every tellEvery, and at the end. The HTTP server
// logs to it, too.
type tally struct {
	logger *slog.Logger
	now    func() time.Time

	mutex sync.Mutex
	kinds map[string]*count
}

// count is how often something happened.
type count struct {
	all, untold int
	told        time.Time
}

// tellEvery is how much time is between two lines of one kind.
const tellEvery = 5 * time.Second

func newTally(logger *slog.Logger) *tally {
	return &tally{logger: logger, now: time.Now, kinds: map[string]*count{}}
}

func (t *tally) add(what string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	kind := t.kinds[what]
	if kind == nil {
		kind = &count{}
		t.kinds[what] = kind
	}
	kind.all++
	kind.untold++
	if now := t.now(); now.Sub(kind.told) >= tellEvery {
		t.Tell(what, kind)
		kind.told = now
	}
}

func (t *tally) Tell(what string, kind *count) {
	t.logger.Warn("not answered by the mock", slog.String("what", what), slog.Int("count", kind.untold), slog.Int("all", kind.all))
	kind.untold = 0
}

// finish logs the counts that are not logged yet.
func (t *tally) finish() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for what, kind := range t.kinds {
		if kind.untold > 0 {
			t.Tell(what, kind)
		}
	}
}

// Write takes a line of the HTTP server's log.
func (t *tally) Write(line []byte) (int, error) {
	what := otherComplaint
	for _, complaint := range complaints {
		if bytes.HasPrefix(line, []byte(complaint.begins)) {
			what = complaint.what
		}
	}
	t.add(what)
	return len(line), nil
}
