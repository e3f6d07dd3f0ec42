package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// sourced are the principals whose tokens may come from a source, in the order of Config.Sources.
var sourced = [3]string{engineer, viewer, other}

// fetchTokens gets the first token of each principal that has a source.
func (s *scene) fetchTokens() error {
	for i, holder := range s.tokens {
		if holder == nil {
			continue
		}
		token, err := holder.Token(s.ctx)
		if err != nil {
			return fmt.Errorf("there is no token for the %s: %s", sourced[i], bound.Brief(err.Error()))
		}
		s.principals[sourced[i]] = token
		s.secrets.Learn(token)
	}
	return nil
}

const scheme = "Bearer "

// holderOf returns the holder of the token in a header, if it has one that comes from a source.
func (s *scene) holderOf(header http.Header) *bearer.Holder {
	token, isBearer := strings.CutPrefix(header.Get("Authorization"), scheme)
	for _, holder := range s.tokens {
		if isBearer && holder.Had(token) {
			return holder
		}
	}
	return nil
}

// send sends a request and reads the whole answer. In place of a token that comes from a source it sends the current one, and another
// one if that is refused.
func (s *scene) send(ctx context.Context, method, path string, header http.Header, body string) (*answer, error) {
	holder := s.holderOf(header)
	if holder == nil {
		return s.sendOnce(ctx, method, path, header, body)
	}
	var last *answer
	var failed error
	err := holder.Send(ctx, func(token string) (refused bool) {
		s.secrets.Learn(token)
		header = header.Clone()
		header.Set("Authorization", scheme+token)
		last, failed = s.sendOnce(ctx, method, path, header, body)
		return failed == nil && last.status == http.StatusUnauthorized
	})
	return last, errors.Join(failed, err)
}
