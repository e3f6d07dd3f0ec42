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

// Direct sends a request to a mock without a network connection and returns the number of bytes allocated, including those
// freed.
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

// Gate is a body whose rest is sent once Open is closed.
type Gate struct {
	First   io.Reader
	Reached chan struct{}
	Open    chan struct{}
}

// Read returns the first part at once and blocks before the end.
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

// Discarded is a response writer that keeps only the status and the length.
type Discarded struct {
	header http.Header
	Status int
	To     io.Writer
	Length int
}

// Header returns the response headers.
func (d *Discarded) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

// WriteHeader records the status.
func (d *Discarded) WriteHeader(status int) { d.Status = status }

// Write passes text on to the writer To.
func (d *Discarded) Write(text []byte) (int, error) {
	d.Length += len(text)
	return d.To.Write(text)
}
