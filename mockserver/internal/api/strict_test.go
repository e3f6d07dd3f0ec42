package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// Every admin operation with a body rejects unknown content, changes nothing then and repeats nothing of it.
func TestAdminRejectsUnknownContent(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{}})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	mock.Operate("POST", "snapshots", `{"name":"one"}`)
	mock.Operate("POST", "sessions", `{"name":"kept"}`)
	mock.Operate("POST", "faults", `{"status":503,"operations":["deleteAuthCredential"]}`)
	state := func() (all string) {
		for _, path := range []string{"state", "snapshots", "faults", "clock"} {
			text := mock.Operate("GET", path, "").Text
			if path == "clock" {
				text = text[strings.Index(text, "frozen"):]
			}
			all += text
		}
		list := mock.Operate("GET", "sessions", "").Body["sessions"].([]any)
		return all + list[0].(mocktest.Members)["name"].(string) + strings.Repeat("+", len(list))
	}
	before := state()
	for _, path := range []struct{ method, path string }{
		{"POST", "reset"}, {"POST", "snapshots"}, {"PUT", "state"}, {"POST", "faults"}, {"POST", "sessions"}, {"POST", "clock"},
		{"POST", "ui/verify"},
		{"POST", "credentials/" + id + "/token-request"}, {"DELETE", "faults"}, {"DELETE", "faults/1"}, {"DELETE", "sessions/kept"},
		{"DELETE", "requests"},
	} {
		for body, codes := range map[string][]string{
			`{"cnry7f":1}`:            {"unknown-member"},
			`{"cnry7f":{"cnry8f":1}}`: {"unknown-member"},
			`{"cnry7f":1,"cnry7f":2}`: {"unknown-member", "duplicate-member"},
			`["cnry7f"]`:              {"type"}, `"cnry7f"`: {"type"}, `7`: {"type"}, `null`: {"type"},
			`{"cnry7f"`: {"malformed-json", "unknown-member"}, `{} {}`: {"malformed-json"}, "{\"\xff\":1}": {"invalid-encoding", "malformed-json"},
			strings.Repeat("[", 600) + strings.Repeat("]", 600): {"nested-too-deep", "type"},
		} {
			got := mock.Operate(path.method, path.path, body)
			code := ""
			if faults := got.Violations(); len(faults) > 0 {
				code, _, _ = strings.Cut(faults[0], " ")
			}
			if got.Status != 400 || !slices.Contains(codes, code) || strings.Contains(got.Text, "cnry") {
				t.Errorf("%s %s %.40s: %d %s", path.method, path.path, body, got.Status, got.Text)
			}
		}
	}
	if after := state(); after != before {
		t.Errorf("a rejected body changed the state:\n%s\n%s", before, after)
	}
}

func TestAdminRejectsInvalidMembers(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody))
	mock.Operate("POST", "snapshots", `{"name":"one"}`)
	for _, row := range []struct{ path, body, fault, words string }{
		{"reset", `{"snapshot":null}`, "type /snapshot", "leave it out to reset everything"},
		{"reset", `{"snapshot":""}`, "type /snapshot", "leave it out to reset everything"},
		{"reset", `{"snapshot":["one"]}`, "type /snapshot", "must be the name"},
		{"reset", `{"snapshto":"one"}`, "unknown-member", "did you mean snapshot?"},
		{"reset", `{"snapshot":"two"}`, "unknown-snapshot /snapshot", "no snapshot"},
		{"snapshots", `{"name":"` + strings.Repeat("n", 65) + `"}`, "invalid-name /name", "64 at most"},
		{"sessions", `{"seed":9223372036854775808}`, "type /seed", "whole number"},
		{"sessions", `{"seed":1.5}`, "type /seed", "whole number"},
		{"sessions", `{"name":"` + strings.Repeat("n", 65) + `"}`, "invalid-name /name", "64 at most"},
		{"clock", `{"frozne":true}`, "unknown-member", "did you mean frozen?"},
		{"faults", `{"status":5e2000}`, "type /status", "whole number"},
		{"faults", `{"operations":[{"cnry7f":1}]}`, "type /operations/0", "a string"},
	} {
		got := mock.Operate("POST", row.path, row.body)
		if got.Status != 400 || !slices.Equal(got.Violations(), []string{row.fault}) || !strings.Contains(got.Text, row.words) ||
			strings.Contains(got.Text, "cnry") {
			t.Errorf("%s %.60s: %d %s", row.path, row.body, got.Status, got.Text)
		}
	}
	if got := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials",
		""); len(got.Payload()["credentials"].([]any)) != 1 {
		t.Error("a rejected reset changed the state")
	}
	for i := range 99 {
		mock.Operate("POST", "snapshots", `{"name":"n`+strings.Repeat("n", i%60)+strings.Repeat("m", i/60)+`"}`)
	}
	if got := mock.Operate("POST", "snapshots", `{"name":"another"}`); got.Status != 409 ||
		!slices.Equal(got.Violations(), []string{"too-many-snapshots"}) {
		t.Errorf("%d %s", got.Status, got.Text)
	}
}
