// Package delivery verifies a destination by delivering a request to it, and has a receiver of such requests.
package delivery

import (
	"net/http"
	"slices"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/oauth"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/sigv4"
)

// Courier delivers requests to destinations, and receives them.
type Courier struct {
	sender     *outbound.Sender
	authorizer *oauth.Authorizer
	signer     *sigv4.Signer
}

// New returns a courier that sends requests with a sender, with tokens of an authorizer or signatures of a signer.
func New(sender *outbound.Sender, authorizer *oauth.Authorizer, signer *sigv4.Signer) *Courier {
	return &Courier{sender: sender, authorizer: authorizer, signer: signer}
}

// Actions returns the operations that deliver, by x-resource and x-action.
func (d *Courier) Actions() map[string]serve.Action {
	return map[string]serve.Action{"destination verify": d.verify}
}

// The codes of the reasons why a destination is not verified.
const (
	noToken      = "no-token"
	notDelivered = "not-delivered"
)

// verify answers with the destination. If the session delivers, it first delivers a request with the credential of the destination.
// A request that the mock itself sent delivers nothing, so that no destination is its own.
func (d *Courier) verify(c *serve.Call) *serve.Reply {
	answer := serve.ShowOne(c.Route.Kind, c.Route.Status, c.Target.Record)
	if !c.Session.Deliver.Load() || d.sender.IsOwn(c) {
		return answer
	}
	readOn(c)
	code, problems, refusal := d.deliver(c)
	if refusal != nil {
		refusal.Status = refusedStatus(c.Route)
		return refusal
	}
	if len(problems) == 0 {
		return answer
	}
	violations := make([]view.Violation, len(problems))
	for i, problem := range problems {
		violations[i] = view.Violation{Code: code, Message: problem}
	}
	return &serve.Reply{Status: refusedStatus(c.Route), Violations: violations}
}

// readOn reads the body of a request, which means nothing. The server notices the end of a connection only after the body.
func readOn(c *serve.Call) {
	read := serve.Borrow()
	defer read.Release()
	if read.Fill(c, serve.BodyLimit) == nil {
		c.KeepText(read.Text)
	}
}

// refusedStatus returns the status for a destination that is not verified: the first that the document describes.
func refusedStatus(r *serve.Route) int {
	statuses := []int{http.StatusConflict, http.StatusBadRequest}
	if at := slices.IndexFunc(statuses, func(status int) bool { return r.AnswerSchema(status) != nil }); at >= 0 {
		return statuses[at]
	}
	return http.StatusForbidden
}

// deliver sends a request to the destination of a call. The problems say why it was not delivered; the refusal is that of the sender.
func (d *Courier) deliver(c *serve.Call) (code string, problems []string, refusal *serve.Reply) {
	address, reason := outbound.DestinationURL(c, c.Target.Record)
	if reason != "" {
		return notDelivered, []string{reason}, nil
	}
	credential := outbound.CredentialOf(c, c.Target.Record)
	if credential != nil && credential.Variant.Request == model.RequestSignature {
		answer, refusal := d.signer.Deliver(c, credential, address)
		return notDelivered, outbound.Problems(answer), refusal
	}
	token := ""
	if credential != nil && oauth.DescribesToken(credential.Variant) {
		if token, problems, refusal = d.authorizer.Fetch(c, credential); refusal != nil || len(problems) > 0 {
			return noToken, problems, refusal
		}
	}
	answer, refusal := d.sender.Deliver(c, address, token)
	return notDelivered, outbound.Problems(answer), refusal
}
