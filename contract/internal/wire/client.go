// Package wire sends requests and reads answers within bounds of time and memory. It searches every byte of an answer for every
// secret that was sent. It does not know the right answer.
package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/pace"
)

const requestTimeout = 10 * time.Second

// Principal is the sender of a request.
type Principal string

// The senders: a member of the organization with the engineer role, one without it, an engineer of another organization, and one without
// a token.
const (
	Engineer Principal = "engineer"
	Viewer   Principal = "viewer"
	Other    Principal = "other"
	Nobody   Principal = "nobody"
)

// Client sends requests to one target. It bounds, searches and keeps the answers. It is safe for concurrent use.
type Client struct {
	Base        string
	Limit       *pace.Pace  // of requests a second; nil for none
	header      http.Header // of each request
	http        *http.Client
	tokens      map[Principal]*bearer.Holder
	Detector    *leak.Detector
	Requests    atomic.Int64
	Unconnected atomic.Int64    // failed connections in a row
	Hash        maphash.Seed    // for the digests of this run
	Known       map[uint64]bool // digests of the segments of the list before the run created anything

	Bounds            Bounds
	reading, decoding *room
	Kept              atomic.Int64  // bytes of decoded answers
	Grace             time.Duration // how long a create may outlive the run
	Closing           bool          // nothing is judged any more

	gate                 gate
	throttle             throttle
	answered             atomic.Bool     // a request was answered, and not by a busy target
	silentNow, silentAll atomic.Int64    // requests without an answer in time, in a row and in all
	gone                 context.Context // ends when the target is given up
	giveUp               context.CancelFunc

	Inspect func(*Exchange) // notes what the run asks of an answer
	Account func(*Exchange) // notes what an exchange created or deleted; never called concurrently

	mutex     sync.Mutex
	exchanges []*Exchange
	cuts      map[string]int64 // the bytes that the last broken answer to a request lacked, by method and path template
	judged    []*Exchange      // every exchange in order; valid until another comes
}

// NewClient returns a client of the target at a base URL. If transport is nil, it uses one of net/http that ignores the proxy
// settings of the environment. A principal has a token or a source of tokens, or neither.
func NewClient(url string, transport http.RoundTripper, tokens map[Principal]string, sources map[Principal]bearer.Source) *Client {
	c := &Client{
		Base: strings.TrimRight(url, "/"), Detector: leak.New(), Hash: maphash.MakeSeed(),
		Bounds: DefaultBounds, reading: newRoom(readingRoom), decoding: newRoom(decodingRoom), Grace: endGrace,
		cuts: map[string]int64{}, Inspect: func(*Exchange) {}, Account: func(*Exchange) {},
	}
	c.gone, c.giveUp = context.WithCancel(context.Background())
	c.http = &http.Client{
		Transport: bounded(transport),
		// A redirect is an answer to judge. Following it could carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.tokens = c.holders(tokens, sources)
	return c
}

// IsDistinct tells whether a token can be told from other text. A word like "viewer" occurs in many sentences.
func IsDistinct(token string) bool { return bearer.IsDistinct(token) }

// TokenLabel is the label of tokens among the secrets.
const TokenLabel = "the bearer token"

// Send sends the request that e describes and fills in the answer. It searches every byte of the answer for every secret sent so
// far.
func (c *Client) Send(ctx context.Context, e *Exchange, scope string, edit func(*http.Request)) {
	e.Scope = scope
	c.sendPatiently(ctx, e, scope, edit)
	c.weighCut(e)
	c.search(ctx, e, scope)
	c.look(ctx, e)
	if e.BrokeOff {
		e.Status = 0 // a partial answer is none
	}
	c.record(e)
}

// weighCut tells an answer whose length does not fit from a broken line: the same number of bytes is missing as in an earlier answer
// to such a request.
func (c *Client) weighCut(e *Exchange) {
	if e.Cut == 0 {
		return
	}
	request := e.Method + " " + e.Template
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.cuts[request] == e.Cut {
		e.Failure, e.BrokeOff, e.Misfit = nil, false, true
	}
	c.cuts[request] = e.Cut
}

// record keeps the exchange for checks that review the whole run.
func (c *Client) record(e *Exchange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.exchanges = append(c.exchanges, e)
	c.Account(e)
}

// All returns every exchange so far, ordered by check: two runs with one seed give the same order.
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

// SoFar returns every exchange so far, in the order of their ends.
func (c *Client) SoFar() []*Exchange {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.exchanges[:len(c.exchanges):len(c.exchanges)]
}

func (c *Client) sendOnce(ctx context.Context, e *Exchange, token string, edit func(*http.Request)) {
	e.Forget()
	if c.IsSilent() && !c.Closing {
		e.Failure, e.Unsent = errLost, true
		return
	}
	c.Limit.Wait(ctx)
	clock := c.clockFor(ctx, e)
	defer clock.done()
	request, err := c.requestOf(clock, e, token, edit)
	if err != nil {
		e.Failure, e.Unsent = errUnfit, true
		return
	}
	e.Began = c.Requests.Add(1)
	started := time.Now()
	e.Started = started
	response, err := finalanswer.Do(c.http, request)
	c.noteConnection(err)
	if err != nil {
		e.Failure, e.Unsent = causeOf(ctx, clock, err), !clock.outlives || isDial(err)
		e.UnderWay = !e.Unsent && ctx.Err() != nil
		c.noteSilence(e.Failure)
		return
	}
	e.Took = time.Since(started)
	defer response.Body.Close()
	e.Status, e.Header = response.StatusCode, response.Header
	if e.Body, err = c.readBody(ctx, clock, e, response); err != nil {
		e.Failure, e.BrokeOff = fmt.Errorf("the answer broke off: %w", causeOf(ctx, clock, err)), true
		e.UnderWay = ctx.Err() != nil
		if errors.Is(err, io.ErrUnexpectedEOF) && clock.Err() == nil {
			e.Cut = max(0, response.ContentLength-int64(len(e.Body)))
		}
	}
	c.noteSilence(e.Failure)
	c.unpack(e, response)
}

var errUnfit = errors.New("the request cannot be built: the target's URL or an id of its answers does not fit into one")

// requestOf builds the request that e describes, with a token that may be empty.
func (c *Client) requestOf(ctx context.Context, e *Exchange, token string, edit func(*http.Request)) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, e.Method, c.Base+e.Path, bytes.NewReader(e.Sent))
	if err != nil {
		return nil, err
	}
	maps.Copy(request.Header, c.header)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "credmock")
	// net/http does not send an empty entry, but tries again if an idle connection turns out to be closed.
	request.Header["X-Idempotency-Key"] = nil
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if e.MediaType != "" {
		request.Header.Set("Content-Type", e.MediaType)
	}
	if edit != nil {
		edit(request)
		e.Query, e.Headers = request.URL.RawQuery, request.Header.Clone()
		for name := range c.header {
			e.Headers.Del(name) // its value is shown nowhere
		}
		if request.Method != e.Method {
			e.Asked = request.Method
		}
	}
	e.carried = token != "" && request.Header.Get("Authorization") == "Bearer "+token
	return request, nil
}

