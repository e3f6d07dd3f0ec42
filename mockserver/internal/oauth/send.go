package oauth

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"

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
		held := c.Session.Grants.Received(credential.ID)
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
		answer, refusal := a.sendToken(c, credential, described)
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

// sendToken sends the request and reads the answer. An endpoint that does not answer is a result and not an error.
func (a *Authorizer) sendToken(c *serve.Call, credential *store.Record, described *tokenRequest) (map[string]any, *serve.Reply) {
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
		c.Session.Grants.Receive(credential.ID, read.refresh)
	}
	if differences := a.heard.of(peer); differences != nil {
		read.shown["differences"] = textTree(differences)
	}
	return read.shown, nil
}

// textTree returns texts as a JSON array.
func textTree(texts []string) []any {
	listed := make([]any, len(texts))
	for i, text := range texts {
		listed[i] = text
	}
	return listed
}
