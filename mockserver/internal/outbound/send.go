package outbound

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptrace"
	"sync"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// UserAgent names the mock to other servers.
const UserAgent = "credmock"

// Sender sends requests to loopback addresses and to the allowed hosts.
type Sender struct {
	hosts   []string
	trusted *x509.CertPool
	heard   heard
}

// New returns a sender that may call loopback addresses and the given hosts. It trusts the given certificate authorities, or those of
// the system if the pool is nil.
func New(hosts []string, trusted *x509.CertPool) *Sender {
	return &Sender{hosts: hosts, trusted: trusted}
}

// Send sends a request to an endpoint, such as a token endpoint, and calls read with the response. A server that does not answer is a
// result and not an error: the fault then says why. The verdict is nil unless the mock itself answered.
func (s *Sender) Send(
	request *http.Request, endpoint string, read func(*http.Response),
) (found *Verdict, fault string, refusal *serve.Reply) {
	peer, forget := "", func() {}
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		peer = info.Conn.LocalAddr().String()
		forget = s.heard.expect(peer)
	}})
	defer func() { forget() }()
	response, err := finalanswer.Do(s.client(request.URL.Hostname()), request.WithContext(ctx))
	if err != nil {
		return nil, outboundError(err, endpoint, request.URL), outboundRefusal(err)
	}
	defer response.Body.Close()
	read(response)
	return s.heard.of(peer), "", nil
}

// Context returns a context for one exchange on behalf of a request.
func Context(c *serve.Call) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), ExchangeLimit)
}

// Verdict says how a request differs from the one that a credential describes.
type Verdict struct {
	Credential  string   // id of the closest credential; may be empty
	Differences []string // without values
}

// Show adds a verdict to the description of an answer.
func (v *Verdict) Show(shown map[string]any) {
	if v == nil {
		return
	}
	shown["differences"] = Texts(v.Differences)
	if v.Credential != "" {
		shown["credential"] = v.Credential
	}
}

// Texts returns texts as a JSON array.
func Texts(texts []string) []any {
	listed := make([]any, len(texts))
	for i, text := range texts {
		listed[i] = text
	}
	return listed
}

// heard holds the verdicts of the mock's own servers on requests that the mock sends. A request is identified by the local address
// of its connection. Another server with a similar URL therefore never adds a verdict, and no content of an answer has to be trusted.
type heard struct {
	mutex  sync.Mutex
	byPeer map[string]*Verdict
}

// expect registers the local address of one of the mock's own connections. The returned function removes it.
func (h *heard) expect(peer string) (forget func()) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.byPeer == nil {
		h.byPeer = map[string]*Verdict{}
	}
	h.byPeer[peer] = nil
	return func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.byPeer, peer)
	}
}

// note records the verdict on a request if the mock sent it over this connection.
func (h *heard) note(peer string, found *Verdict) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if _, own := h.byPeer[peer]; own {
		h.byPeer[peer] = found
	}
}

// of returns the verdict recorded for a connection, or nil.
func (h *heard) of(peer string) *Verdict {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.byPeer[peer]
}

// IsOwn reports whether the mock itself sent the request of a call.
func (s *Sender) IsOwn(c *serve.Call) bool {
	s.heard.mutex.Lock()
	defer s.heard.mutex.Unlock()
	_, own := s.heard.byPeer[c.RemoteAddr]
	return own
}
