package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

func TestMeasureIsNoLessThanWhatIsThere(t *testing.T) {
	for _, row := range []struct {
		text   string
		values int
	}{
		{`1`, 1},
		{`{}`, 1},
		{`[]`, 1},
		{`[1,2,[3]]`, 5},
		{`{"a":"b,[{:","c":{"d":[]}}`, 4},
		{`"\"[[["`, 1},
		{`[ ]`, 1},
		{strings.Repeat("[],", 9) + "1", 10},
	} {
		values, size := measure([]byte(row.text))
		if values != row.values {
			t.Errorf("%s has %d values, not %d", row.text, row.values, values)
		}
		var value any
		if json.Unmarshal([]byte(row.text), &value) == nil && size < weigh(value) {
			t.Errorf("%s: %d bytes are measured, and %d are there", row.text, size, weigh(value))
		}
	}
}

func TestARoomIsTakenInTurn(t *testing.T) {
	room := newRoom(4 * mebibyte)
	leave, err := room.take(t.Context(), 100*mebibyte) // more than there is takes all of it
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := room.take(ended, 1); err == nil {
		t.Error("there is room where none is")
	}
	waiting := make(chan error)
	go func() {
		again, err := room.take(t.Context(), 3*mebibyte)
		again()
		waiting <- err
	}()
	leave()
	if err := <-waiting; err != nil {
		t.Error(err)
	}
	if len(room.units) > 0 || len(room.entry) > 0 {
		t.Error("room was not given back")
	}
}

func TestAPlaceIsCut(t *testing.T) {
	name := strings.Repeat("n", 10_000)
	places := 0
	walk(map[string]any{"a/b": []any{1, map[string]any{name: "x"}}}, func(path *step, value any) bool {
		if pointer := path.pointer("/payload"); value == "x" {
			places++
			if !strings.HasPrefix(pointer, "/payload/a~1b/1/nnn") || len(pointer) > 2*longestQuote {
				t.Errorf("the pointer is %.300s", pointer)
			}
		}
		return true
	})
	if places != 1 {
		t.Errorf("%d places", places)
	}
	if s := testSession(t); len(s.safePointer("/"+name)) > 2*longestQuote {
		t.Error("a long pointer is not cut")
	}
}

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

func TestSightingsOfAKindAreBounded(t *testing.T) {
	e := &exchange{}
	for i := range 100 {
		one := located{place: fmt.Sprint("header ", i)}
		one.Secret.Label = "a secret"
		e.noteLeak(one)
		e.noteLeak(one)
	}
	if len(e.leaks) != maxAlike {
		t.Errorf("%d are kept", len(e.leaks))
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

// Endless headers end a request, and are told.
func TestHeadersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 1000 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("h", 200))
		}
	}))
	defer server.Close()
	for name, transport := range map[string]http.RoundTripper{"our transport": nil, "one that was given": server.Client().Transport} {
		report, err := Judge(t.Context(), Target{URL: server.URL + "/platform", Token: "dev-token", Transport: transport})
		if err != nil || report.Verdict != Inconclusive || !strings.Contains(report.Reason, "headers exceeded") {
			t.Errorf("%s: %s: %s %v", name, report.Verdict, report.Reason, err)
		}
	}
}

// Beyond their bound the scenarios of a report have the check itself and no requests.
func TestScenariosAreBounded(t *testing.T) {
	mock := mockserver.Start(t)
	for _, bound := range []int{usualBounds.scenarios, 1, 0} {
		target := Target{URL: mock.URL, Token: mock.Token, Transport: versionless{http.DefaultTransport}, Run: "^envelope/(get|list|create)/version$"}
		run, err := prepare(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		run.bounds.scenarios = bound
		failed, whole := 0, 0
		for _, result := range run.judge().Checks {
			if result.Outcome == report.Fail {
				failed++
			}
			if strings.Contains(result.Scenario, "\nrequest ") {
				whole++
			}
			if result.Outcome == report.Fail && !strings.Contains(result.Scenario, "\nverify ") {
				t.Errorf("bound %d: %s: %q", bound, result.ID, result.Scenario)
			}
		}
		if want := map[int]int{0: 0, 1: 1}; failed != 3 || bound <= 1 && whole != want[bound] || bound > 1 && whole != failed {
			t.Errorf("bound %d: %d of %d scenarios have requests", bound, whole, failed)
		}
	}
}
