package contract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

func testSession(t *testing.T) *session {
	t.Helper()
	return newSession(t.Context(), options{url: "http://127.0.0.1:1/platform", token: "a-token-of-9", organization: 118, spec: credmock.Default(), seed: 1})
}

func TestSecretMembersAreCounted(t *testing.T) {
	s := testSession(t)
	name := s.secretNames[0]
	items := []any{}
	for range 100 {
		items = append(items, map[string]any{name: "x"})
	}
	e := &exchange{operation: s.spec.Operation("credential", "list"), status: 200, value: map[string]any{"payload": map[string]any{"credentials": items}}}
	s.noteSecretMembers(e)
	if len(e.secretMembers) != maxFindings {
		t.Fatalf("%d are kept, not %d", len(e.secretMembers), maxFindings)
	}
	if told := e.secretMembers[maxFindings-1].told(); !strings.HasSuffix(told, fmt.Sprintf("and %d more in the answer", 100-maxFindings)) {
		t.Error(told)
	}
}

// What was created is deleted by the id that a cut answer shows early; an id that stands elsewhere is somebody else's.
func TestTheIDInAPartOfAnAnswer(t *testing.T) {
	s := testSession(t)
	for text, id := range map[string]string{
		`{"meta":{"id":"m"},"payload":{"name":"n","list":[{"id":"x"}],"id":"right","more":"`: "right",
		`{"id":"outside","payload":{"environment":{"id":"x"},"`:                              "",
		`{"payload":{"credential":{"id":"wrapped","more":`:                                   "wrapped",
		`{"payload":{"":{"id":"x"},"id":"right"`:                                             "right",
		`{"payload":["id","x"],"x":`:                                                         "",
		`no JSON`:                                                                            "",
		``:                                                                                   "",
	} {
		e := &exchange{operation: s.spec.Operation("credential", "create"), status: 201, body: []byte(text)}
		if got := s.idInPart(e); got != id {
			t.Errorf("%s: %q, not %q", text, got, id)
		}
	}
}

func TestALongPointerIsCut(t *testing.T) {
	name := strings.Repeat("n", 10_000)
	if s := testSession(t); len(s.safePointer("/"+name)) > 2*longestQuote {
		t.Error("the pointer is not cut")
	}
}
