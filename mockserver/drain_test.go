package mockserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// dialed is a connection of a client that writes by hand.
type dialed struct {
	net.Conn
	t      *testing.T
	answer *bufio.Reader
}

func dial(t *testing.T, mock *mocktest.API) *dialed {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(mock.At(""), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &dialed{conn, t, bufio.NewReader(conn)}
}

// status reads one answer to its end and returns its status.
func (d *dialed) status() int {
	d.t.Helper()
	answer, err := http.ReadResponse(d.answer, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		d.t.Fatal(err)
	}
	return answer.StatusCode
}

const pathOfCreate = "/platform/v1/authcredentials"

// A client that writes its whole body before it reads gets its refusal, and may go on with the connection.
func TestRefusedBodiesAreReadToTheirEnd(t *testing.T) {
	mock := mocktest.Start(t)
	for name, row := range map[string]struct {
		header string
		size   int
		status int
	}{
		"a body that is too large": {"Authorization: Bearer dev-token\r\nContent-Type: application/json\r\n", 8 << 20, 413},
		"an unknown token":         {"Authorization: Bearer wrong\r\nContent-Type: application/json\r\n", 4 << 20, 401},
		"another media type":       {"Authorization: Bearer dev-token\r\nContent-Type: text/plain\r\n", 4 << 20, 415},
		"a viewer":                 {"Authorization: Bearer viewer-token\r\nContent-Type: application/json\r\n", 4 << 20, 403},
		"a Host that is not local": {"Authorization: Bearer dev-token\r\nX-Host: evil.example\r\n", 4 << 20, 421},
		"chunks that are too many": {"Authorization: Bearer dev-token\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
			3 << 20, 413},
		"a body of the admin surface's": {"Origin: https://evil.example\r\n", 2 << 20, 403},
	} {
		t.Run(name, func(t *testing.T) {
			client, host, path := dial(t, mock), "127.0.0.1", pathOfCreate
			if strings.Contains(row.header, "X-Host") {
				host = "evil.example"
			}
			if strings.Contains(row.header, "Origin") {
				path = "/__admin/reset"
			}
			body := strings.Repeat("x", row.size)
			if strings.Contains(row.header, "chunked") {
				body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
			} else {
				row.header += fmt.Sprintf("Content-Length: %d\r\n", len(body))
			}
			for range 2 {
				if _, err := io.WriteString(client, "POST "+path+" HTTP/1.1\r\nHost: "+host+"\r\n"+row.header+"\r\n"+body); err != nil {
					t.Fatalf("the connection broke while the body was sent: %v", err)
				}
				if got := client.status(); got != row.status {
					t.Errorf("status %d", got)
				}
			}
		})
	}
}

// The client of Go gets its refusals too, each of ten times.
func TestGoClientReadsItsRefusal(t *testing.T) {
	mock := mocktest.Start(t)
	for range 10 {
		for token, want := range map[string]int{"Bearer dev-token": 413, "Bearer wrong": 401} {
			header := http.Header{"Authorization": {token}, "Content-Type": {"application/json"}}
			if got := mock.Obtain("POST", mock.URL+"/v1/authcredentials", header, strings.Repeat("x", 1<<20+1)); got.Status != want {
				t.Errorf("status %d, want %d", got.Status, want)
			}
		}
	}
}

// A refusal does not wait for a body that comes late or never, and nobody is asked for one.
func TestRefusalsComeBeforeTheBody(t *testing.T) {
	mock := mocktest.Start(t)
	for _, header := range []string{"Content-Length: 1000000\r\n\r\n{", "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"} {
		client := dial(t, mock)
		if _, err := io.WriteString(client, "POST "+pathOfCreate+" HTTP/1.1\r\nHost: 127.0.0.1\r\n"+header); err != nil {
			t.Fatal(err)
		}
		if got := client.status(); got != 401 {
			t.Errorf("%q: status %d", header, got)
		}
	}
}

// The rest of a refused body is bounded, in bytes and in time.
func TestDrainsAreBounded(t *testing.T) {
	patient, impatient := mocktest.Start(t), mocktest.Start(t)
	mockserver.DrainFor(impatient.Server, 50*time.Millisecond)
	begin := func(mock *mocktest.API) *dialed {
		client, head := dial(t, mock), "POST "+pathOfCreate+" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999999\r\n\r\n"
		if _, err := io.WriteString(client, head); err != nil {
			t.Fatal(err)
		}
		return client
	}
	endless := begin(patient)
	piece, sent := make([]byte, 1<<20), 0
	for sent < 1<<30 {
		written, err := endless.Write(piece)
		if sent += written; err != nil {
			break
		}
	}
	if sent < 64<<20 || sent >= 1<<30 {
		t.Errorf("%d bytes are taken of a body that does not end", sent)
	}
	slow := begin(impatient)
	if got := slow.status(); got != 401 {
		t.Errorf("status %d", got)
	}
	if _, err := slow.answer.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the connection of a client that sends nothing does not end: %v", err)
	}
}

// deadlines notes the deadlines of a connection.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(limit time.Time) error {
	d.set = append(d.set, limit)
	return nil
}

// The time to read a body that only the journal needs does not bound the reply: a list may take longer.
func TestUnusedBodiesLeaveNoDeadline(t *testing.T) {
	mock := mocktest.Start(t)
	for body, reads := range map[string]int{"": 0, "a body that a GET does not need": 2} {
		seen := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		request := httptest.NewRequest(http.MethodGet, "/platform/v1/authcredentials/strategies", strings.NewReader(body))
		mock.Server.ServeHTTP(seen, request)
		if len(seen.set) != reads || reads > 0 && !seen.set[reads-1].IsZero() {
			t.Errorf("body %q: deadlines %v", body, seen.set)
		}
	}
}
