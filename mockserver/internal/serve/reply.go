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

// Reply is an answer before it is redacted, checked and encoded. It has records, or a payload, or a bare body, or faults.
type Reply struct {
	Status   int
	Location string // the Location header; may be empty
	Allow    string // the Allow header; may be empty

	Form       *view.Form // how the records are shown; nil where each has its own form, that of its variant
	Member     string     // the member of payload that holds them; empty where the one record is the payload
	Many       bool       // member holds an array
	Records    []*store.Record
	shown      []view.Shown // the records, redacted; filled in by redact
	checked    bool         // they are redacted and held to the document already
	StreamBody bodyStream   // writes the body where that is not made as a whole; nil for every other answer

	Payload    map[string]any // the payload of an answer without records
	Bare       map[string]any // a body without the envelope
	Text       []byte         // a body that is not an object of JSON, or encoded already
	Violations []view.Violation

	Framed    bool                                                       // the inspector shows it in a frame
	Policy    string                                                     // the Content-Security-Policy header; may be empty
	MediaType string                                                     // of the body; empty for application/json
	Stream    func(context.Context, *http.ResponseController, io.Writer) // writes what follows the body, for as long as it likes; may be nil
	written   []byte                                                     // the body that was written, where the journal keeps it
	length    int                                                        // of the body that was written, in bytes

	RetryAfter int    // the Retry-After header in seconds; 0 for none
	Injected   string // the fault that met the request; empty for none
}

// Refuse returns an answer with one fault that has no place in a body.
func Refuse(status int, code, message string) *Reply {
	return &Reply{Status: status, Violations: []view.Violation{{Code: code, Message: message}}}
}

// BadRequest returns the answer that names every fault of a body, or the first ones and how many more there are.
func BadRequest(violations []view.Violation) *Reply {
	return &Reply{Status: http.StatusBadRequest, Violations: view.First(violations)}
}

// NotFound refuses an id that does not exist in the caller's organization.
func NotFound(resource string) *Reply {
	return Refuse(http.StatusNotFound, "not-found", "No "+resource+" of your organization has this id.")
}

// Failure is the answer when the mock itself failed.
func Failure() *Reply {
	return Refuse(http.StatusInternalServerError, "internal", "The mock failed, which is a fault of credmock and not of the request.")
}

// Breaks is the answer in place of one that breaks the document. It names the places and no value.
func InvalidAnswer(violations []view.Violation) *Reply {
	answer := Refuse(http.StatusInternalServerError, "answer-breaks-document",
		"The answer would not keep the document, so the mock withholds it. The other faults say where.")
	for _, violation := range violations {
		violation.Pointer = "/payload" + violation.Pointer
		answer.Violations = append(answer.Violations, violation)
	}
	return answer
}

// viewOf returns what may be shown of one of the records, in memory that is not needed any more.
func (c *Call) viewOf(answer *Reply, one *store.Record, room view.Shown) view.Shown {
	if answer.Form == nil {
		return c.VariantOf(one).Shown.RedactInto(room, one.Values, nil)
	}
	return answer.Form.RedactInto(room, one.Values, c.Model.Kinds[one.Resource].Secrets)
}

// redact makes of each record what may be shown of it. A form shows only what it describes, so no other strategy's secret can
// ride along; in a form for all strategies, whatever is secret to one of them is withheld.
func (c *Call) redact(answer *Reply) {
	answer.shown = make([]view.Shown, len(answer.Records))
	for i, record := range answer.Records {
		answer.shown[i] = c.viewOf(answer, record, view.Shown{})
	}
}

// check holds an answer to the document.
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

// encode appends the body of an answer.
func (c *Call) encode(body []byte, answer *Reply) []byte {
	switch {
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

// appendPayload encodes records, in the member that holds them where there is one, and closes the envelope.
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

// tree returns the whole body of an answer without records.
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

// ShowOne returns the answer that shows one record.
func ShowOne(k *model.Kind, status int, shown *store.Record) *Reply {
	answer := &Reply{Status: status, Member: k.Member, Records: []*store.Record{shown}}
	if status == http.StatusCreated {
		answer.Location = pathtemplate.Fill(k.Path, shown.ID)
	}
	return answer
}

// Present returns the answer that shows a record that is about to be stored, or says where that would break the document: what
// cannot be shown is not stored.
func Present(k *model.Kind, status int, about *store.Record, form *model.Variant) (answer *Reply, violations []view.Violation) {
	answer = ShowOne(k, status, about)
	answer.shown, violations = k.View(about, form)
	answer.checked = true
	return answer, violations
}

// Sentences joins the messages of violations.
func JoinMessages(violations []view.Violation) string {
	var all []string
	for _, violation := range violations {
		all = append(all, violation.Message)
	}
	return strings.Join(all, " ")
}

// tokenFault gives a refusal that did not come from the token endpoint itself the form of its errors.
func tokenError(answer *Reply) map[string]any {
	code := "invalid_request"
	if answer.Status >= http.StatusInternalServerError {
		code = "server_error"
	}
	return map[string]any{"error": code, "error_description": JoinMessages(answer.Violations)}
}
