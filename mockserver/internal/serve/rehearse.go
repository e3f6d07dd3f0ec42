package serve

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/mockserver/internal/model"
)

// rehearsal is one kind of answer held against one schema. Most operations share theirs.
type rehearsal struct {
	schema *openapi3.Schema
	kind   string
}

// rehearse makes the answers of an operation that depend on no request, and returns an error if one breaks the document: a client
// would get a 500 in its place.
func rehearse(m *model.Model, route *Route, done map[rehearsal]bool) error {
	c := &Call{Model: m, Route: route}
	for _, one := range route.rehearsals(m) {
		key := rehearsal{route.answer(one.status), one.kind}
		if key.schema == nil || done[key] {
			continue
		}
		done[key] = true
		if broken := c.check(one.reply()); len(broken) > 0 {
			return &source.Mistake{Line: lineOf(key.schema.Origin, route.Source.Origin), Place: route.ID,
				Message: fmt.Sprintf("the mock answers %d with %s, which breaks the document: %s: %s", one.status, one.kind,
					cmp.Or(broken[0].Pointer, "the body"), broken[0].Message)}
		}
	}
	return nil
}

// lineOf returns the line of the first part of the document that has one.
func lineOf(origins ...*openapi3.Origin) int {
	for _, origin := range origins {
		if origin != nil && origin.Key != nil {
			return origin.Key.Line
		}
	}
	return 0
}

// rehearsed is a reply and what it holds, in words. It is made only if no other operation has the same.
type rehearsed struct {
	status int
	kind   string
	reply  func() *Reply
}

func (r *Route) rehearsals(m *model.Model) []rehearsed {
	var replies []rehearsed
	add := func(status int, kind string, reply func() *Reply) {
		replies = append(replies, rehearsed{status, kind, reply})
	}
	switch {
	case r.isToken():
		add(r.Status, "a token", func() *Reply {
			return &Reply{Status: r.Status, Bare: map[string]any{"access_token": "t", "token_type": "Bearer", "expires_in": 300.0}}
		})
	case r.Action == "strategies":
		add(r.Status, "the strategies", func() *Reply { return &Reply{Status: r.Status, Payload: m.Strategies} })
	case r.Action == "list":
		add(r.Status, "an empty list", func() *Reply { return &Reply{Status: r.Status, Member: r.Member, Many: true} })
	case r.Action == "delete" && r.Status != http.StatusNoContent:
		add(r.Status, "a message", func() *Reply {
			return &Reply{Status: r.Status, Payload: map[string]any{r.Member: "It is deleted."}}
		})
	}
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType} {
		add(status, "a list of errors", func() *Reply {
			refusal := Refuse(status, "not-found", "It is refused.")
			refusal.Violations[0].Pointer = "/name"
			return refusal
		})
	}
	return replies
}
