package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// Who knows no path is led to where something is, and who mistypes one is told what it may have been.
func TestWaysIn(t *testing.T) {
	mock := start(t)
	mock.operate("POST", "sessions", `{"name":"mine"}`)
	for _, root := range []string{mock.at(""), mock.at("mine")} {
		base := strings.TrimPrefix(root, mock.at(""))
		for _, path := range []string{"/", "/__admin/"} {
			got := mock.raw("GET", root+path, http.Header{}, nil)
			if got.status != 200 || got.body["api"] != base+"/platform" || got.body["inspector"] != base+"/__admin/ui/" {
				t.Errorf("%s: %d %s", path, got.status, got.text)
			}
			for name, at := range got.body {
				if there := mock.obtain("GET", mock.at("")+at.(string), http.Header{}, ""); name != "api" && there.status != 200 {
					t.Errorf("%s leads to %d", name, there.status)
				}
			}
			if page := mock.obtain("GET", root+path, http.Header{"Accept": {"text/html,*/*"}}, ""); !strings.Contains(page.text, "<!DOCTYPE html>") {
				t.Errorf("a browser gets %d %s", page.status, page.text)
			}
		}
	}
	for path, want := range map[string]string{
		"/v1/authcredentials":                            "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authcredential":                    "did you mean /platform/v1/authcredentials?",
		"/platform/v1/authCredentials/hush":              "did you mean /platform/v1/authcredentials/{id}?",
		"/platform/v1/authcredentials/":                  "did you mean /platform/v1/authcredentials?",
		"/platform/v2/environments/x/authcredentials":    "did you mean /platform/v1/environments/{environmentId}/authcredentials?",
		"/__admin/fault":                                 "did you mean /__admin/faults?",
		"/hush":                                          "/__admin/docs/ shows those that there are.",
		"/platform/v1/authcredentials/hush/hush":         "/__admin/docs/ shows those that there are.",
		"/platform/v1/" + strings.Repeat("hush/", 1_000): "/__admin/docs/ shows those that there are.",
	} {
		got := mock.obtain("GET", mock.at("")+path, http.Header{}, "")
		if got.status != 404 || !strings.Contains(got.text, want) || strings.Contains(got.text, "hush") {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestUnknownMembersOfTheAdminSurface(t *testing.T) {
	mock := start(t)
	for path, want := range map[string]string{
		"sessions": "known are name, seed, from.", "faults": "known are operations, methods, times, status,", "reset": "known are snapshot.",
		"clock": "known are ", "snapshots": "known are name.",
	} {
		if got := mock.operate("POST", path, `{"hush":1}`); got.status != 400 || !strings.Contains(got.text, want) || strings.Contains(got.text, "hush") {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestTheAdminSurfaceSaysWhatWouldBeRight(t *testing.T) {
	mock := start(t, mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{"flags/create/missing": nil}})
	for _, row := range []struct{ method, path, body, want string }{
		{"POST", "faults", `{"status":"503"}`, "/status"}, {"POST", "faults", `{"status":"503"}`, "a whole number"},
		{"POST", "faults", `{"delay":5}`, "must be a string"}, {"POST", "faults", `{"times":0,"status":500}`, "1 or more"},
		{"POST", "faults", `{"operations":"x","status":500}`, "must be a list"}, {"POST", "faults", `{"expiredToken":1}`, "true or false"},
		{"POST", "faults", `{"mutant":"flags/create/mising"}`, "did you mean flags/create/missing?"},
		{"POST", "faults", `{"mutant":"` + strings.Repeat("x", 5_000) + `"}`, "GET /__admin/mutants lists."},
		{"POST", "sessions", `{"from":"yesterday"}`, "from must be now"}, {"PUT", "state", `{}`, "organizations is required"},
	} {
		if got := mock.operate(row.method, row.path, row.body); got.status != 400 || !strings.Contains(got.text, row.want) {
			t.Errorf("%s %s: %d %s", row.path, row.body, got.status, got.text)
		}
	}
	if got := mock.operate("GET", "mutants", ""); got.status != 200 || !strings.Contains(got.text, "flags/create/missing") {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := mock.operate("GET", "faults", ""); strings.Contains(got.text, "missing") {
		t.Errorf("the faults are lost among the mutants: %s", got.text)
	}
}
