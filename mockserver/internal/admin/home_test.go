package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// The root redirects or lists the endpoints, and an unknown path gets a suggestion.
func TestHomeAndSuggestions(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	for _, root := range []string{mock.At(""), mock.At("mine")} {
		base := strings.TrimPrefix(root, mock.At(""))
		for _, path := range []string{"/", "/__admin/"} {
			got := mock.Raw("GET", root+path, http.Header{}, nil)
			if got.Status != 200 || got.Body["api"] != base+"/platform" || got.Body["inspector"] != base+"/__admin/ui/" {
				t.Errorf("%s: %d %s", path, got.Status, got.Text)
			}
			for name, at := range got.Body {
				if there := mock.Obtain("GET", mock.At("")+at.(string), http.Header{}, ""); name != "api" && there.Status != 200 {
					t.Errorf("%s leads to %d", name, there.Status)
				}
			}
			if page := mock.Obtain("GET", root+path, http.Header{"Accept": {"text/html,*/*"}}, ""); !strings.Contains(page.Text, "<!DOCTYPE html>") {
				t.Errorf("a browser gets %d %s", page.Status, page.Text)
			}
		}
	}
	for path, want := range map[string]string{
		"/v1/authcredentials":                            "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authcredential":                    "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authCredentials/hush":              "did you mean /platform/v1/authcredentials/{id}?",
		"/platform/v1/authcredentials/":                  "did you mean /platform/v1/authcredentials?",
		"/platform/v2/environments/x/authcredentials":    "did you mean /platform/v1/environments/{environmentId}/authcredentials?",
		"/platform//v1/authcredentials":                  "did you mean /platform/v1/authcredentials?",
		"/platform/./v1/x/%2E%2E/authcredentials":        "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authcredentials%2Fstrategies":      "did you mean /platform/v1/authcredentials/strategies?",
		"/undefined/v1/authcredentials":                  "did you mean /platform/v1/authcredentials?",
		"/platform/v2/auth/token":                        "did you mean /v2/auth/token?",
		"//platform/v1/authcredentials/hush":             "did you mean /platform/v1/authcredentials/{id}?",
		"/platform/v1/v1/authcredentials":                "did you mean /platform/v1/authcredentials?",
		"/platform/platform/v1/authcredentials//":        "did you mean /platform/v1/authcredentials?",
		"/__admin/fault":                                 "did you mean /__admin/faults?",
		"/hush":                                          "/__admin/docs/ shows those that there are.",
		"/platform/v1/authcredentials/hush/hush":         "/__admin/docs/ shows those that there are.",
		"/platform/v1/" + strings.Repeat("hush/", 1_000): "/__admin/docs/ shows those that there are.",
	} {
		got := mock.Obtain("GET", mock.At("")+path, http.Header{}, "")
		if got.Status != 404 || !strings.Contains(got.Text, want) || strings.Contains(got.Text, "hush") {
			t.Errorf("%s: %d %s", path, got.Status, got.Text)
		}
	}
}

// Probes ask with HEAD. The mock's own paths answer it like GET, and wait for nothing; the API refuses it.
func TestProbesMayUseHEAD(t *testing.T) {
	mock := mocktest.Start(t)
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/": 200, "/__admin/": 200, "/__admin/ui/": 200, "/__admin/docs/": 200,
		"/__admin/docs/openapi.json": 200, "/__admin/requests": 200, "/__admin/requests.har": 200, "/__admin/events": 200,
		"/__admin/requests/7": 404, "/__admin/reset": 405, "/platform/v1/authcredentials/strategies": 405,
	} {
		head := mock.Obtain("HEAD", mock.At("")+path, http.Header{}, "")
		if head.Status != want || head.Text != "" {
			t.Errorf("%s: %d %q", path, head.Status, head.Text)
		}
		if allow := head.Header.Get("Allow"); want == 405 && strings.Contains(allow, "HEAD") {
			t.Errorf("%s: %s is allowed", path, allow)
		}
	}
	get, head := mock.Obtain("GET", mock.At("")+"/healthz", http.Header{}, ""), mock.Obtain("HEAD", mock.At("")+"/healthz", http.Header{}, "")
	for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control"} {
		if get.Header.Get(name) != head.Header.Get(name) {
			t.Errorf("%s is %q for GET and %q for HEAD", name, get.Header.Get(name), head.Header.Get(name))
		}
	}
	if got := mock.Obtain("POST", mock.At("")+"/healthz", http.Header{}, ""); got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow is %q", got.Header.Get("Allow"))
	}
	if len(mock.Journal("")) != 1 {
		t.Error("the journal records probes")
	}
}

func TestAdminRejectsUnknownMembers(t *testing.T) {
	mock := mocktest.Start(t)
	for path, want := range map[string]string{
		"sessions": "known are name, seed, from, listen, deliver.", "faults": "known are operations, methods, times, status,",
		"reset": "known are snapshot.", "clock": "known are ", "snapshots": "known are name.",
	} {
		if got := mock.Operate("POST", path, `{"hush":1}`); got.Status != 400 || !strings.Contains(got.Text, want) ||
			strings.Contains(got.Text, "hush") {
			t.Errorf("%s: %d %s", path, got.Status, got.Text)
		}
	}
}

func TestAdminViolationsSuggestCorrections(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{"flags/create/missing": nil}})
	for _, row := range []struct{ method, path, body, want string }{
		{"POST", "faults", `{"status":"503"}`, "/status"}, {"POST", "faults", `{"status":"503"}`, "a whole number"},
		{"POST", "faults", `{"delay":5}`, "must be a string"}, {"POST", "faults", `{"times":0,"status":500}`, "1 or more"},
		{"POST", "faults", `{"operations":"x","status":500}`, "must be a list"}, {"POST", "faults", `{"expiredToken":1}`, "true or false"},
		{"POST", "faults", `{"mutant":"flags/create/mising"}`, "did you mean flags/create/missing?"},
		{"POST", "faults", `{"mutant":"` + strings.Repeat("x", 5_000) + `"}`, "GET /__admin/mutants lists."},
		{"POST", "sessions", `{"from":"yesterday"}`, "from must be now"}, {"PUT", "state", `{}`, "organizations is required"},
	} {
		if got := mock.Operate(row.method, row.path, row.body); got.Status != 400 || !strings.Contains(got.Text, row.want) {
			t.Errorf("%s %s: %d %s", row.path, row.body, got.Status, got.Text)
		}
	}
	if got := mock.Operate("GET", "mutants", ""); got.Status != 200 || !strings.Contains(got.Text, "flags/create/missing") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got := mock.Operate("GET", "faults", ""); strings.Contains(got.Text, "missing") {
		t.Errorf("the list of mutants hides the other violations: %s", got.Text)
	}
}
