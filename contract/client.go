package contract

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/leak"
)

const (
	requestTimeout = 10 * time.Second
	// longestPause is how long a Retry-After may ask to wait.
	longestPause = 5 * time.Second
)

var errTrailing = errors.New("something follows the JSON value")

// principal says who sends a request.
type principal string

const (
	engineer principal = "engineer"
	viewer   principal = "viewer"
	other    principal = "other"
	nobody   principal = "nobody"
)

// client sends requests to one target, bounds and searches what comes back, and keeps it. It is safe for the checks that run side by
// side.
type client struct {
	base        string
	http        *http.Client
	tokens      map[principal]string
	detector    *leak.Detector
	requests    atomic.Int64
	unconnected atomic.Int64    // how many connections in a row could not be had
	hash        maphash.Seed    // of the digests of this run
	known       map[uint64]bool // the segments of the list before anything was created

	bounds            bounds
	reading, decoding *room
	kept              atomic.Int64  // bytes of decoded answers
	grace             time.Duration // how long a create may outlive the run
	closing           bool          // nothing is judged any more

	inspect func(*exchange) // notes what the run asks of an answer
	account func(*exchange) // notes what an exchange created or deleted; one at a time

	mutex     sync.Mutex
	exchanges []*exchange
	judged    []*exchange // every exchange in order, when no further one comes
}

// newClient returns a client of the target at a base URL. A nil transport is one of net/http that follows no proxy of the
// environment.
func newClient(url string, transport http.RoundTripper, tokens map[principal]string) *client {
	c := &client{
		base: strings.TrimRight(url, "/"), tokens: tokens, detector: leak.New(), hash: maphash.MakeSeed(),
		bounds: usualBounds, reading: newRoom(readingRoom), decoding: newRoom(decodingRoom), grace: endGrace,
		inspect: func(*exchange) {}, account: func(*exchange) {},
	}
	c.http = &http.Client{
		Transport: bounded(transport),
		// A redirect is an answer to judge, not an errand: following it could carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for who, token := range tokens {
		if tellable(token) {
			c.remember(bearerLabel, "token of "+string(who), token)
		}
	}
	return c
}

// tellable tells whether a token can be told from other text: a word like "viewer" stands in many a sentence.
func tellable(token string) bool {
	return len(token) >= 8 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
}

// bearerLabel labels the tokens among the secrets that are looked for.
const bearerLabel = "the bearer token"

// send sends the request that e describes and fills in what came back. Every byte of the answer is searched for
// every secret sent so far.
func (c *client) send(ctx context.Context, e *exchange, scope string, edit func(*http.Request)) {
	e.scope = scope
	c.sendOnce(ctx, e, edit)
	if pause, asked := retryAfter(e); asked {
		select {
		case <-time.After(pause):
			c.sendOnce(ctx, e, edit)
		case <-ctx.Done():
		}
	}
	c.search(ctx, e, scope)
	c.look(ctx, e)
	if e.brokeOff {
		e.status = 0 // what came is no answer
	}
	c.record(e)
}

// record keeps the exchange for the rules that look at the whole run.
func (c *client) record(e *exchange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.exchanges = append(c.exchanges, e)
	c.account(e)
}

// everything returns every exchange so far: check by check, so that two runs with one seed tell the same in the same order.
func (c *client) everything() []*exchange {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.judged) == len(c.exchanges) {
		return c.judged
	}
	all := slices.Clone(c.exchanges)
	slices.SortStableFunc(all, func(a, b *exchange) int {
		return cmp.Or(strings.Compare(a.scope, b.scope), cmp.Compare(a.turn, b.turn))
	})
	c.judged = all
	return all
}

// retryAfter tells how long a busy target asks to wait. It is honoured once.
func retryAfter(e *exchange) (time.Duration, bool) {
	if e.status != http.StatusTooManyRequests && e.status != http.StatusServiceUnavailable {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(e.header.Get("Retry-After"), 64)
	if err != nil || seconds < 0 {
		return 0, false
	}
	pause := time.Duration(seconds * float64(time.Second))
	return pause, pause <= longestPause
}

func (c *client) sendOnce(ctx context.Context, e *exchange, edit func(*http.Request)) {
	e.forget()
	clock := c.clockFor(ctx, e)
	defer clock.done()
	request, err := c.requestOf(clock, e, edit)
	if err != nil {
		e.failure, e.unsent = errUnfit, true
		return
	}
	c.requests.Add(1)
	response, err := finalanswer.Do(c.http, request)
	c.noteConnection(err)
	if err != nil {
		e.failure, e.unsent = whyNot(ctx, clock, err), !clock.outlives || isDial(err)
		e.underWay = !e.unsent && ctx.Err() != nil
		return
	}
	defer response.Body.Close()
	e.status, e.header = response.StatusCode, response.Header
	if e.body, err = c.readBody(ctx, clock, e, response); err != nil {
		e.failure, e.brokeOff = fmt.Errorf("the answer broke off: %w", whyNot(ctx, clock, err)), true
		e.underWay = ctx.Err() != nil
	}
	c.takeIn(e, response)
}

var errUnfit = errors.New("the request cannot be built: the target's URL or an id of its answers does not fit into one")

// requestOf builds the request that e describes.
func (c *client) requestOf(ctx context.Context, e *exchange, edit func(*http.Request)) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, e.method, c.base+e.path, bytes.NewReader(e.sent))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "credmock")
	// An empty entry is not sent, and tells net/http to try again when an idle connection turns out to be closed.
	request.Header["X-Idempotency-Key"] = nil
	if token := c.tokens[e.principal]; token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.mediaType != "" {
		request.Header.Set("Content-Type", e.mediaType)
	}
	if edit != nil {
		edit(request)
	}
	return request, nil
}

