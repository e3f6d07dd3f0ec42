package probe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

func testSession(t *testing.T) *Session {
	t.Helper()
	return NewSession(t.Context(),
		Options{URL: "http://127.0.0.1:1/platform", Token: "a-token-of-9", Organization: 118, Spec: credmock.Default(), Seed: 1})
}

func TestSecretMembersAreCounted(t *testing.T) {
	s := testSession(t)
	name := s.secretNames[0]
	items := []any{}
	for range 100 {
		items = append(items, map[string]any{name: "x"})
	}
	e := &wire.Exchange{Operation: s.Spec.Operation("credential", "list"), Status: 200,
		Value: map[string]any{"payload": map[string]any{"credentials": items}}}
	s.noteSecretMembers(e)
	if len(e.SecretMembers) != MaxFindings {
		t.Fatalf("%d are kept, not %d", len(e.SecretMembers), MaxFindings)
	}
	if told := e.SecretMembers[MaxFindings-1].Seen(); !strings.HasSuffix(told, fmt.Sprintf("and %d more in the answer", 100-MaxFindings)) {
		t.Error(told)
	}
}

// A cut answer may show early the id of what was created. An id elsewhere belongs to something else.
func TestIDInCutAnswer(t *testing.T) {
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
		e := &wire.Exchange{Operation: s.Spec.Operation("credential", "create"), Status: 201, Body: []byte(text)}
		if got := s.idInPart(e); got != id {
			t.Errorf("%s: %q, not %q", text, got, id)
		}
	}
}

func TestLongPointerIsCut(t *testing.T) {
	name := strings.Repeat("n", 10_000)
	if s := testSession(t); len(s.SafePointer("/"+name)) > 2*jsonvalue.MaxShort {
		t.Error("the pointer is not cut")
	}
}
