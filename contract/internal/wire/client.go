// Package wire sends requests and reads answers within bounds of time and memory. It searches every byte that comes back for every
// secret that was sent. It does not know what an answer should be.
package wire

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

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/leak"
)

const (
	requestTimeout = 10 * time.Second
	// longestPause is how long a Retry-After may ask to wait.
	longestPause = 5 * time.Second
)

var errTrailing = errors.New("something follows the JSON value")

// Principal says who sends a request.
type Principal string

const (
	Engineer Principal = "engineer"
	Viewer   Principal = "viewer"
	Other    Principal = "other"
	Nobody   Principal = "nobody"
)

// Client sends requests to one target, bounds and searches what comes back, and keeps it. It is safe for the checks that run side by
// side.
type Client struct {
	Base        string
	http        *http.Client
	Tokens      map[Principal]string
	Detector    *leak.Detector
	Requests    atomic.Int64
	Unconnected atomic.Int64    // how many connections in a row could not be had
	Hash        maphash.Seed    // of the digests of this run
	Known       map[uint64]bool // the segments of the list before anything was created

	Bounds            bounds
	reading, decoding *room
	Kept              atomic.Int64  // bytes of decoded answers
	Grace             time.Duration // how long a create may outlive the run
	Closing           bool          // nothing is judged any more

	Inspect func(*Exchange) // notes what the run asks of an answer
	Account func(*Exchange) // notes what an exchange created or deleted; one at a time

	mutex     sync.Mutex
	exchanges []*Exchange
	judged    []*Exchange // every exchange in order, when no further one comes
}

// NewClient returns a client of the target at a base URL. A nil transport is one of net/http that follows no proxy of the
// environment.
func NewClient(url string, transport http.RoundTripper, tokens map[Principal]string) *Client {
	c := &Client{
		Base: strings.TrimRight(url, "/"), Tokens: tokens, Detector: leak.New(), Hash: maphash.MakeSeed(),
		Bounds: DefaultBounds, reading: newRoom(readingRoom), decoding: newRoom(decodingRoom), Grace: endGrace,
		Inspect: func(*Exchange) {}, Account: func(*Exchange) {},
	}
	c.http = &http.Client{
		Transport: bounded(transport),
		// A redirect is an answer to judge, not an errand: following it could carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for who, token := range tokens {
		if IsDistinct(token) {
			c.LookFor(TokenLabel, "token of "+string(who), token)
		}
	}
	return c
}

// IsDistinct tells whether a token can be told from other text: a word like "viewer" stands in many a sentence.
func IsDistinct(token string) bool {
	return len(token) >= 8 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
}

// TokenLabel labels the tokens among the secrets that are looked for.
const TokenLabel = "the bearer token"

// Send sends the request that e describes and fills in what came back. Every byte of the answer is searched for
// every secret sent so far.
func (c *Client) Send(ctx context.Context, e *Exchange, scope string, edit func(*http.Request)) {
	e.Scope = scope
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
	if e.BrokeOff {
		e.Status = 0 // what came is no answer
	}
	c.record(e)
}

// record keeps the exchange for the rules that look at the whole run.
func (c *Client) record(e *Exchange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.exchanges = append(c.exchanges, e)
	c.Account(e)
}

// All returns every exchange so far: check by check, so that two runs with one seed tell the same in the same order.
func (c *Client) All() []*Exchange {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.judged) == len(c.exchanges) {
		return c.judged
	}
	all := slices.Clone(c.exchanges)
	slices.SortStableFunc(all, func(a, b *Exchange) int {
		return cmp.Or(strings.Compare(a.Scope, b.Scope), cmp.Compare(a.Turn, b.Turn))
	})
	c.judged = all
	return all
}

// retryAfter tells how long a busy target asks to wait. It is honoured once.
func retryAfter(e *Exchange) (time.Duration, bool) {
	if e.Status != http.StatusTooManyRequests && e.Status != http.StatusServiceUnavailable {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(e.Header.Get("Retry-After"), 64)
	if err != nil || seconds < 0 {
		return 0, false
	}
	pause := time.Duration(seconds * float64(time.Second))
	return pause, pause <= longestPause
}

func (c *Client) sendOnce(ctx context.Context, e *Exchange, edit func(*http.Request)) {
	e.Forget()
	clock := c.clockFor(ctx, e)
	defer clock.done()
	request, err := c.requestOf(clock, e, edit)
	if err != nil {
		e.Failure, e.Unsent = errUnfit, true
		return
	}
	c.Requests.Add(1)
	response, err := finalanswer.Do(c.http, request)
	c.noteConnection(err)
	if err != nil {
		e.Failure, e.Unsent = causeOf(ctx, clock, err), !clock.outlives || isDial(err)
		e.UnderWay = !e.Unsent && ctx.Err() != nil
		return
	}
	defer response.Body.Close()
	e.Status, e.Header = response.StatusCode, response.Header
	if e.Body, err = c.readBody(ctx, clock, e, response); err != nil {
		e.Failure, e.BrokeOff = fmt.Errorf("the answer broke off: %w", causeOf(ctx, clock, err)), true
		e.UnderWay = ctx.Err() != nil
	}
	c.unpack(e, response)
}

var errUnfit = errors.New("the request cannot be built: the target's URL or an id of its answers does not fit into one")

// requestOf builds the request that e describes.
func (c *Client) requestOf(ctx context.Context, e *Exchange, edit func(*http.Request)) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, e.Method, c.Base+e.Path, bytes.NewReader(e.Sent))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "credmock")
	// An empty entry is not sent, and tells net/http to try again when an idle connection turns out to be closed.
	request.Header["X-Idempotency-Key"] = nil
	if token := c.Tokens[e.Principal]; token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.MediaType != "" {
		request.Header.Set("Content-Type", e.MediaType)
	}
	if edit != nil {
		edit(request)
	}
	return request, nil
}

