package mocktest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// Direct asks a mock without the network, and returns how much memory that took, all that was freed again included.
func Direct(t *testing.T, mock http.Handler, w http.ResponseWriter, method, path, body string) uint64 {
	t.Helper()
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mock.ServeHTTP(w, request)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// New returns a mock that does not listen.
func New(t *testing.T, options mockserver.Options) *mockserver.Server {
	t.Helper()
	mock, err := mockserver.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return mock
}

// Gate is a body whose rest comes when somebody says so.
type Gate struct {
	First   io.Reader
	Reached chan struct{}
	Open    chan struct{}
}

// Read reads the first part, and waits before the end.
func (g *Gate) Read(into []byte) (int, error) {
	if read, err := g.First.Read(into); err == nil {
		return read, nil
	}
	select {
	case g.Reached <- struct{}{}:
	default:
	}
	<-g.Open
	return 0, io.EOF
}

// Discarded is an answer that is not kept.
type Discarded struct {
	header http.Header
	Status int
	To     io.Writer
	Length int
}

// Header returns the headers.
func (d *Discarded) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

// WriteHeader notes the status.
func (d *Discarded) WriteHeader(status int) { d.Status = status }

// Write passes a text on.
func (d *Discarded) Write(text []byte) (int, error) {
	d.Length += len(text)
	return d.To.Write(text)
}
