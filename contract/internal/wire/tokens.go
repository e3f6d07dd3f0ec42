package wire

import (
	"context"
	"fmt"
	"net/http"

	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/foreign"
)

// holders returns the holders of the tokens. Each token is looked for in answers from its first use on.
func (c *Client) holders(tokens map[Principal]string, sources map[Principal]bearer.Source) map[Principal]*bearer.Holder {
	all := map[Principal]*bearer.Holder{}
	for _, who := range []Principal{Engineer, Viewer, Other} {
		if tokens[who] == "" && sources[who] == nil {
			continue
		}
		all[who] = bearer.New(tokens[who], sources[who], func(token string) {
			if IsDistinct(token) {
				c.LookFor(TokenLabel, "token of "+string(who), token)
			}
		})
	}
	return all
}

// Has tells whether a principal has a token.
func (c *Client) Has(who Principal) bool { return c.tokens[who] != nil }

// Token returns the current token of a principal, or "".
func (c *Client) Token(who Principal) string { return c.tokens[who].Current() }

// IsToken tells whether a text is or was the token of anybody.
func (c *Client) IsToken(text string) bool {
	for _, holder := range c.tokens {
		if holder.Had(text) {
			return true
		}
	}
	return false
}

// FetchTokens gets the first token of each principal. The error says whose token there is none of.
func (c *Client) FetchTokens(ctx context.Context) error {
	for _, who := range []Principal{Engineer, Viewer, Other} {
		if _, err := c.tokens[who].Token(ctx); err != nil {
			return &tokenError{who, err}
		}
	}
	return nil
}

// tokenError says that a principal has no token, and why.
type tokenError struct {
	who Principal
	why error
}

func (e *tokenError) Error() string {
	return fmt.Sprintf("there is no token for the %s: %s", e.who, foreign.Text(e.why.Error()).Short())
}

// sendWithToken sends the request with the current token of its principal, and again with another one if the target refuses that
// token. A refusal of a fresh token is the target's answer.
func (c *Client) sendWithToken(ctx context.Context, e *Exchange, scope string, edit func(*http.Request)) {
	var leaks []Leak // of refusals before the last answer
	sent := false
	err := c.tokens[e.Principal].Send(ctx, func(token string) (refused bool) {
		if sent {
			c.search(ctx, e, scope)
			leaks = append(leaks, e.Leaks...)
		}
		sent = true
		c.sendOnce(ctx, e, token, edit)
		return e.carried && e.Failure == nil && e.Status == http.StatusUnauthorized
	})
	switch {
	case err != nil && !sent:
		e.Forget()
		e.Failure, e.Unsent = &tokenError{e.Principal, err}, true
	case err != nil:
		e.MarkUnread("is 401, and %s", (&tokenError{e.Principal, err}).Error())
	}
	e.Leaks = append(leaks, e.Leaks...)
}
