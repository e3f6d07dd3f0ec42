package serve

import (
	"fmt"
	"hash/maphash"
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
	"github.com/credmock/credmock/mockserver/internal/store"
)

// record adds the exchange to the journal, if it is not there yet.
func (c *Call) record(answer *Reply) {
	if !c.recorded {
		c.recorded = true
		c.recordExchange(answer, time.Since(c.started))
	}
}

// recordExchange adds the exchange to the journal, with its secrets masked. The journal records of the mock's own
// surface only what is recorded by name.
func (c *Call) recordExchange(answer *Reply, took time.Duration) {
	if !c.isKept() {
		return
	}
	var room [4]string // avoids an allocation
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
		Left: c.left, Base: c.Base, Length: max(c.Length, int(c.ContentLength)), Digest: c.requestDigest(),
		Status: answer.Status, Injected: c.injectedText(answer),
	}
	if !kept.Caller.Known { // the request may have been answered before its principal was looked up
		if principal, known := c.bearer(); known {
			kept.Caller = callerOf(&principal)
		}
	}
	kept.Body = maskedBody(&censor, c)
	if c.Target.Record != nil {
		kept.Target = c.Target.Record.Resource
	}
	kept.Parameter = c.recordedParameter(&censor)
	if c.Route == nil {
		kept.Unknown = c.unknownPath(&censor)
	}
	kept.Sent = recordedHeaders(&censor, c.Header, c.Route)
	maskAnswer(&censor, c, answer)
	kept.Answer = answer.recorded()
	c.Session.Journal.Add(kept)
}

// requestDigest returns a digest that is equal for requests with the same method, path, query and body, or 0 if the
// body was not read to its end.
func (c *Call) requestDigest() uint64 {
	if c.digest == 0 && (c.ContentLength != 0 || c.Length > 0) {
		return 0
	}
	digest := c.digest
	for _, part := range [...]string{c.Method, c.path, c.URL.RawQuery} {
		digest = digest*31 + maphash.String(digestSeed, part)
	}
	return max(1, digest)
}

// maskedBody returns the request's body as JSON with its secrets masked, or nil if there is none or it is too large. A
// body without members is a string.
func maskedBody(c *censor.Censor, call *Call) []byte {
	members := call.JSON
	if members == nil {
		members = call.unused
	}
	if members == nil && len(call.unread) > 0 {
		return boundedCopy(view.AppendValue(nil, c.Sketch(call.unread)))
	}
	if members == nil {
		return nil
	}
	c.Clean(members)
	if call.Length > journal.MaxBody {
		return nil
	}
	written := Borrow()
	defer written.Release()
	written.Text = view.AppendValue(written.Text, members)
	return boundedCopy(written.Text)
}

// boundedCopy returns a copy of a text without spare capacity, or nil if it is too large. Masks can make a text
// longer than the one that was sent.
func boundedCopy(text []byte) []byte {
	if len(text) > journal.MaxBody {
		return nil
	}
	return append(make([]byte, 0, len(text)), text...)
}

// maskAnswer masks the recorded body of a reply. A body without records has only the mock's own text.
func maskAnswer(c *censor.Censor, call *Call, answer *Reply) {
	switch {
	case answer.written == nil:
	case answer.foreign:
		answer.written = boundedCopy(c.Rewrite(answer.written)) // nil for a body that is not JSON
	case call.Route.isToken() && answer.Bare["access_token"] != nil:
		given := map[string]any{"access_token": censor.MaskText, "token_type": answer.Bare["token_type"],
			"expires_in": answer.Bare["expires_in"]}
		answer.written = append(view.AppendValue(nil, given), '\n')
	case len(answer.Records) > 0 && needsMask(c, call, answer):
		answer.written, answer.recalled = boundedCopy(c.Rewrite(answer.written)), nil
	}
}

// needsMask reports whether a reply holds a value that must be masked. Few do, and the check is cheaper than decoding
// the reply. It remembers a reply without such a value, so that the next one need not be made and searched.
func needsMask(c *censor.Censor, call *Call, answer *Reply) bool {
	revision := c.Secrets.Revision()
	if answer.recalled != nil {
		if answer.recalled.Revision == revision && !c.Own {
			return false
		}
		call.redact(answer)
	}
	found := false
	look := func(text string) bool { found = found || c.Hides(text); return false }
	for _, shown := range answer.shown {
		shown.Hide(look, nil)
	}
	if !found && !answer.checked && answer.showsOne() {
		answer.recalled = &store.Shown{Model: call.Model.Number, Revision: revision, Text: answer.written}
		answer.Records[0].Remember(answer.recalled)
	}
	return found
}

