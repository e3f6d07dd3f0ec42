package oauth

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
	"github.com/credmock/credmock/mockserver/internal/workload"
)

// describeToken shows the token request that a credential describes, and sends it if the query requests that.
func (a *Authorizer) describeToken(c *serve.Call) *serve.Reply {
	credential := c.Session.Store.Get(store.ResourceCredential, c.Parameter)
	if credential == nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "There is no credential of this id.")
	}
	form := c.VariantOf(credential)
	if refusal := checkTokenQuery(c.Query, form.Request); refusal != nil {
		return refusal
	}
	var given workload.Subject
	accepted := any(&given)
	if form.Request != model.RequestExchange {
		accepted = &struct{}{}
	}
	if refusal := c.Instructions(accepted); refusal != nil {
		return refusal
	}
	settings := form.SettingsOf(credential)
	order, refusal := outbound.OrderOf(c, settings)
	if refusal != nil {
		return refusal
	}
	switch form.Request {
	case model.RequestOAuth:
		return a.describeFields(c, settings, order)
	case model.RequestAssertion:
		return a.describeAssertion(c, settings, order)
	case model.RequestExchange:
		return a.workload.Describe(c, settings, given, order)
	case model.RequestSignature:
		return noTokenRequest("The strategy of this credential describes no token request: it signs each request, and signed-request shows that.")
	}
	return noTokenRequest("The strategy of this credential describes no token request.")
}

func noTokenRequest(reason string) *serve.Reply {
	return serve.Refuse(http.StatusUnprocessableEntity, "no-token-request", reason)
}

// tokenQuery has the values that the parameters of the query may have, for each kind of requests.
var tokenQuery = map[string]map[string][]string{
	model.RequestOAuth: {"grant": {"first", "refresh"}, "basic": {"raw", "encoded"}},
	model.RequestAssertion: {
		"grant": {"first"}, "alg": {"RS384", "ES384"}, "jku": {"true", "false"},
	},
}

// checkTokenQuery rejects unknown parameters and values, which would otherwise have no effect.
func checkTokenQuery(query url.Values, kind string) *serve.Reply {
	for name, values := range query {
		allowed := tokenQuery[kind][name]
		switch {
		case name == "send" || name == "deliver":
			allowed = []string{"true", "false"}
		case name == "grant" && allowed == nil:
			allowed = []string{"first"}
		}
		if len(values) != 1 || !slices.Contains(allowed, values[0]) {
			return serve.Refuse(http.StatusBadRequest, "unknown-query", "The query may have send=true and deliver=true, with fields of OAuth also "+
				"grant=refresh and basic=encoded, with a signed assertion also alg=ES384 and jku=true, and nothing else.")
		}
	}
	return nil
}

// describeFields shows and sends a request that has nothing but fields of the credential.
func (a *Authorizer) describeFields(c *serve.Call, credential *model.Settings, order outbound.Order) *serve.Reply {
	want := demand{encoded: c.Query.Get("basic") == "encoded"}
	if c.Query.Get("grant") == "refresh" {
		held := c.Session.Grants.Received(credential.ID, serverOf(credential))
		if want.refresh = &held; held == "" {
			held = outbound.Masked // a request is shown without a refresh token
		}
		if order.Send && held == outbound.Masked {
			return serve.Refuse(http.StatusConflict, "no-refresh-token",
				"There is no refresh token yet: send the first request, to an endpoint that answers with one.")
		}
	}
	described, reason := tokenRequestOf(credential, want)
	if reason != "" {
		return noTokenRequest(reason)
	}
	return a.answerDescribed(c, credential, described, want.refresh, order)
}

// answerDescribed shows a request and, if it is sent, its answer.
func (a *Authorizer) answerDescribed(
	c *serve.Call, credential *model.Settings, described *tokenRequest, refresh *string, order outbound.Order,
) *serve.Reply {
	shown := described.shown(c)
	if order.Send {
		read, refusal := a.sendToken(c, credential, described, refresh)
		if refusal != nil {
			return refusal
		}
		outbound.Answered(shown, read.shown)
		a.sender.GoOn(c, order, read.access, shown)
	}
	return serve.JSON(http.StatusOK, shown)
}

// Fetch requests a token as a credential says, in the way of its strategy. The problems say why there is none.
func (a *Authorizer) Fetch(c *serve.Call, credential *model.Settings) (token string, problems []string, refusal *serve.Reply) {
	var described *tokenRequest
	reason := ""
	switch credential.Variant.Request {
	case model.RequestExchange:
		return a.workload.Fetch(c, credential)
	case model.RequestAssertion:
		described, reason = a.assertionRequest(c, credential, jwa.RS384(), nil)
	default:
		described, reason = tokenRequestOf(credential, demand{})
	}
	if reason != "" {
		return "", []string{reason}, nil
	}
	read, refusal := a.sendToken(c, credential, described, nil)
	if refusal != nil {
		return "", nil, refusal
	}
	return read.access, outbound.TokenProblems(read.shown), nil
}

// sendToken sends the request, which may be a refresh, and reads the answer. An endpoint that does not answer is a result and
// not an error.
func (a *Authorizer) sendToken(
	c *serve.Call, credential *model.Settings, described *tokenRequest, refresh *string,
) (*tokenAnswer, *serve.Reply) {
	ctx, cancel := outbound.Context(c)
	defer cancel()
	request, err := described.request(ctx)
	if err != nil {
		return nil, noTokenRequest("The request cannot be made of these fields.")
	}
	var read *tokenAnswer
	found, fault, refusal := a.sender.Send(request, outbound.AtTokenEndpoint, func(response *http.Response) {
		read = readTokenAnswer(credential, described, response, c.Session.Clock.Now())
	})
	if read == nil {
		return &tokenAnswer{shown: map[string]any{"fault": fault}}, refusal
	}
	if read.access != "" {
		c.Model.Secrets.Add(read.access)
	}
	if read.refresh != "" {
		c.Model.Secrets.Add(read.refresh)
		c.Session.Grants.Receive(credential.ID, serverOf(credential), read.refresh)
	} else if refresh != nil && read.shown["error"] == invalidGrant {
		c.Session.Grants.Forget(credential.ID, *refresh)
	}
	found.Show(read.shown)
	return read, nil
}

// holderOf returns the client to which a credential's refresh token belongs.
func holderOf(credential *model.Settings) string {
	return credential.Strategy + "\x00" + credential.Text(roleClientID)
}

// serverOf returns the client and the origin of the server to which a refresh token belongs. It is sent to no other server.
func serverOf(credential *model.Settings) string {
	target, err := url.Parse(credential.Text(roleURL))
	if err != nil {
		return holderOf(credential) // there is no request
	}
	scheme := strings.ToLower(target.Scheme)
	port := cmp.Or(target.Port(), map[string]string{"http": "80", "https": "443"}[scheme])
	return strings.Join([]string{holderOf(credential), scheme, strings.ToLower(target.Hostname()), port}, "\x00")
}
