package mockserver

import (
	"net/url"

	"context"
	"io"
	"net/http"
	"strings"

	"github.com/credmock/credmock/internal/view"
)

// reply is an answer before it is redacted, checked and encoded. It has records, or a payload, or a bare body, or faults.
type reply struct {
	status   int
	location string // the Location header; may be empty
	allow    string // the Allow header; may be empty

	form    *view.Form // how the records are shown; nil where each has its own form, that of its variant
	member  string     // the member of payload that holds them; empty where the one record is the payload
	many    bool       // member holds an array
	records []*record
	shown   []view.Shown // the records, redacted; filled in by redact
	checked bool         // they are redacted and held to the document already
	pour    pour         // writes the body where that is not made as a whole; nil for every other answer

	payload map[string]any // the payload of an answer without records
	bare    map[string]any // a body without the envelope
	text    []byte         // a body that is not an object of JSON, or encoded already
	faults  []view.Violation

	framed    bool                                                       // the inspector shows it in a frame
	policy    string                                                     // the Content-Security-Policy header; may be empty
	mediaType string                                                     // of the body; empty for application/json
	stream    func(context.Context, *http.ResponseController, io.Writer) // writes what follows the body, for as long as it likes; may be nil
	written   []byte                                                     // the body that was written, where the journal keeps it
	length    int                                                        // of the body that was written, in bytes

	retryAfter int    // the Retry-After header in seconds; 0 for none
	injected   string // the fault that met the request; empty for none
}

// refuse returns an answer with one fault that has no place in a body.
func refuse(status int, code, message string) *reply {
	return &reply{status: status, faults: []view.Violation{{Code: code, Message: message}}}
}

// badRequest returns the answer that names every fault of a body, or the first ones and how many more there are.
func badRequest(faults []view.Violation) *reply {
	return &reply{status: http.StatusBadRequest, faults: view.First(faults)}
}

func notFound(what string) *reply {
	return refuse(http.StatusNotFound, "not-found", "No "+what+" of your organization has this id.")
}

// failure is the answer when the mock itself failed.
func failure() *reply {
	return refuse(http.StatusInternalServerError, "internal", "The mock failed, which is a fault of credmock and not of the request.")
}

// breaks is the answer in place of one that breaks the document. It names the places and no value.
func breaks(broken []view.Violation) *reply {
	answer := refuse(http.StatusInternalServerError, "answer-breaks-document",
		"The answer would not keep the document, so the mock withholds it. The other faults say where.")
	for _, violation := range broken {
		violation.Pointer = "/payload" + violation.Pointer
		answer.faults = append(answer.faults, violation)
	}
	return answer
}

// viewOf returns what may be shown of one of the records, in memory that is not needed any more.
func (c *call) viewOf(answer *reply, one *record, room view.Shown) view.Shown {
	if answer.form == nil {
		return c.variantOf(one).shown.RedactInto(room, one.values, nil)
	}
	return answer.form.RedactInto(room, one.values, c.model.kinds[one.resource].secrets)
}

// redact makes of each record what may be shown of it. A form shows only what it describes, so no other strategy's secret can
// ride along; in a form for all strategies, whatever is secret to one of them is withheld.
func (c *call) redact(answer *reply) {
	answer.shown = make([]view.Shown, len(answer.records))
	for i, record := range answer.records {
		answer.shown[i] = c.viewOf(answer, record, view.Shown{})
	}
}

// check holds an answer to the document.
func (c *call) check(answer *reply) []view.Violation {
	if len(answer.records) > 0 {
		var broken []view.Violation
		for _, shown := range answer.shown {
			broken = append(broken, shown.Check()...)
		}
		return broken
	}
	schema := c.route.answer(answer.status)
	if schema == nil {
		return nil
	}
	return view.CheckAnswer(schema, c.tree(answer))
}

// encode appends the body of an answer.
func (c *call) encode(body []byte, answer *reply) []byte {
	switch {
	case answer.text != nil:
		return append(body, answer.text...)
	case len(answer.shown) > 0:
		body = append(append(body, c.model.meta...), `"payload":`...)
		body = appendPayload(body, answer)
	case answer.faults != nil && !c.route.isToken():
		body = append(append(body, c.model.meta...), `"errors":`...)
		body = append(view.AppendValue(body, faultTree(answer.faults)), '}')
	default:
		body = view.AppendValue(body, c.tree(answer))
	}
	return append(body, '\n')
}

// appendPayload encodes records, in the member that holds them where there is one, and closes the envelope.
func appendPayload(body []byte, answer *reply) []byte {
	if answer.member == "" {
		return append(appendShown(body, answer), '}')
	}
	body = append(view.AppendValue(append(body, '{'), answer.member), ':')
	return append(appendShown(body, answer), '}', '}')
}

func appendShown(body []byte, answer *reply) []byte {
	if !answer.many {
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
func (c *call) tree(answer *reply) map[string]any {
	switch {
	case answer.bare != nil:
		return answer.bare
	case answer.faults != nil && c.route.isToken():
		return tokenFault(answer)
	}
	tree := map[string]any{"meta": map[string]any{"version": c.model.spec.Version}}
	switch {
	case answer.faults != nil:
		tree["errors"] = faultTree(answer.faults)
	case answer.many:
		tree["payload"] = map[string]any{answer.member: []any{}}
	default:
		tree["payload"] = answer.payload
	}
	return tree
}

func faultTree(faults []view.Violation) []any {
	tree := make([]any, len(faults))
	for i, fault := range faults {
		entry := map[string]any{"code": fault.Code, "message": fault.Message}
		if fault.Pointer != "" {
			entry["pointer"] = fault.Pointer
		}
		tree[i] = entry
	}
	return tree
}

// showOne returns the answer that shows one record.
func showOne(k *kind, status int, shown *record) *reply {
	answer := &reply{status: status, member: k.member, records: []*record{shown}}
	if status == http.StatusCreated {
		answer.location = k.path + url.PathEscape(shown.id)
	}
	return answer
}

// present returns the answer that shows a record that is about to be stored, or says where that would break the document: what
// cannot be shown is not stored.
func present(k *kind, status int, about *record, form *variant) (answer *reply, broken []view.Violation) {
	answer = showOne(k, status, about)
	answer.shown, broken = k.view(about, form)
	answer.checked = true
	return answer, broken
}

func sentences(faults []view.Violation) string {
	var all []string
	for _, fault := range faults {
		all = append(all, fault.Message)
	}
	return strings.Join(all, " ")
}

// tokenFault gives a refusal that did not come from the token endpoint itself the form of its errors.
func tokenFault(answer *reply) map[string]any {
	code := "invalid_request"
	if answer.status >= http.StatusInternalServerError {
		code = "server_error"
	}
	return map[string]any{"error": code, "error_description": sentences(answer.faults)}
}
