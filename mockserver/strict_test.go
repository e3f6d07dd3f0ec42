package mockserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// Whatever takes a body refuses what it does not know, and does nothing then. It repeats nothing of it.
func TestBodiesOfTheAdminSurfaceAreRead(t *testing.T) {
	mock := start(t, mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{}})
	id := mock.create(object(oauthBody))
	mock.operate("POST", "snapshots", `{"name":"one"}`)
	mock.operate("POST", "sessions", `{"name":"kept"}`)
	mock.operate("POST", "faults", `{"status":503,"operations":["deleteAuthCredential"]}`)
	state := func() (all string) {
		for _, path := range []string{"state", "snapshots", "faults", "clock"} {
			text := mock.operate("GET", path, "").text
			if path == "clock" {
				text = text[strings.Index(text, "frozen"):]
			}
			all += text
		}
		list := mock.operate("GET", "sessions", "").body["sessions"].([]any)
		return all + list[0].(members)["name"].(string) + strings.Repeat("+", len(list))
	}
	before := state()
	for _, path := range []struct{ method, path string }{
		{"POST", "reset"}, {"POST", "snapshots"}, {"PUT", "state"}, {"POST", "faults"}, {"POST", "sessions"}, {"POST", "clock"}, {"POST", "ui/verify"},
		{"POST", "credentials/" + id + "/token-request"}, {"DELETE", "faults"}, {"DELETE", "faults/1"}, {"DELETE", "sessions/kept"}, {"DELETE", "requests"},
	} {
		for body, codes := range map[string][]string{
			`{"cnry7f":1}`:            {"unknown-member"},
			`{"cnry7f":{"cnry8f":1}}`: {"unknown-member"},
			`{"cnry7f":1,"cnry7f":2}`: {"unknown-member", "duplicate-member"},
			`["cnry7f"]`:              {"type"}, `"cnry7f"`: {"type"}, `7`: {"type"}, `null`: {"type"},
			`{"cnry7f"`: {"malformed-json", "unknown-member"}, `{} {}`: {"malformed-json"}, "{\"\xff\":1}": {"malformed-json"},
			strings.Repeat("[", 600) + strings.Repeat("]", 600): {"nested-too-deep", "type"},
		} {
			got := mock.operate(path.method, path.path, body)
			code := ""
			if faults := got.faults(); len(faults) > 0 {
				code, _, _ = strings.Cut(faults[0], " ")
			}
			if got.status != 400 || !slices.Contains(codes, code) || strings.Contains(got.text, "cnry") {
				t.Errorf("%s %s %.40s: %d %s", path.method, path.path, body, got.status, got.text)
			}
		}
	}
	if after := state(); after != before {
		t.Errorf("a refused body changed something:\n%s\n%s", before, after)
	}
}

func TestWrongMembersOfTheAdminSurface(t *testing.T) {
	mock := start(t)
	mock.create(object(oauthBody))
	mock.operate("POST", "snapshots", `{"name":"one"}`)
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
		got := mock.operate("POST", row.path, row.body)
		if got.status != 400 || !slices.Equal(got.faults(), []string{row.fault}) || !strings.Contains(got.text, row.words) || strings.Contains(got.text, "cnry") {
			t.Errorf("%s %.60s: %d %s", row.path, row.body, got.status, got.text)
		}
	}
	if got := mock.send("GET", "/v1/environments/"+development+"/authcredentials", ""); len(got.payload()["credentials"].([]any)) != 1 {
		t.Error("a reset that was refused lost something")
	}
	for i := range 99 {
		mock.operate("POST", "snapshots", `{"name":"n`+strings.Repeat("n", i%60)+strings.Repeat("m", i/60)+`"}`)
	}
	if got := mock.operate("POST", "snapshots", `{"name":"another"}`); got.status != 409 || !slices.Equal(got.faults(), []string{"too-many-snapshots"}) {
		t.Errorf("%d %s", got.status, got.text)
	}
}
