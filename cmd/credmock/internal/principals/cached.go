package principals

import (
	"context"
	"sync"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/assertion"
)

// cached gets a token, and another one before it ends or when it is refused.
type cached struct {
	get func(ctx context.Context) (assertion.Token, error)

	mutex     sync.Mutex
	token     string
	renew     time.Time // zero if it is not known when the token ends
	ends      time.Time
	retryFrom time.Time // an early renewal that failed is not tried again before
}

const (
	// earliest is how long before its end a token is renewed at most.
	earliest = 30 * time.Second
	// retryPause is the pause after an early renewal that failed.
	retryPause = time.Second
)

// source returns the token for the next request.
func (c *cached) source(ctx context.Context, refused string) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := time.Now()
	isRefused := refused != "" && refused == c.token
	if c.token != "" && !isRefused && (c.renew.IsZero() || now.Before(c.renew) || now.Before(c.retryFrom)) {
		return c.token, nil
	}
	token, err := c.get(ctx)
	switch {
	case err != nil && c.token != "" && !isRefused && now.Before(c.ends):
		c.retryFrom = now.Add(min(retryPause, c.ends.Sub(now)))
		return c.token, nil
	case err != nil:
		return "", err
	}
	c.token, c.renew, c.ends = token.Value, time.Time{}, time.Time{}
	if token.Life > 0 {
		c.ends = now.Add(token.Life)
		c.renew = c.ends.Add(-min(earliest, token.Life/4))
	}
	return c.token, nil
}
