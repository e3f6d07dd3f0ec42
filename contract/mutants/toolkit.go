package mutants

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
)

// fault changes an exchange. Either function may be nil.
type fault struct {
	before func(*exchange) // sees the request; may change or answer it
	after  func(*exchange) // sees the answer; may change it
}

// server is a sound server with faults.
type server struct {
	sound  http.Handler
	faults []fault
	memory *memory
}

// exchange is a request and its answer within a mutant.
type exchange struct {
	*memory
	sound     http.Handler
	request   *http.Request
	operation *credmock.Operation // nil if the document has none
	name      string              // the operation's action, with the resource before it unless that is the credential
	id        string              // the value of the path's parameter
	text      []byte              // the request's body, as forwarded
	body      map[string]any      // the body as the client sent it; nil if it is not an object

	status  int // 0 while unanswered
	header  http.Header
	answer  map[string]any // the answer's body; nil if it is not an object
	raw     []byte         // the answer's body if answer is nil
	trailer map[string]string
	finish  func([]byte) []byte // changes the encoded answer; may be nil
	excess  int                 // what its Content-Length says beyond its bytes
	hangUp  bool                // closes the connection without an answer
}

const (
	// maxBody is longer than any request of this API.
	maxBody = 4 << 20
	// maxDecoded is longer than any credential. Longer bodies are not decoded, to save time.
	maxDecoded = 1 << 18
)

// readBody is a request's body that was read before, so that nested mutants read it once.
type readBody struct {
	*bytes.Reader
	text []byte
}

func newBody(text []byte) readBody { return readBody{bytes.NewReader(text), text} }

// Close does nothing.
func (readBody) Close() error { return nil }

func textOf(r *http.Request) ([]byte, error) {
	if known, isKnown := r.Body.(readBody); isKnown {
		return known.text, nil
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

// ServeHTTP passes the exchange through the faults.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := textOf(r)
	if err != nil {
		return // the client has gone
	}
	s.exchange(r, text).write(w)
}

// exchange returns the exchange with the answer to a request, as the faults leave it.
func (s *server) exchange(r *http.Request, text []byte) *exchange {
	e := &exchange{memory: s.memory, sound: s.sound, request: r.Clone(r.Context()), text: text, body: decodeObject(text)}
	e.operation, e.id = operationOf(r)
	e.name = nameOf(e.operation)
	for _, one := range s.faults {
		if one.before != nil {
			one.before(e)
		}
	}
	if e.status == 0 && !e.hangUp {
		e.pass()
	}
	e.learn(e)
	for _, one := range s.faults {
		if one.after != nil && !e.hangUp {
			one.after(e)
		}
	}
	return e
}

// pass lets the sound server answer.
func (e *exchange) pass() {
	r := e.request.Clone(e.request.Context())
	r.Body, r.ContentLength = newBody(e.text), int64(len(e.text))
	if inner, isNested := e.sound.(*server); isNested {
		e.takeFrom(inner.exchange(r, e.text))
		return
	}
	e.take(record(e.sound, r))
}

// takeFrom takes the answer of a nested mutant. It copies the decoded answer where that is all there is to it, since a server of many
// variants would encode and decode each answer many times.
func (e *exchange) takeFrom(inner *exchange) {
	if inner.answer != nil && inner.finish == nil && inner.trailer == nil && inner.excess == 0 && !inner.hangUp {
		if answer, isPlain := copied(inner.answer); isPlain {
			e.status, e.header, e.raw, e.answer = inner.status, inner.header, nil, answer.(map[string]any)
			e.header.Del("Content-Length")
			return
		}
	}
	e.take(record(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { inner.write(w) }), nil))
}

// copied returns a copy of a decoded value, and whether it has only what a decoder makes.
func copied(value any) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, member := range value {
			one, isPlain := copied(member)
			if !isPlain {
				return nil, false
			}
			object[name] = one
		}
		return object, true
	case []any:
		array := make([]any, len(value))
		for i, item := range value {
			one, isPlain := copied(item)
			if !isPlain {
				return nil, false
			}
			array[i] = one
		}
		return array, true
	case nil, bool, string, json.Number:
		return value, true
	}
	return nil, false
}

// take takes a recorded answer as the exchange's.
func (e *exchange) take(answer *recorder) {
	e.status, e.header, e.raw = answer.status, answer.header, answer.body.Bytes()
	e.answer = decodeObject(e.raw)
}

// write sends the answer.
func (e *exchange) write(w http.ResponseWriter) {
	if e.hangUp {
		panic(http.ErrAbortHandler)
	}
	text := e.raw
	if e.answer != nil {
		text = encode(e.answer)
	}
	if e.finish != nil {
		text = e.finish(text)
	}
	e.header.Del("Content-Length")
	for name := range e.trailer {
		e.header.Add("Trailer", name)
	}
	maps.Copy(w.Header(), e.header)
	if e.excess > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)+e.excess))
	}
	w.WriteHeader(e.status)
	_, _ = w.Write(text) // a client that has gone needs no answer
	for name, value := range e.trailer {
		w.Header().Set(name, value)
	}
}

