package serve

import (
	"net/http"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/origin"
)

// authenticate finds the principal of a request. It reads only the Authorization header, so its refusal says nothing
// about a body.
func authenticate(c *Call) *Reply {
	if c.Route.guarded {
		return AdmitOperator(c)
	}
	if c.Route.Public {
		return nil
	}
	principal, known := c.bearer()
	switch {
	case known:
		c.Principal = principal
		return nil
	case principal.Known:
		return expiredToken()
	}
	return Refuse(http.StatusUnauthorized, "unauthorized",
		"Send a known bearer token in the Authorization header, as in \"Authorization: Bearer TOKEN\".")
}

func expiredToken() *Reply {
	return Refuse(http.StatusUnauthorized, "unauthorized", "The bearer token has expired; ask for another one.")
}

// bearer returns the principal of the request's bearer token. The second result is false if the token is unknown, in
// which case the principal is the zero value, or if it has expired.
func (c *Call) bearer() (model.Principal, bool) {
	sent := c.Header["Authorization"]
	if len(sent) != 1 {
		return model.Principal{}, false
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return model.Principal{}, false
	}
	token = strings.TrimLeft(token, " ")
	principal, known := c.Model.StaticTokens.Find(token)
	if !known {
		principal, known = c.Session.Tokens.Find(token, c.Session.Clock.Now)
	}
	if principal.Published && origin.SocketOf(c.Request) == origin.OpenSocket {
		return model.Principal{}, false
	}
	return principal, known
}

// authorize refuses a write by a viewer: only engineers may write.
func authorize(c *Call) *Reply {
	if c.Route.Public || !c.Route.writes() || c.Principal.Engineer {
		return nil
	}
	return Refuse(http.StatusForbidden, "forbidden", "This token may read and not write; writing needs the engineer role.")
}
