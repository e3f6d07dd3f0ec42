package serve

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Reply is an answer before it is redacted, checked and encoded. It has one of records, a payload, a bare body, a
// text or violations.
type Reply struct {
	Status    int
	Location  string // the Location header; may be empty
	Allow     string // the Allow header; may be empty
	ErrorType string // the X-Amzn-ErrorType header; may be empty
	Challenge string // the WWW-Authenticate header of a 401; empty for Bearer, NoChallenge for none

	Form       *view.Form // form of the records; nil if each is shown in the form of its own variant
	Member     string     // member of the payload that holds the records; empty if the payload is the record
	Many       bool       // the member holds an array
	Records    []*store.Record
	shown      []view.Shown // the redacted records; set by redact
	checked    bool         // the records are redacted and checked, or the body need not keep the document
	recalled   *store.Shown // the remembered answer that the reply repeats; nil for none
	foreign    bool         // the body is of an operator, and may hold anything
	StreamBody bodyStream   // writes the body in pieces; nil if it is built in memory

	Payload    map[string]any // payload of a reply without records
	Bare       map[string]any // body without the envelope
	Text       []byte         // encoded body
	Violations []view.Violation

	Framed    bool                                                       // the inspector shows it in a frame
	Policy    string                                                     // the Content-Security-Policy header; may be empty
	MediaType string                                                     // of the body; empty for application/json
	Stream    func(context.Context, *http.ResponseController, io.Writer) // writes after the body for as long as it likes; may be nil
	written   []byte                                                     // the written body, if the journal records it
	length    int                                                        // of the written body, in bytes

	RetryAfter int    // the Retry-After header in seconds; 0 for none
	Injected   string // describes the injected fault; empty for none
}

// NoChallenge leaves the WWW-Authenticate header out.
const NoChallenge = "none"

// Refuse returns a reply with one violation that has no pointer.
func Refuse(status int, code, message string) *Reply {
	return &Reply{Status: status, Violations: []view.Violation{{Code: code, Message: message}}}
}

// BadRequest returns a reply with the first violations of a body and the number of further ones.
func BadRequest(violations []view.Violation) *Reply {
	return &Reply{Status: http.StatusBadRequest, Violations: view.First(violations)}
}

// NotFound returns the refusal of an id that does not exist in the caller's organization.
func NotFound(resource string) *Reply {
	return Refuse(http.StatusNotFound, "not-found", "No "+resource+" of your organization has this id.")
}

// Failure returns the reply for a failure of the mock itself.
func Failure() *Reply {
	return Refuse(http.StatusInternalServerError, "internal", "The mock failed, which is a fault of credmock and not of the request.")
}

// InvalidAnswer returns the reply that replaces one that breaks the document. It names the places and no values.
func InvalidAnswer(violations []view.Violation) *Reply {
	answer := Refuse(http.StatusInternalServerError, "answer-breaks-document",
		"The answer would not keep the document, so the mock withholds it. The other faults say where.")
	for _, violation := range violations {
		violation.Pointer = "/payload" + violation.Pointer
		answer.Violations = append(answer.Violations, violation)
	}
	return answer
}

// showsOne reports whether a reply shows one record in its own form.
func (r *Reply) showsOne() bool { return len(r.Records) == 1 && !r.Many && r.Form == nil }

// recall returns the encoded body of a reply that shows a record as an earlier one did; nil if there is none. A record never changes.
func (c *Call) recall(answer *Reply) []byte {
	if !answer.showsOne() || answer.checked {
		return nil
	}
	shown := answer.Records[0].Remembered()
	if shown == nil || shown.Model != c.Model.Number {
		return nil
	}
	answer.recalled = shown
	return shown.Text
}

// viewOf returns a record redacted for a reply. It reuses the memory of room.
func (c *Call) viewOf(answer *Reply, one *store.Record, room view.Shown) view.Shown {
	if answer.Form == nil {
		return c.VariantOf(one).Shown.RedactInto(room, one.Values, nil)
	}
	return answer.Form.RedactInto(room, one.Values, c.Model.Kinds[one.Resource].Secrets)
}

