package serve

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/faults"
)

// inject injects the fault that the request asks for, as in "Prefer: code=503" or "Prefer: delay=200", or the first
// fault of the session that matches. It returns the reply of a fault with a status, and leaves other faults for the
// writer of the reply.
func inject(c *Call) *Reply {
	if c.Route.own {
		return nil
	}
	reply, refusal := c.preferred()
	if refusal != nil {
		return refusal
	}
	if c.fault == nil {
		if c.fault, refusal = c.matchFault(); refusal != nil || c.fault == nil {
			return refusal
		}
		reply = c.injected()
	}
	if c.fault.Breakage != faults.BreakSlow {
		c.delay(c.fault.Delay)
	}
	return reply
}

// preferred reads the Prefer header. It returns the reply that the header asks for, which is nil for the real answer,
// or a refusal of what cannot be given.
func (c *Call) preferred() (reply, refusal *Reply) {
	sent := c.Header["Prefer"]
	if sent == nil {
		return nil, nil
	}
	asked, understood := faults.ParsePrefer(sent)
	if !understood {
		return nil, Refuse(http.StatusBadRequest, "invalid-preference", "Prefer takes code=STATUS, from 200 to 599, example=NAME of an "+
			"example in the document, and delay=MILLISECONDS, a minute at most; each once.")
	}
	if asked == nil || asked.Status == 0 && asked.Example == "" {
		c.fault = asked
		return nil, nil
	}
	status, text := c.Route.example(asked.Status, asked.Example)
	switch {
	case text != nil:
		asked.Status = status
		reply = &Reply{Status: status, Text: text, checked: true}
	case asked.Example != "":
		return nil, Refuse(http.StatusBadRequest, "invalid-preference", "The document has no such example here; "+c.Route.exampleHint())
	case asked.Status >= http.StatusBadRequest:
		if asked.Status == http.StatusTooManyRequests {
			asked.RetryAfter = 1
		}
		c.fault = asked
		return c.injected(), nil
	case c.Route.answer(asked.Status) == nil:
		return nil, Refuse(http.StatusBadRequest, "invalid-preference", "The document has no answer with this status here.")
	default: // the real answer has it
		if asked.Status = 0; *asked == (faults.Effect{}) {
			return nil, nil
		}
	}
	c.fault = asked
	return reply, nil
}

// matchFault returns the effect of the fault of the session that matches the request; nil for none. It reads the body
// if a fault looks into it.
func (c *Call) matchFault() (*faults.Effect, *Reply) {
	if !c.Session.Faults.CanMatch() {
		return nil, nil
	}
	sent := &faults.Sent{Operation: c.Route.ID, Method: c.Route.Method, Path: c.path, Caller: c.callerName}
	if c.Route.MediaType != "" && c.Session.Faults.WantsBody(sent) {
		read := Borrow()
		defer read.Release()
		if refusal := read.Fill(c, BodyLimit); refusal != nil {
			return nil, refusal
		}
		sent.Body = bytes.Clone(read.Text) // the steps that follow read it again
		c.Body, c.Length = io.NopCloser(bytes.NewReader(sent.Body)), 0
	}
	return c.Session.Faults.Match(sent), nil
}

// callerName returns the name of the request's principal for faults.
func (c *Call) callerName() string {
	principal, known := c.bearer()
	if !known {
		return faults.NoCaller
	}
	return principal.Name
}

// injected returns the reply of the fault, or nil if it leaves the answer to the mock.
func (c *Call) injected() *Reply {
	effect := c.fault
	switch {
	case effect.Expired:
		return expiredToken()
	case effect.Status == 0:
		return nil
	case effect.Own != nil && effect.Own.Body != nil:
		answer := &Reply{Status: effect.Status, Text: effect.Own.Body, MediaType: "text/plain; charset=utf-8", checked: true, foreign: true}
		if effect.Own.IsJSON {
			answer.MediaType = MediaTypeJSON
		}
		answer.RetryAfter = effect.RetryAfter
		return answer
	case effect.Status < http.StatusBadRequest:
		_, text := c.Route.example(effect.Status, "")
		if effect.Status == http.StatusNoContent || effect.Status == http.StatusNotModified || text == nil {
			text = []byte{}
		}
		return &Reply{Status: effect.Status, Text: text, RetryAfter: effect.RetryAfter, checked: true}
	}
	answer := Refuse(effect.Status, "injected-fault", "This answer was asked for, to see how a client takes it. Nothing was done.")
	answer.RetryAfter = effect.RetryAfter
	return answer
}

// example returns the document's example of an answer, with its status. A status of 0 stands for any, the lowest first,
// and an empty name for any example, the first by name. The text is nil if there is none.
func (r *Route) example(status int, name string) (found int, text []byte) {
	for _, one := range r.examples() {
		if (status == 0 && one.status >= 100 || status != 0 && one.fits(status)) && (name == "" || one.name == name) {
			if status == 0 {
				status = one.status
			}
			return status, append(view.AppendValue(nil, one.value), '\n')
		}
	}
	return 0, nil
}

// answerExample is an example of an answer.
type answerExample struct {
	status int    // 0 for every status that has no answer of its own, 4 and 5 for the classes
	name   string // empty for the only one
	value  any
}

func (a *answerExample) fits(status int) bool {
	return a.status == status || a.status == status/100 || a.status == 0
}

// examples returns the document's examples of an operation's answers: that of the mock's own success first, then those
// of other statuses, then those of classes.
func (r *Route) examples() []answerExample {
	var all []answerExample
	for key, response := range r.Source.Responses.Map() {
		media := response.Value.Content.Get(MediaTypeJSON)
		if media == nil {
			continue
		}
		status, _ := strconv.Atoi(strings.TrimSuffix(strings.ToUpper(key), "XX")) // 0 for default
		if media.Example != nil {
			all = append(all, answerExample{status, "", media.Example})
		}
		for name, one := range media.Examples {
			if one != nil && one.Value != nil && one.Value.Value != nil {
				all = append(all, answerExample{status, name, one.Value.Value})
			}
		}
	}
	slices.SortFunc(all, func(a, b answerExample) int {
		return cmp.Or(cmp.Compare(r.rank(a.status), r.rank(b.status)), cmp.Compare(a.name, b.name))
	})
	return all
}

// rank orders statuses before classes, and classes before the default.
func (r *Route) rank(status int) int {
	switch {
	case status == http.StatusCreated && r.Action == "create":
		return 0
	case status == 0:
		return 2000
	case status < 10:
		return 1000 + status
	}
	return status
}

// exampleHint names the examples that a request can ask for.
func (r *Route) exampleHint() string {
	var names []string
	for _, one := range r.examples() {
		if one.name != "" && one.status >= 100 {
			names = append(names, one.name+" with code="+strconv.Itoa(one.status))
		}
	}
	if len(names) == 0 {
		return "none has a name."
	}
	return "known are " + strings.Join(names, ", ") + "."
}

// delay waits until the delay is over, the client disconnects, or the session or the mock ends.
func (c *Call) delay(delay time.Duration) {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	defer context.AfterFunc(c.Session.Ended, cancel)()
	c.Server.Pause(ctx, delay)
}

// sleep waits until the delay is over or the context is done.
func sleep(ctx context.Context, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
