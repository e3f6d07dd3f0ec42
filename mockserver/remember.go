package mockserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock/internal/view"
)

// remember keeps an exchange in the journal, without what is secret in it. The mock's own surface is not part of it.
func (c *call) remember(answer *reply, took time.Duration) {
	if c.route.isOwn() || isOwnPath(c.path) {
		return
	}
	var room [4]string // spares an allocation
	censor := censor{words: c.model.words, known: c.model.known, sent: room[:0]}
	censor.meetAuthorization(c.Header["Authorization"])
	if len(answer.records) == 1 {
		shown := answer.records[0]
		if form := c.variantOf(shown); form != nil {
			censor.meetValues(shown.values, form.secrets)
		}
	}
	kept := &exchange{
		started: c.started, took: took, session: c.session.name,
		at: c.route.endpoint(), method: c.route.method(c.Method), caller: callerOf(&c.principal), query: c.URL.RawQuery != "",
		length: c.length, status: answer.status, injected: c.injected(answer),
	}
	if !kept.caller.known { // it may have been answered before anybody looked who asks
		if who, known := c.bearer(); known {
			kept.caller = callerOf(&who)
		}
	}
	kept.body = keptBody(&censor, c)
	if c.target.record != nil {
		kept.target = c.target.record.resource
	}
	kept.named = c.named(&censor)
	kept.sent = keptHeaders(&censor, c.Header)
	censorAnswer(&censor, c, answer)
	kept.answer = answer.keep()
	c.session.journal.add(kept)
}

// keptBody returns a body as JSON without what is secret in it; nil where there is none or it is too large.
func keptBody(c *censor, call *call) []byte {
	if call.body == nil {
		return nil
	}
	c.clean(call.body)
	if call.length > mostRemembered {
		return nil
	}
	written := borrow()
	defer written.giveBack()
	written.text = view.AppendValue(written.text, call.body)
	return bounded(written.text)
}

// bounded returns a copy of a text that has no room to spare; nil where it is too large. Masks can make it longer than what
// was sent.
func bounded(text []byte) []byte {
	if len(text) > mostRemembered {
		return nil
	}
	return append(make([]byte, 0, len(text)), text...)
}

// censorAnswer censors the text of an answer that is kept. What has no record in it is in the mock's own words.
func censorAnswer(c *censor, call *call, answer *reply) {
	switch {
	case answer.written == nil:
	case call.route.isToken() && answer.bare["access_token"] != nil:
		given := map[string]any{"access_token": withheldText, "token_type": answer.bare["token_type"], "expires_in": answer.bare["expires_in"]}
		answer.written = append(view.AppendValue(nil, given), '\n')
	case len(answer.shown) > 0 && hasToHide(c, answer):
		answer.written = bounded(c.rewrite(answer.written))
	}
}

// hasToHide tells whether a value of an answer is to be hidden. Nearly none is, and to look takes less time than to take the
// answer apart.
func hasToHide(c *censor, answer *reply) bool {
	found := false
	look := func(text string) bool { found = found || c.hides(text); return false }
	for _, shown := range answer.shown {
		shown.Hide(look, nil)
	}
	return found
}

// named returns the value of the path's parameter as the mock knows it. What it does not know is kept only where it looks like
// an id: a secret may have been pasted there.
func (c *call) named(censor *censor) string {
	switch {
	case c.parameter == "":
		return ""
	case c.target.record != nil:
		return c.target.record.id
	case c.target.environment != nil:
		return c.target.environment.id
	case c.target.organization != nil && c.target.organization.text == c.parameter:
		return c.target.organization.text
	case slices.Contains(noIDs, c.parameter), c.model.hasPlace(c.parameter):
		return strings.Clone(c.parameter)
	case looksLikeID(c.parameter) && !censor.hides(c.parameter):
		return strings.Clone(c.parameter) // it shares memory with the rest of the request's first line
	}
	return ""
}

// noIDs are what stands in a path where a program had no id. Whoever looks into a journal looks for these.
var noIDs = []string{"undefined", "null", "nil", "None", "NaN", "[object Object]", "{id}", ":id", "id", "0"}

// looksLikeID tells whether a text has the form of an UUID.
func looksLikeID(text string) bool {
	if len(text) != len("00000000-0000-0000-0000-000000000000") {
		return false
	}
	for i := range len(text) {
		isHex := text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'f'
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (text[i] == '-') || !dash && !isHex {
			return false
		}
	}
	return true
}

// mostOfHeader is the length in bytes up to which a header is kept.
const mostOfHeader = 256

// keptHeaders returns what is kept of the headers of a request.
func keptHeaders(c *censor, header http.Header) sent {
	one := func(name string) string {
		values := header[name]
		if len(values) == 0 {
			return ""
		}
		if len(values) > 1 || len(values[0]) > mostOfHeader || !utf8.ValidString(values[0]) || c.hides(values[0]) {
			return string(withheldText)
		}
		if values[0] == mediaTypeJSON {
			return mediaTypeJSON
		}
		return strings.Clone(values[0]) // it may share memory with all the headers
	}
	return sent{
		authorized: len(header["Authorization"]) > 0, accept: one("Accept"), contentType: one("Content-Type"),
		agent: one("User-Agent"), origin: one("Origin"), prefers: preferences(header["Prefer"]),
	}
}

// preferences returns what is kept of Prefer: what this mock understood of it, in its own words.
func preferences(values []string) string {
	if len(values) == 0 {
		return ""
	}
	asked, _ := preferred(values)
	switch {
	case asked == nil:
		return string(withheldText)
	case asked.status == 0:
		return fmt.Sprintf("delay=%d", asked.delay.Milliseconds())
	case asked.delay == 0:
		return fmt.Sprintf("code=%d", asked.status)
	}
	return fmt.Sprintf("code=%d, delay=%d", asked.status, asked.delay.Milliseconds())
}

// method returns the method of a request in memory that it does not share with the rest of the request's first line.
func (r *route) method(sent string) string {
	if r != nil && r.Method != "" {
		return r.Method
	}
	return loggedMethod(sent)
}

// endpoint returns what is kept of a route.
func (r *route) endpoint() endpoint {
	if r == nil {
		return endpoint{}
	}
	return endpoint{r.ID, r.Prefix, r.Path, r.Resource, r.MediaType}
}

// callerOf returns what is kept of a principal.
func callerOf(p *principal) caller {
	if !p.known {
		return caller{}
	}
	return caller{p.name, p.organization, true, p.engineer}
}

// keep returns what is kept of an answer, in memory that is shared with nothing.
func (r *reply) keep() answered {
	kept := answered{
		location: r.location, allow: r.allow, mediaType: r.mediaType, injected: r.injected, retryAfter: r.retryAfter,
		body: r.written, length: r.length, one: len(r.shown) == 1 && !r.many, member: r.member,
	}
	if len(r.faults) == 0 {
		return kept
	}
	kept.faults = make([]shownFault, 0, min(len(r.faults), mostShownFaults+1))
	for _, fault := range r.faults[:min(len(r.faults), mostShownFaults)] {
		kept.faults = append(kept.faults, shownFault{fault.Code, fault.Message, fault.Pointer})
	}
	if len(r.faults) > mostShownFaults {
		kept.faults = append(kept.faults, shownFault{Code: "more-faults", Message: "The answer has more faults, which are not kept."})
	}
	return kept
}