// redact redacts the records of a reply. A form shows only the properties that it describes, so no secret of another
// strategy can appear; a form for all strategies masks the secrets of each.
func (c *Call) redact(answer *Reply) {
	answer.shown = make([]view.Shown, len(answer.Records))
	for i, record := range answer.Records {
		answer.shown[i] = c.viewOf(answer, record, view.Shown{})
	}
}

// check returns the places where a reply breaks the document.
func (c *Call) check(answer *Reply) []view.Violation {
	if len(answer.Records) > 0 {
		var violations []view.Violation
		for _, shown := range answer.shown {
			violations = append(violations, shown.Check()...)
		}
		return violations
	}
	schema := c.Route.answer(answer.Status)
	if schema == nil {
		return nil
	}
	return view.CheckAnswer(schema, c.tree(answer))
}

// encode appends the body of a reply.
func (c *Call) encode(body []byte, answer *Reply) []byte {
	switch {
	case answer.Status == http.StatusNoContent:
		return body
	case answer.Text != nil:
		return append(body, answer.Text...)
	case len(answer.shown) > 0:
		body = append(append(body, c.Model.Meta...), `"payload":`...)
		body = appendPayload(body, answer)
	case answer.Violations != nil && !c.Route.isToken():
		body = append(append(body, c.Model.Meta...), `"errors":`...)
		body = append(view.AppendValue(body, violationTree(answer.Violations)), '}')
	default:
		body = view.AppendValue(body, c.tree(answer))
	}
	return append(body, '\n')
}

// appendPayload appends the records, wrapped in the member if there is one, and closes the envelope.
func appendPayload(body []byte, answer *Reply) []byte {
	if answer.Member == "" {
		return append(appendShown(body, answer), '}')
	}
	body = append(view.AppendValue(append(body, '{'), answer.Member), ':')
	return append(appendShown(body, answer), '}', '}')
}

func appendShown(body []byte, answer *Reply) []byte {
	if !answer.Many {
		return answer.shown[0].Append(body)
	}
	body = append(body, '[')
	for i, shown := range answer.shown {
		if i > 0 {
			body = append(body, ',')
		}
		body = shown.Append(body)
	}
	return append(body, ']')
}

// tree returns the body of a reply without records.
func (c *Call) tree(answer *Reply) map[string]any {
	switch {
	case answer.Bare != nil:
		return answer.Bare
	case answer.Violations != nil && c.Route.isToken():
		return tokenError(answer)
	}
	tree := map[string]any{"meta": map[string]any{"version": c.Model.Spec.Version}}
	switch {
	case answer.Violations != nil:
		tree["errors"] = violationTree(answer.Violations)
	case answer.Many:
		tree["payload"] = map[string]any{answer.Member: []any{}}
	default:
		tree["payload"] = answer.Payload
	}
	return tree
}

func violationTree(violations []view.Violation) []any {
	tree := make([]any, len(violations))
	for i, violation := range violations {
		entry := map[string]any{"code": violation.Code, "message": violation.Message}
		if violation.Pointer != "" {
			entry["pointer"] = violation.Pointer
		}
		tree[i] = entry
	}
	return tree
}

// ShowOne returns a reply that shows one record.
func ShowOne(k *model.Kind, status int, shown *store.Record) *Reply {
	answer := &Reply{Status: status, Member: k.Member, Records: []*store.Record{shown}}
	if status == http.StatusCreated && k.Path != "" {
		answer.Location = pathtemplate.Fill(k.Path, shown.ID)
	}
	return answer
}

// Present returns a reply that shows a record before it is stored, or the places where it would break the document: a
// record that cannot be shown must not be stored.
func Present(k *model.Kind, status int, about *store.Record, form *model.Variant) (answer *Reply, violations []view.Violation) {
	answer = ShowOne(k, status, about)
	answer.shown, violations = k.View(about, form)
	answer.checked = true
	return answer, violations
}

// JoinMessages joins the messages of violations.
func JoinMessages(violations []view.Violation) string {
	var all []string
	for _, violation := range violations {
		all = append(all, violation.Message)
	}
	return strings.Join(all, " ")
}

// tokenError returns a refusal of the token endpoint in the form of an OAuth error.
func tokenError(answer *Reply) map[string]any {
	code := "invalid_request"
	if answer.Status >= http.StatusInternalServerError {
		code = "server_error"
	}
	return map[string]any{"error": code, "error_description": JoinMessages(answer.Violations)}
}
