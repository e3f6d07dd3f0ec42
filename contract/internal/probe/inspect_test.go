package probe

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/foreign/hostile"
	"github.com/credmock/credmock/internal/pathtemplate"
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

func TestFindingsAreCounted(t *testing.T) {
	s := testSession(t)
	p := s.Probe("x/y")
	for i := range 10_000 {
		p.Fail(nil, "", fmt.Sprint("member ", i), "nothing")
		p.Fail(nil, "", "member 1", "nothing") // a duplicate
	}
	if last := p.Findings[len(p.Findings)-1]; len(p.Findings) != MaxFindings+1 || last.Seen != "more of this kind (9992)" ||
		last.Owed != "nothing" {
		t.Errorf("%d findings, the last %+v", len(p.Findings), last)
	}
}

// A finding is printable and short whatever a target answers.
func TestFindingIsShort(t *testing.T) {
	s := testSession(t)
	get := s.Spec.Operation("credential", "get")
	for _, text := range append(hostile.Texts, strings.Repeat("\u202e", 1<<18), strings.Repeat("x", 1<<20), strings.Repeat("\xff", 1<<18)) {
		p := s.Probe("x/y")
		e := &wire.Exchange{
			Operation: get, Method: "GET", Template: get.Path, Path: pathtemplate.Fill(get.Path, text), Principal: wire.Engineer, Status: 200,
			Header: http.Header{"Content-Type": {text}}, Body: []byte(text),
		}
		p.Fail(e, "/payload/"+text, text, text)
		finding := p.Findings[0]
		for name, one := range map[string]string{"seen": finding.Seen, "owed": finding.Owed, "where": finding.Where, "again": finding.Reproduce,
			"answer": finding.Answer} {
			if len(one) > 4*foreign.MaxShort || !printable(strings.ReplaceAll(strings.ReplaceAll(one, "\n", ""), "\t", "")) || name != "answer" &&
				strings.Contains(one, "\n") {
				t.Errorf("%s has %d bytes: %.300q", name, len(one), one)
			}
		}
	}
}

func printable(text string) bool { return foreign.Text(text).String() == text }