// recordedParameter returns the path's parameter if it may be recorded, or "". An unknown one is recorded only if it
// looks like an id: a secret may have been pasted there.
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
		return strings.Clone(c.Parameter) // the original shares memory with the whole request line
	}
	return ""
}

// placeholderIDs are texts that a client sends when it has no id. They are recorded, because they explain a failure.
var placeholderIDs = []string{"undefined", "null", "nil", "None", "NaN", "[object Object]", "{id}", ":id", "id", "0"}

// looksLikeID reports whether a text has the form of a UUID.
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

// maxHeader is the largest length in bytes of a header that is recorded.
const maxHeader = 256

// recordedHeaders returns the request headers that the journal records.
func recordedHeaders(c *censor.Censor, header http.Header, of *Route) journal.Sent {
	one := func(name string) string {
		values := header[name]
		if len(values) == 0 {
			return ""
		}
		if len(values) == 1 && values[0] == MediaTypeJSON {
			return MediaTypeJSON
		}
		if len(values) > 1 || len(values[0]) > maxHeader || !utf8.ValidString(values[0]) || c.Hides(values[0]) {
			return string(censor.MaskText)
		}
		return strings.Clone(values[0]) // the original may share memory with all headers
	}
	return journal.Sent{
		Authorized: len(header["Authorization"]) > 0, Accept: one("Accept"), ContentType: one("Content-Type"),
		Agent: one("User-Agent"), Origin: one("Origin"), Prefer: recordedPreferences(header["Prefer"], of),
	}
}

// recordedPreferences returns the part of Prefer that the mock understood, in a canonical form.
func recordedPreferences(values []string, of *Route) string {
	if len(values) == 0 {
		return ""
	}
	asked, _ := faults.ParsePrefer(values)
	if asked == nil {
		return string(censor.MaskText)
	}
	var parts []string
	if asked.Status != 0 {
		parts = append(parts, fmt.Sprintf("code=%d", asked.Status))
	}
	if asked.Example != "" {
		if of == nil || of.Source == nil {
			return string(censor.MaskText)
		}
		if _, text := of.example(0, asked.Example); text == nil { // no name of the document
			return string(censor.MaskText)
		}
		parts = append(parts, "example="+asked.Example)
	}
	if asked.Delay > 0 {
		parts = append(parts, fmt.Sprintf("delay=%d", asked.Delay.Milliseconds()))
	}
	return strings.Join(parts, ", ")
}

// method returns the method of a request without sharing memory with the request line.
func (r *Route) method(sent string) string {
	if r != nil && r.Method != "" && r.Method != AnyMethod {
		return r.Method
	}
	return loggedMethod(sent)
}

// endpoint returns the part of a route that the journal records.
func (r *Route) endpoint() journal.Endpoint {
	if r == nil {
		return journal.Endpoint{}
	}
	return journal.Endpoint{ID: r.ID, Prefix: r.Prefix, Path: r.Path, Resource: r.Resource, MediaType: r.MediaType}
}

// callerOf returns the part of a principal that the journal records.
func callerOf(p *model.Principal) journal.Caller {
	if !p.Known {
		return journal.Caller{}
	}
	return journal.Caller{Name: p.Name, Organization: p.Organization, Known: true, Engineer: p.Engineer}
}

// recorded returns the part of a reply that the journal records, sharing no memory with it.
func (r *Reply) recorded() journal.Answered {
	kept := journal.Answered{
		Location: r.Location, Allow: r.Allow, MediaType: r.MediaType, Injected: r.Injected, RetryAfter: r.RetryAfter,
		Body: r.written, Shared: r.recalled, Length: r.length, One: len(r.Records) == 1 && !r.Many, Member: r.Member,
	}
	if len(r.Violations) == 0 {
		return kept
	}
	kept.Violations = make([]journal.Violation, 0, min(len(r.Violations), journal.MaxViolations+1))
	for _, violation := range r.Violations[:min(len(r.Violations), journal.MaxViolations)] {
		kept.Violations = append(kept.Violations, journal.Violation{
			Code: violation.Code, Message: violation.Message, Pointer: violation.Pointer,
		})
	}
	if len(r.Violations) > journal.MaxViolations {
		kept.Violations = append(kept.Violations, journal.Violation{
			Code: "more-faults", Message: "The answer has more faults, which are not kept.",
		})
	}
	return kept
}
