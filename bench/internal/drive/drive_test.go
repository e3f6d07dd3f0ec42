package drive

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
)

func TestSkim(t *testing.T) {
	const next, chunks = "HTTP/1.1 204", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, test := range map[string]struct {
		answer string
		status int
		size   int64
		fails  bool
	}{
		"length":                {answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, size: 5},
		"length in lower case":  {answer: "HTTP/1.1 400 Bad Request\r\ncontent-length:2\r\n\r\n{}", status: 400, size: 2},
		"no body":               {answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", status: 404},
		"chunks":                {answer: chunks + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", status: 200, size: 13},
		"trailers":              {answer: chunks + "1\r\na\r\n0\r\nX: y\r\n\r\n", status: 200, size: 1},
		"no length":             {answer: "HTTP/1.1 200 OK\r\n\r\n", fails: true},
		"cut":                   {answer: "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhello", fails: true},
		"length is no number":   {answer: "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", fails: true},
		"chunk is no number":    {answer: chunks + "-3\r\nabc\r\n", fails: true},
		"status is no number":   {answer: "HTTP/1.1 2xx OK\r\n\r\n", fails: true},
		"another protocol":      {answer: "SSH-2.0-OpenSSH_9.2\r\n", fails: true},
		"no answer":             {fails: true},
		"a line without an end": {answer: "HTTP/1.1 200 OK", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			after := next
			if test.fails {
				after = ""
			}
			reader := bufio.NewReader(iotest.OneByteReader(strings.NewReader(test.answer + after)))
			status, size, err := skim(reader)
			if (err != nil) != test.fails || status != test.status && !test.fails || size != test.size && !test.fails {
				t.Fatalf("status %d, size %d, %v", status, size, err)
			}
			if rest, _ := io.ReadAll(reader); !test.fails && string(rest) != next {
				t.Errorf("%q is left of the next answer", rest)
			}
		})
	}
}

const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

func any200(status int) bool { return status == 200 }

func load(t *testing.T, handler http.HandlerFunc) Load {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return Load{Address: server.Listener.Addr().String(), Connections: 4, Source: Repeat([]byte(request)), Wanted: any200}
}

// The driver counts as many requests as the server gets, over as many connections as it has.
func TestRunCountsRequests(t *testing.T) {
	var asked atomic.Int64
	given := load(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Write([]byte("12345"))
	})
	given.Source, given.WarmUp = Limit(given.Source, 104), true
	turn, err := Run(t.Context(), given)
	if err != nil || turn.Requests != 100 || turn.Bytes != 500 || asked.Load() != 104 || turn.Elapsed <= 0 {
		t.Errorf("%+v, %v; the server was asked %d times", turn, err, asked.Load())
	}
}

// A turn ends with its time. Each connection has an answer then, and the last ones count, too.
func TestRunEndsWithItsTime(t *testing.T) {
	var asked atomic.Int64
	given := load(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1) })
	given.Time = time.Nanosecond
	given.CPU = func() (time.Duration, error) { return time.Duration(asked.Load()), nil }
	turn, err := Run(t.Context(), given)
	if err != nil || turn.Requests < given.Connections || turn.Requests != int(asked.Load()) || turn.CPU != time.Duration(turn.Requests) {
		t.Errorf("%+v, %v; the server was asked %d times", turn, err, asked.Load())
	}
}

func TestRunWithoutRequests(t *testing.T) {
	given := load(t, func(w http.ResponseWriter, r *http.Request) {})
	given.Source = Once(nil)
	if _, err := Run(t.Context(), given); err == nil {
		t.Error("nothing was measured")
	}
}

func TestRunReportsUnwantedStatus(t *testing.T) {
	given := load(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	var status StatusError
	if _, err := Run(t.Context(), given); !errors.As(err, &status) || status != http.StatusTeapot {
		t.Error(err)
	}
}

// An interrupted turn ends although the server does not answer.
func TestRunIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	given := load(t, func(w http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if _, err := Run(ctx, given); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	both := [][]byte{[]byte("a"), []byte("b")}
	for name, test := range map[string]struct {
		source Source
		want   string
	}{
		"repeat": {Repeat(both[0]), "aaaaa"}, "rotate": {Rotate(both), "ababa"},
		"once": {Once(both), "ab"}, "limit": {Limit(Rotate(both), 3), "aba"},
	} {
		got := ""
		for range 5 {
			got += string(test.source())
		}
		if got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