// unpack makes one text of the body, and adds to the headers what is to be searched as they are.
func (c *Client) unpack(e *Exchange, response *http.Response) {
	trouble := ""
	if len(e.Body) > c.Bounds.Answer {
		trouble = c.tooLong()
	}
	// A part of a compressed text is worth undoing too: what it hides is found.
	plain, why := c.inflate(response.Header, e.Body)
	e.Body = plain
	if e.Failure == nil && cmp.Or(trouble, why) != "" {
		e.MarkUnread("%s", cmp.Or(trouble, why))
	}
	if trailer := response.Trailer; len(trailer) > 0 {
		e.Header = e.Header.Clone()
		for key, values := range trailer {
			e.Header[key] = append(e.Header[key], values...)
		}
	}
	e.Header.Set(":status", response.Status)
}

// causeOf says why no answer came, or not all of it.
func causeOf(ctx context.Context, clock *clock, err error) error {
	switch {
	case errors.Is(context.Cause(clock), errSlow):
		return errSlow
	case clock.Err() != nil && ctx.Err() != nil:
		return errors.New(WhyEnded(ctx).String())
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

func (e *cutError) Error() string { return jsonvalue.Shorten(e.error.Error()) }

// Unwrap returns the error itself.
func (e *cutError) Unwrap() error { return e.error }

// search looks for secrets in everything that came back. It ends with the run: an answer that was not searched to its end
// cannot be judged.
func (c *Client) search(ctx context.Context, e *Exchange, scope string) {
	if e.Status == 0 || c.Closing {
		return
	}
	for _, part := range c.withoutKnown(e.parts()) {
		for piece := range leak.Pieces(part.text) {
			if ctx.Err() != nil {
				e.MarkUnread("was not searched to its end, for %s", WhyEnded(ctx))
				return
			}
			for _, sighting := range c.Detector.Scan(piece, scope) {
				e.noteLeak(Leak{sighting, part.place})
			}
		}
	}
}

// maxAlike is how many sightings of one kind are kept of an answer: more would say nothing new.
const maxAlike = 4

func (e *Exchange) noteLeak(found Leak) {
	alike := 0
	for _, one := range e.Leaks {
		if one.Secret == found.Secret && one.Place == found.Place {
			return // a piece of a long text overlaps the next
		}
		if one.Secret.Label == found.Secret.Label && one.Certain == found.Certain {
			alike++
		}
	}
	if alike < maxAlike {
		e.Leaks = append(e.Leaks, found)
	}
}

type part struct{ place, text string }

// longAnswer is how long a body must be for what was in it before the run to be worth leaving out.
const longAnswer = 16 << 10

// withoutKnown leaves out of a long body what the list held before anything was sent: a target may hold thousands of
// credentials of others, which cannot hold a secret of this run.
func (c *Client) withoutKnown(parts []part) []part {
	if body := parts[0]; len(body.text) > longAnswer && len(c.Known) > 0 {
		var rest strings.Builder
		for segment := range strings.SplitAfterSeq(body.text, "}") {
			if !c.Known[maphash.String(c.Hash, segment)] {
				rest.WriteString(segment)
			}
		}
		parts[0].text = rest.String()
	}
	return parts
}

// SegmentsOf cuts a text at every brace that closes, which no secret of a run has in it, and returns the digests.
func (c *Client) SegmentsOf(text string) map[uint64]bool {
	segments := map[uint64]bool{}
	for segment := range strings.SplitAfterSeq(text, "}") {
		segments[maphash.String(c.Hash, segment)] = true
	}
	return segments
}

// parts returns the answer as named texts: the body, and each header.
func (e *Exchange) parts() []part {
	list := []part{{"body", string(e.Body)}}
	names := make([]string, 0, len(e.Header))
	for name := range e.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		place := "header " + name
		if name == ":status" {
			place = "status line"
		}
		list = append(list, part{place, name + ": " + strings.Join(e.Header[name], ", ")})
	}
	return list
}

// LookFor makes a secret one to look for.
func (c *Client) LookFor(label, scope, value string) {
	c.Detector.Add(leak.Secret{Label: label, Scope: scope}, value)
}

// noteConnection counts the connections that could not be had since the last one that could.
func (c *Client) noteConnection(err error) {
	switch {
	case err == nil:
		c.Unconnected.Store(0)
	case isDial(err):
		c.Unconnected.Add(1)
	}
}

// isDial tells whether a connection could not be had.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}
