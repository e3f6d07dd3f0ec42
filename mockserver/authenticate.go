package mockserver

import (
	"net/http"
	"strings"
)

// authenticate finds out who asks. It looks at one header alone, so its refusal says nothing of a body.
func authenticate(c *call) *reply {
	if c.route.guarded {
		return admitOperator(c)
	}
	if c.route.Public {
		return nil
	}
	who, known := c.bearer()
	switch {
	case known:
		c.principal = who
		return nil
	case who.known:
		return expiredToken()
	}
	return refuse(http.StatusUnauthorized, "unauthorized", "Send a known bearer token in the Authorization header, as in \"Authorization: Bearer TOKEN\".")
}

func expiredToken() *reply {
	return refuse(http.StatusUnauthorized, "unauthorized", "The bearer token has expired; ask for another one.")
}

// bearer returns who the token of a request stands for. It may have expired, and then the second result is false.
func (c *call) bearer() (principal, bool) {
	sent := c.Header["Authorization"]
	if len(sent) != 1 {
		return principal{}, false
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return principal{}, false
	}
	token = strings.TrimLeft(token, " ")
	who, known := c.model.lasting.find(token)
	if !known {
		who, known = c.session.tokens.find(token, c.session.clock.now)
	}
	if who.published && socketOf(c.Request) == openSocket {
		return principal{}, false
	}
	return who, known
}

// authorize refuses a viewer who writes: only an engineer may change something.
func authorize(c *call) *reply {
	if c.route.Public || !c.route.writes() || c.principal.engineer {
		return nil
	}
	return refuse(http.StatusForbidden, "forbidden", "This token may read and not write; writing needs the engineer role.")
}
