package har

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// bodyLimit bounds how much of a body is recorded.
	bodyLimit = 256 << 10
	// totalLimit bounds the bodies of a recording.
	totalLimit = 64 << 20
	// entriesLimit bounds the entries of a recording.
	entriesLimit = 50_000
)

// Recorder is a transport that keeps what it sends and receives. It is safe for concurrent use.
type Recorder struct {
	next http.RoundTripper

	mutex   sync.Mutex
	taken   []*exchange
	room    int // for further bytes of bodies
	dropped int // entries beyond the limit
}

// exchange is a request and its answer, not yet masked.
type exchange struct {
	started, answered, ended time.Time
	request                  *http.Request
	sent, received           []byte
	cutSent, cutReceived     bool
	response                 *http.Response
	failed                   bool // no answer came, or it broke off
	size                     int  // of the whole answer
}

// Record returns a recorder before a transport.
func Record(next http.RoundTripper) *Recorder { return &Recorder{next: next, room: totalLimit} }

// RoundTrip sends the request and records it with its answer.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	one := r.begin(request)
	response, err := r.next.RoundTrip(request)
	if one == nil {
		return response, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	one.answered, one.ended = time.Now(), time.Now()
	if one.failed = err != nil; err != nil {
		return response, err
	}
	one.response = &http.Response{Status: response.Status, StatusCode: response.StatusCode, Proto: response.Proto,
		Header: response.Header.Clone()}
	response.Body = &tee{response.Body, r, one}
	return response, nil
}

// begin records a request; nil beyond the limit.
func (r *Recorder) begin(request *http.Request) *exchange {
	one := &exchange{started: time.Now(), request: request.Clone(request.Context())}
	var body []byte
	whole := true
	if request.GetBody != nil {
		if text, err := request.GetBody(); err == nil {
			body, err = io.ReadAll(io.LimitReader(text, bodyLimit+1))
			whole = err == nil && len(body) <= bodyLimit
		}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.taken) == entriesLimit {
		r.dropped++
		return nil
	}
	if one.cutSent = !whole || len(body) > r.room; !one.cutSent {
		one.sent = body
		r.room -= len(body)
	}
	r.taken = append(r.taken, one)
	return one
}

// tee records a body while it is read.
type tee struct {
	io.ReadCloser
	recorder *Recorder
	into     *exchange
}

// Read reads from the body.
func (t *tee) Read(text []byte) (int, error) {
	n, err := t.ReadCloser.Read(text)
	t.recorder.mutex.Lock()
	defer t.recorder.mutex.Unlock()
	one := t.into
	one.size, one.ended = one.size+n, time.Now()
	one.failed = one.failed || err != nil && err != io.EOF
	if one.size > bodyLimit || n > t.recorder.room {
		one.cutReceived = true
	}
	if !one.cutReceived {
		one.received = append(one.received, bytes.Clone(text[:n])...)
		t.recorder.room -= n
	}
	return n, err
}
