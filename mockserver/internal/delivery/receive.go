package delivery

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/oauth"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/workload"
)

// Routes returns the route of the receiver.
func (d *Courier) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(serve.AnyMethod, outbound.ReceiverPath, serve.DeliveryID, d.receive).Recorded(),
	}
}

// receive accepts a request if it proves itself as the credential of its destination says.
func (d *Courier) receive(c *serve.Call) *serve.Reply {
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return refusal
	}
	c.KeepText(read.Text)
	if c.Target.Record = outbound.Destination(c, c.Parameter); c.Target.Record == nil {
		return d.refuse(c, nil, http.StatusNotFound, "not-found", "There is no destination of this id.")
	}
	answer := map[string]any{"destination": c.Target.Record.ID, "received": true}
	credential := outbound.CredentialOf(c, c.Target.Record)
	if credential == nil {
		answer["checked"] = "nothing, for the destination uses no credential"
		return &serve.Reply{Status: http.StatusOK, Bare: answer}
	}
	answer["credential"] = credential.ID
	switch {
	case credential.Variant.Request == model.RequestSignature:
		if reason := d.signer.Check(c, credential, string(read.Text)); reason != "" {
			return d.refuse(c, credential, http.StatusForbidden, "wrong-signature", reason)
		}
		answer["checked"] = "signature"
	case oauth.DescribesToken(credential.Variant):
		if reason := checkBearer(c, credential); reason != "" {
			refusal := d.refuse(c, credential, http.StatusUnauthorized, "wrong-token", reason)
			refusal.Challenge = `Bearer realm="credmock", error="invalid_token"`
			return refusal
		}
		answer["checked"] = "bearer token"
	default:
		answer["checked"] = "nothing, for the strategy of the credential describes no request"
	}
	return &serve.Reply{Status: http.StatusOK, Bare: answer}
}

// refuse rejects a request, and records the reason if the mock itself sent the request.
func (d *Courier) refuse(c *serve.Call, credential *model.Settings, status int, code, reason string) *serve.Reply {
	found := &outbound.Verdict{Differences: []string{reason}}
	if credential != nil {
		found.Credential = credential.ID
	}
	return d.sender.Refuse(c, found, serve.Refuse(status, code, reason))
}

// checkBearer returns why a request has no bearer token that the mock issued for a credential; empty if it has one.
func checkBearer(c *serve.Call, credential *model.Settings) string {
	sent := c.Header.Values("Authorization")
	if len(sent) != 1 {
		return "There must be one Authorization header, with a bearer token."
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "The scheme of the Authorization header must be Bearer."
	}
	access, known := c.Session.Accesses.Find(strings.TrimLeft(token, " "))
	switch {
	case !known:
		return "The bearer token is none that a token server of this session gave out."
	case !slices.Contains(access.Credentials, credential.ID):
		return "The bearer token was given out for another credential than that of the destination."
	case !c.Session.Clock.Now().Before(access.Expires):
		return "The bearer token is expired" + c.Session.Clock.Remark() + "."
	case access.Exchanged && workload.Impersonates(credential):
		return "The bearer token is that of the token exchange, and the credential goes on to a service account."
	}
	return ""
}