// unpack decompresses the body, and adds the status line and trailers to the headers, so that they are searched.
func (c *Client) unpack(e *Exchange, response *http.Response) {
	trouble := ""
	if len(e.Body) > c.Bounds.Answer {
		trouble = c.tooLong()
	}
	// A part of a compressed text is decompressed too: it may hide a secret.
	plain, why := c.inflate(response.Header, e.Body)
	e.Compressed = response.Header.Get("Content-Encoding") != ""
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

// causeOf returns why no answer came, or only a part of it.
func causeOf(ctx context.Context, clock *clock, err error) error {
	switch {
	case errors.Is(context.Cause(clock), errSlow):
		return errSlow
	case errors.Is(context.Cause(clock), errLost):
		return errLost
	case clock.Err() != nil && ctx.Err() != nil:
		return errors.New(WhyEnded(ctx).String())
	}
	return plainError(err)
}

// plainError removes what differs between runs from an error of net/http, or may be secret: the URL and the local port. It
// shortens what the target sent.
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

// cutError is an error with a text of at most one line.
type cutError struct{ error }

func (e *cutError) Error() string { return jsonvalue.Shorten(e.error.Error()) }

// Unwrap returns the error itself.
func (e *cutError) Unwrap() error { return e.error }

// search looks for secrets in the whole answer. An answer that was not searched to its end, because the run ended, cannot be
// judged.
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
				if sighting.Secret.Label != headerLabel { // the contract says nothing of it
					e.noteLeak(Leak{sighting, part.place})
				}
			}
		}
	}
}

// maxAlike is the number of sightings of one kind that are kept of an answer.
const maxAlike = 4

func (e *Exchange) noteLeak(found Leak) {
	alike := 0
	for _, one := range e.Leaks {
		if one.Secret == found.Secret && one.Place == found.Place {
			return // pieces of a long text overlap
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

// longAnswer is the length of a body from which known segments are skipped.
const longAnswer = 16 << 10

// withoutKnown removes from a long body what the list held before the run: a target may hold thousands of credentials of others,
// which cannot hold a secret of this run.
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

// SegmentsOf splits a text after each closing brace, which no secret of a run contains, and returns the digests of the segments.
func (c *Client) SegmentsOf(text string) map[uint64]bool {
	segments := map[uint64]bool{}
	for segment := range strings.SplitAfterSeq(text, "}") {
		segments[maphash.String(c.Hash, segment)] = true
	}
	return segments
}

// parts returns the answer as named texts: the body and each header.
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

// LookFor adds a secret to look for.
func (c *Client) LookFor(label, scope, value string) {
	c.Detector.Add(leak.Secret{Label: label, Scope: scope}, value)
}

// noteConnection counts failed connections since the last one that succeeded.
func (c *Client) noteConnection(err error) {
	switch {
	case err == nil:
		c.Unconnected.Store(0)
	case isDial(err):
		c.Unconnected.Add(1)
	}
}

// isDial tells whether a connection could not be made.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}