// reply answers with a JSON object.
func (e *exchange) reply(status int, answer map[string]any) {
	if e.header == nil {
		e.header = http.Header{"Content-Type": {"application/json"}}
	}
	e.status, e.answer, e.raw = status, answer, nil
}

// replyText answers with other text.
func (e *exchange) replyText(status int, mediaType, text string) {
	e.reply(status, nil)
	e.header.Set("Content-Type", mediaType)
	e.raw = []byte(text)
}

// refuse answers like a refusal of the mock.
func (e *exchange) refuse(status int) {
	e.reply(status, map[string]any{
		"meta":   map[string]any{"version": "1.0.0"},
		"errors": []any{map[string]any{"code": "refused", "message": "It was refused."}},
	})
}

// grant answers with a success.
func (e *exchange) grant(payload map[string]any) {
	e.reply(http.StatusOK, map[string]any{"meta": map[string]any{"version": "1.0.0"}, "payload": payload})
}

// ask sends another request to the sound server, as the caller of the exchange.
func (e *exchange) ask(method, path string, body any) *exchange {
	text := []byte(nil)
	if body != nil {
		text = encode(body)
	}
	return e.askAs(e.request.Header.Get("Authorization"), method, path, text)
}

func (e *exchange) askAs(authorization, method, path string, text []byte) *exchange {
	r, err := http.NewRequestWithContext(e.request.Context(), method, path, bytes.NewReader(text))
	inner := &exchange{status: http.StatusBadRequest}
	if err != nil {
		return inner
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Accept", "application/json")
	if len(text) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RequestURI, r.Host = path, e.request.Host
	inner.take(record(e.sound, r))
	return inner
}

// askFor sends another request for an operation on a credential, or on the resource that begins the name.
func (e *exchange) askFor(name, id string, body any) *exchange {
	for _, operation := range credmock.Default().Operations {
		if nameOf(operation) == name {
			return e.ask(operation.Method, pathOf(operation, id), body)
		}
	}
	return &exchange{status: http.StatusNotFound}
}

// again lets the sound server answer the request once more, with another Authorization.
func (e *exchange) again(authorization string) {
	e.request.Header.Set("Authorization", authorization)
	e.pass()
}

func (e *exchange) success() bool { return e.status >= 200 && e.status < 300 }

func (e *exchange) refused() bool { return e.status >= 400 && e.status < 500 }

// is tells whether the exchange is of one of some operations, given as words.
func (e *exchange) is(names string) bool {
	for _, name := range strings.Fields(names) {
		if name == e.name {
			return true
		}
	}
	return false
}

// payload returns the payload of the answer, or nil.
func (e *exchange) payload() map[string]any {
	payload, _ := e.answer["payload"].(map[string]any)
	return payload
}

// member returns an object in the payload, or nil.
func (e *exchange) member(name string) map[string]any {
	object, _ := e.payload()[name].(map[string]any)
	return object
}

// items returns the objects of a list answer.
func (e *exchange) items() []map[string]any {
	if e.operation == nil {
		return nil
	}
	list, _ := e.payload()[e.operation.Member].([]any)
	var items []map[string]any
	for _, item := range list {
		if object, isObject := item.(map[string]any); isObject {
			items = append(items, object)
		}
	}
	return items
}

// setItems replaces the items of a list answer.
func (e *exchange) setItems(items []map[string]any) {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
	}
	e.payload()[e.operation.Member] = list
}

// credentials returns every credential in a success.
func (e *exchange) credentials() []map[string]any {
	switch {
	case !e.success() || e.payload() == nil:
		return nil
	case e.is("list"):
		return e.items()
	case e.is("create get update"):
		return []map[string]any{e.payload()}
	}
	return nil
}

// credentialID returns the id of the exchange's credential.
func (e *exchange) credentialID() string {
	if e.is("create") {
		id, _ := e.payload()["id"].(string)
		return id
	}
	return e.id
}

// strategy returns the strategy of the exchange's credential.
func (e *exchange) strategy() string {
	if name, isText := e.payload()["authStrategy"].(string); isText {
		return name
	}
	if name, isText := e.body["authStrategy"].(string); isText {
		return name
	}
	name, _ := e.shown(e.id)["authStrategy"].(string)
	return name
}

// rewrite changes the forwarded body.
func (e *exchange) rewrite(edit func(body map[string]any)) {
	body := decodeObject(e.text)
	if body == nil {
		return
	}
	edit(body)
	e.text = encode(body)
}