// takeIn makes one text of the body, and adds to the headers what is to be searched as they are.
func (c *client) takeIn(e *exchange, response *http.Response) {
	trouble := ""
	if len(e.body) > c.bounds.answer {
		trouble = c.tooLong()
	}
	// A part of a compressed text is worth undoing too: what it hides is found.
	plain, why := c.inflate(response.Header, e.body)
	e.body = plain
	if e.failure == nil && cmp.Or(trouble, why) != "" {
		e.unread("%s", cmp.Or(trouble, why))
	}
	if trailer := response.Trailer; len(trailer) > 0 {
		e.header = e.header.Clone()
		for key, values := range trailer {
			e.header[key] = append(e.header[key], values...)
		}
	}
	e.header.Set(":status", response.Status)
}

// whyNot says why no answer came, or not all of it.
func whyNot(ctx context.Context, clock *clock, err error) error {
	switch {
	case errors.Is(context.Cause(clock), errSlow):
		return errSlow
	case clock.Err() != nil && ctx.Err() != nil:
		return errors.New(over(ctx).String())
	}
	return plainError(err)
}

// plainError drops the URL, which may hold an id or a token, from an error of net/http, and the port of this side, which
// is another for every request. An error may repeat what the target sent: that is cut.
func plainError(err error) error {
	var operation *net.OpError
	switch {
	case errors.As(err, &operation) && operation.Source != nil:
		plain := *operation
		plain.Source = nil
		err = &plain
	case errors.Unwrap(err) != nil && strings.Contains(err.Error(), "://"):
		err = errors.Unwrap(err)
	}
	return &cutError{err}
}

// cutError is an error whose text is no longer than a line.
type cutError struct{ error }

func (e *cutError) Error() string { return quoted(e.error.Error()) }

// Unwrap returns the error itself.
func (e *cutError) Unwrap() error { return e.error }

// search looks for secrets in everything that came back. It ends with the run: an answer that was not searched to its end
// cannot be judged.
func (c *client) search(ctx context.Context, e *exchange, scope string) {
	if e.status == 0 || c.closing {
		return
	}
	for _, part := range c.fresh(e.parts()) {
		for piece := range leak.Pieces(part.text) {
			if ctx.Err() != nil {
				e.unread("was not searched to its end, for %s", over(ctx))
				return
			}
			for _, sighting := range c.detector.Scan(piece, scope) {
				e.noteLeak(located{sighting, part.place})
			}
		}
	}
}

// maxAlike is how many sightings of one kind are kept of an answer: more would say nothing new.
const maxAlike = 4

func (e *exchange) noteLeak(found located) {
	alike := 0
	for _, one := range e.leaks {
		if one.Secret == found.Secret && one.place == found.place {
			return // a piece of a long text overlaps the next
		}
		if one.Secret.Label == found.Secret.Label && one.Certain == found.Certain {
			alike++
		}
	}
	if alike < maxAlike {
		e.leaks = append(e.leaks, found)
	}
}

type part struct{ place, text string }

// longAnswer is how long a body must be for what was in it before the run to be worth leaving out.
const longAnswer = 16 << 10

// fresh leaves out of a long body what the list held before anything was sent: a target may hold thousands of
// credentials of others, which cannot hold a secret of this run.
func (c *client) fresh(parts []part) []part {
	if body := parts[0]; len(body.text) > longAnswer && len(c.known) > 0 {
		var rest strings.Builder
		for segment := range strings.SplitAfterSeq(body.text, "}") {
			if !c.known[maphash.String(c.hash, segment)] {
				rest.WriteString(segment)
			}
		}
		parts[0].text = rest.String()
	}
	return parts
}

// segmentsOf cuts a text at every brace that closes, which no secret of a run has in it, and returns the digests.
func (c *client) segmentsOf(text string) map[uint64]bool {
	segments := map[uint64]bool{}
	for segment := range strings.SplitAfterSeq(text, "}") {
		segments[maphash.String(c.hash, segment)] = true
	}
	return segments
}

// parts returns the answer as named texts: the body, and each header.
func (e *exchange) parts() []part {
	list := []part{{"body", string(e.body)}}
	names := make([]string, 0, len(e.header))
	for name := range e.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		place := "header " + name
		if name == ":status" {
			place = "status line"
		}
		list = append(list, part{place, name + ": " + strings.Join(e.header[name], ", ")})
	}
	return list
}

// remember makes a secret one to look for.
func (c *client) remember(label, scope, value string) {
	c.detector.Add(leak.Secret{Label: label, Scope: scope}, value)
}

// noteConnection counts the connections that could not be had since the last one that could.
func (c *client) noteConnection(err error) {
	switch {
	case err == nil:
		c.unconnected.Store(0)
	case isDial(err):
		c.unconnected.Add(1)
	}
}

// isDial tells whether a connection could not be had.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}
