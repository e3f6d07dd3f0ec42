package serve

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/model"
)

// remember keeps an exchange in the journal, without what is secret in it. The mock's own surface is not part of it.
func (c *Call) recordExchange(answer *Reply, took time.Duration) {
	if c.Route.isOwn() || isOwnPath(c.path) {
		return
	}
	var room [4]string // spares an allocation
	censor := censor.Censor{Words: c.Model.Words, Secrets: c.Model.Secrets, Sent: room[:0]}
	censor.AddAuthorization(c.Header["Authorization"])
	if len(answer.Records) == 1 {
		shown := answer.Records[0]
		if form := c.VariantOf(shown); form != nil {
			censor.AddValues(shown.Values, form.Secrets)
		}
	}
	kept := &journal.Exchange{
		Started: c.started, Took: took, Session: c.Session.Name,
		At: c.Route.endpoint(), Method: c.Route.method(c.Method), Caller: callerOf(&c.Principal), Query: c.URL.RawQuery != "",
		Length: c.Length, Status: answer.Status, Injected: c.injectedText(answer),
	}
	if !kept.Caller.Known { // it may have been answered before anybody looked who asks
		if principal, known := c.bearer(); known {
			kept.Caller = callerOf(&principal)
		}
	}
	kept.Body = maskedBody(&censor, c)
	if c.Target.Record != nil {
		kept.Target = c.Target.Record.Resource
	}
	kept.Parameter = c.recordedParameter(&censor)
	kept.Sent = recordedHeaders(&censor, c.Header)
	maskAnswer(&censor, c, answer)
	kept.Answer = answer.recorded()
	c.Session.Journal.Add(kept)
}

// keptBody returns a body as JSON without what is secret in it; nil where there is none or it is too large.
func maskedBody(c *censor.Censor, call *Call) []byte {
	if call.JSON == nil {
		return nil
	}
	c.Clean(call.JSON)
	if call.Length > journal.MaxBody {
		return nil
	}
	written := Borrow()
	defer written.Release()
	written.Text = view.AppendValue(written.Text, call.JSON)
	return boundedCopy(written.Text)
}

// bounded returns a copy of a text that has no room to spare; nil where it is too large. Masks can make it longer than what
// was sent.
func boundedCopy(text []byte) []byte {
	if len(text) > journal.MaxBody {
		return nil
	}
	return append(make([]byte, 0, len(text)), text...)
}

// censorAnswer censors the text of an answer that is kept. What has no record in it is in the mock's own words.
func maskAnswer(c *censor.Censor, call *Call, answer *Reply) {
	switch {
	case answer.written == nil:
	case call.Route.isToken() && answer.Bare["access_token"] != nil:
		given := map[string]any{"access_token": censor.MaskText, "token_type": answer.Bare["token_type"],
			"expires_in": answer.Bare["expires_in"]}
		answer.written = append(view.AppendValue(nil, given), '\n')
	case len(answer.shown) > 0 && needsMask(c, answer):
		answer.written = boundedCopy(c.Rewrite(answer.written))
	}
}

// hasToHide tells whether a value of an answer is to be hidden. Nearly none is, and to look takes less time than to take the
// answer apart.
func needsMask(c *censor.Censor, answer *Reply) bool {
	found := false
	look := func(text string) bool { found = found || c.Hides(text); return false }
	for _, shown := range answer.shown {
		shown.Hide(look, nil)
	}
	return found
}

// named returns the value of the path's parameter as the mock knows it. What it does not know is kept only where it looks like
// an id: a secret may have been pasted there.
func (c *Call) recordedParameter(censor *censor.Censor) string {
	switch {
	case c.Parameter == "":
		return ""
	case c.Target.Record != nil:
		return c.Target.Record.ID
	case c.Target.Environment != nil:
		return c.Target.Environment.ID
	case c.Target.Organization != nil && c.Target.Organization.Text == c.Parameter:
		return c.Target.Organization.Text
	case slices.Contains(placeholderIDs, c.Parameter), c.Model.IsPlaceID(c.Parameter):
		return strings.Clone(c.Parameter)
	case looksLikeID(c.Parameter) && !censor.Hides(c.Parameter):
		return strings.Clone(c.Parameter) // it shares memory with the rest of the request's first line
	}
	return ""
}

