package oauth

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// describeToken shows the token request that a credential describes, and sends it if the query requests that.
func (a *Authorizer) describeToken(c *serve.Call) *serve.Reply {
	credential := c.Session.Store.Get(store.ResourceCredential, c.Parameter)
	if credential == nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "There is no credential of this id.")
	}
	query := c.Query
	if refusal := checkTokenQuery(query); refusal != nil {
		return refusal
	}
	send := query.Get("send") == "true"
	var refresh *string
	if query.Get("grant") == "refresh" {
		held := c.Session.Grants.Received(credential.ID, serverOf(credential))
		if refresh = &held; held == "" {
			held = string(censor.MaskText) // a request is shown without a refresh token
		}
		if send && held == string(censor.MaskText) {
			return serve.Refuse(http.StatusConflict, "no-refresh-token",
				"There is no refresh token yet: send the first request, to an endpoint that answers with one.")
		}
	}
	described, reason := tokenRequestOf(credential, c.VariantOf(credential), refresh)
	if reason != "" {
		return serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", reason)
	}
	shown := described.shown()
	if send {
		answer, refusal := a.sendToken(c, credential, described, refresh)
		if refusal != nil {
			return refusal
		}
		shown["answer"] = answer
	}
	return serve.JSON(http.StatusOK, shown)
}

// checkTokenQuery rejects unknown parameters and values, which would otherwise have no effect.
func checkTokenQuery(query url.Values) *serve.Reply {
	for name, values := range query {
		allowed := map[string][]string{"send": {"true", "false"}, "grant": {"first", "refresh"}}[name]
		if len(values) != 1 || !slices.Contains(allowed, values[0]) {
			return serve.Refuse(http.StatusBadRequest, "unknown-query", "The query may have send=true and grant=refresh, and nothing else.")
		}
	}
	return nil
}

// sendToken sends the request, which may be a refresh, and reads the answer. An endpoint that does not answer is a result and
// not an error.
func (a *Authorizer) sendToken(
	c *serve.Call, credential *store.Record, described *tokenRequest, refresh *string,
) (map[string]any, *serve.Reply) {
	ctx, cancel := context.WithTimeout(c.Context(), exchangeLimit)
	defer cancel()
	peer, forget := "", func() {}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		peer = info.Conn.LocalAddr().String()
		forget = a.heard.expect(peer)
	}})
	defer func() { forget() }()
	request, err := described.request(ctx)
	if err != nil {
		return nil, serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", "The request cannot be made of these fields.")
	}
	response, err := finalanswer.Do(a.client(request.URL.Hostname()), request)
	if err != nil {
		return map[string]any{"fault": outboundError(err, request.URL)}, outboundRefusal(err)
	}
	defer response.Body.Close()
	read := readTokenAnswer(credential, described, response, c.Session.Clock.Now())
	if read.refresh != "" {
		c.Model.Secrets.Add(read.refresh)
		c.Session.Grants.Receive(credential.ID, serverOf(credential), read.refresh)
	} else if refresh != nil && read.shown["error"] == invalidGrant {
		c.Session.Grants.Forget(credential.ID, *refresh)
	}
	if found := a.heard.of(peer); found != nil {
		read.shown["differences"] = textTree(found.differences)
		if found.credential != nil {
			read.shown["credential"] = found.credential.ID
		}
	}
	return read.shown, nil
}

// holderOf returns the client to which a credential's refresh token belongs.
func holderOf(credential *store.Record) string {
	return credential.Strategy + "\x00" + setting(credential, fieldClientID)
}

// serverOf returns the client and the origin of the server to which a refresh token belongs. It is sent to no other server.
func serverOf(credential *store.Record) string {
	target, err := url.Parse(setting(credential, fieldURL))
	if err != nil {
		return holderOf(credential) // there is no request
	}
	scheme := strings.ToLower(target.Scheme)
	port := cmp.Or(target.Port(), map[string]string{"http": "80", "https": "443"}[scheme])
	return strings.Join([]string{holderOf(credential), scheme, strings.ToLower(target.Hostname()), port}, "\x00")
}

// textTree returns texts as a JSON array.
func textTree(texts []string) []any {
	listed := make([]any, len(texts))
	for i, text := range texts {
		listed[i] = text
	}
	return listed
}

// heard holds the verdicts of the mock's own authorization server on requests that the mock sends. A request is identified by
// the local address of its connection. Another server with a similar URL therefore never adds a verdict, and no content of an
// answer has to be trusted.
type heard struct {
	mutex  sync.Mutex
	byPeer map[string]*verdict
}

// expect registers the local address of one of the mock's own connections. The returned function removes it.
func (h *heard) expect(peer string) (forget func()) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.byPeer == nil {
		h.byPeer = map[string]*verdict{}
	}
	h.byPeer[peer] = nil
	return func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.byPeer, peer)
	}
}

// note records the verdict on a request if the mock sent it over this connection.
func (h *heard) note(peer string, found *verdict) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if _, own := h.byPeer[peer]; own {
		h.byPeer[peer] = found
	}
}

// of returns the verdict recorded for a connection, or nil.
func (h *heard) of(peer string) *verdict {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.byPeer[peer]
}
