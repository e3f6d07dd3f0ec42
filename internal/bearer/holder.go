// Package bearer holds the bearer token of one principal, and renews it.
package bearer

import (
	"context"
	"sync"
	"time"
)

// Source returns the bearer token of a principal. It is called before each request, and once more after a request that the target
// refused with 401: refused is then the token of that request, else "". A source that has no other token returns the same one.
type Source func(ctx context.Context, refused string) (string, error)

// Holder is the token of a principal. It is safe for concurrent use. A nil holder has no token.
type Holder struct {
	source Source
	learn  func(token string)

	mutex  sync.Mutex
	now    string
	had    map[string]bool // every token so far
	asked  string          // the token that took the place of a refused one
	served bool            // the target has accepted asked
	since  time.Time       // when asked came
	vain   time.Time       // when a token in place of a refused one was refused too
}

// New returns a holder of a token. If source is nil, the token never changes. learn is called once with each token, before it is
// used; it may be nil.
func New(token string, source Source, learn func(token string)) *Holder {
	h := &Holder{source: source, learn: learn, had: map[string]bool{}}
	h.take(token)
	return h
}

// take makes a token the current one.
func (h *Holder) take(token string) {
	if h.now = token; token == "" || h.had[token] {
		return
	}
	h.had[token] = true
	if h.learn != nil {
		h.learn(token)
	}
}

// Current returns the token of the latest request.
func (h *Holder) Current() string {
	if h == nil {
		return ""
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.now
}

// Had tells whether a text is or was the token.
func (h *Holder) Had(text string) bool {
	if h == nil {
		return false
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.had[text]
}

// Token returns the token for the next request.
func (h *Holder) Token(ctx context.Context) (string, error) {
	if h == nil {
		return "", nil
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.source == nil {
		return h.now, nil
	}
	token, err := h.source(ctx, "")
	if err != nil {
		return "", err
	}
	h.take(token)
	return token, nil
}

// pause is how long no refusal leads to another token, after one has led to a token that was refused too: the target refuses that
// request, and not its token.
const pause = time.Second

// InPlaceOf returns another token than one that the target has refused. It returns "" if there is none, or if the refused token
// itself has just taken the place of a refused one: then the refusal is the target's answer.
func (h *Holder) InPlaceOf(ctx context.Context, refused string) (string, error) {
	if h == nil || h.source == nil || refused == "" {
		return "", nil
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	switch {
	case refused != h.now:
		return h.now, nil // another request has seen to it
	case refused == h.asked && !h.served && time.Since(h.since) < pause, time.Since(h.vain) < pause:
		return "", nil
	}
	token, err := h.source(ctx, refused)
	if err != nil || token == refused {
		return "", err
	}
	h.asked, h.served, h.since = token, false, time.Now()
	h.take(token)
	return token, nil
}

// note notes whether the target accepted a token. again is true if the token took the place of a refused one in this request.
func (h *Holder) note(token string, accepted, again bool) {
	if h == nil || h.source == nil {
		return
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	switch {
	case token != h.asked:
	case accepted:
		h.served = true
	case again && !h.served:
		h.vain = time.Now()
	}
}

// mostTries bounds how often a request is sent: its token may be one that another request got just before it ended.
const mostTries = 3

// Send calls send with the token of the next request, and again with another one while the target refuses it. refused tells whether
// the target refused the token. The error is the one of the source.
func (h *Holder) Send(ctx context.Context, send func(token string) (refused bool)) error {
	token, err := h.Token(ctx)
	for try := 1; err == nil; try++ {
		refused := send(token)
		h.note(token, !refused, try > 1)
		if !refused || try == mostTries {
			break
		}
		another, failed := h.InPlaceOf(ctx, token)
		if another == "" {
			return failed
		}
		token = another
	}
	return err
}