// noIDs are what stands in a path where a program had no id. Whoever looks into a journal looks for these.
var placeholderIDs = []string{"undefined", "null", "nil", "None", "NaN", "[object Object]", "{id}", ":id", "id", "0"}

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
const maxHeader = 256

// keptHeaders returns what is kept of the headers of a request.
func recordedHeaders(c *censor.Censor, header http.Header) journal.Sent {
	one := func(name string) string {
		values := header[name]
		if len(values) == 0 {
			return ""
		}
		if len(values) > 1 || len(values[0]) > maxHeader || !utf8.ValidString(values[0]) || c.Hides(values[0]) {
			return string(censor.MaskText)
		}
		if values[0] == MediaTypeJSON {
			return MediaTypeJSON
		}
		return strings.Clone(values[0]) // it may share memory with all the headers
	}
	return journal.Sent{
		Authorized: len(header["Authorization"]) > 0, Accept: one("Accept"), ContentType: one("Content-Type"),
		Agent: one("User-Agent"), Origin: one("Origin"), Prefer: recordedPreferences(header["Prefer"]),
	}
}

// preferences returns what is kept of Prefer: what this mock understood of it, in its own words.
func recordedPreferences(values []string) string {
	if len(values) == 0 {
		return ""
	}
	asked, _ := faults.ParsePrefer(values)
	switch {
	case asked == nil:
		return string(censor.MaskText)
	case asked.Status == 0:
		return fmt.Sprintf("delay=%d", asked.Delay.Milliseconds())
	case asked.Delay == 0:
		return fmt.Sprintf("code=%d", asked.Status)
	}
	return fmt.Sprintf("code=%d, delay=%d", asked.Status, asked.Delay.Milliseconds())
}

// method returns the method of a request in memory that it does not share with the rest of the request's first line.
func (r *Route) method(sent string) string {
	if r != nil && r.Method != "" {
		return r.Method
	}
	return loggedMethod(sent)
}

// endpoint returns what is kept of a route.
func (r *Route) endpoint() journal.Endpoint {
	if r == nil {
		return journal.Endpoint{}
	}
	return journal.Endpoint{ID: r.ID, Prefix: r.Prefix, Path: r.Path, Resource: r.Resource, MediaType: r.MediaType}
}

// callerOf returns what is kept of a principal.
func callerOf(p *model.Principal) journal.Caller {
	if !p.Known {
		return journal.Caller{}
	}
	return journal.Caller{Name: p.Name, Organization: p.Organization, Known: true, Engineer: p.Engineer}
}

// keep returns what is kept of an answer, in memory that is shared with nothing.
func (r *Reply) recorded() journal.Answered {
	kept := journal.Answered{
		Location: r.Location, Allow: r.Allow, MediaType: r.MediaType, Injected: r.Injected, RetryAfter: r.RetryAfter,
		Body: r.written, Length: r.length, One: len(r.shown) == 1 && !r.Many, Member: r.Member,
	}
	if len(r.Violations) == 0 {
		return kept
	}
	kept.Violations = make([]journal.Violation, 0, min(len(r.Violations), journal.MaxViolations+1))
	for _, violation := range r.Violations[:min(len(r.Violations), journal.MaxViolations)] {
		kept.Violations = append(kept.Violations, journal.Violation{Code: violation.Code, Message: violation.Message, Pointer: violation.Pointer})
	}
	if len(r.Violations) > journal.MaxViolations {
		kept.Violations = append(kept.Violations, journal.Violation{Code: "more-faults", Message: "The answer has more faults, which are not kept."})
	}
	return kept
}
