package contract_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// sameEnvironment is another organization with an environment of the default id.
const sameEnvironment = `
organizations:
  - id: 600
    environments: [{id: a31a92e5-43b7-45df-8085-4ac5a746d105, name: Trials, environmentFlag: Staging}]
  - id: 500
    environments: [{id: 3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a01, name: Trials, environmentFlag: Staging}]
principals:
  engineer: {organization: 600, role: engineer}
  viewer: {organization: 600, role: viewer}
  other: {organization: 500, role: engineer}
`

// serve serves a mock with fixtures through a handler that may change answers.
func serve(t *testing.T, fixtures string, bend func(http.Handler) http.Handler) contract.Target {
	t.Helper()
	mock := mockserver.Start(t, mockserver.Options{Fixtures: []byte(fixtures)})
	server := httptest.NewServer(bend(mock.Server))
	t.Cleanup(server.Close)
	target := targetOf(mock)
	target.URL = server.URL + "/platform"
	return target
}

func unbent(sound http.Handler) http.Handler { return sound }

// environmentsAnswer answers requests for the environments of an organization with a status.
func environmentsAnswer(status int) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/environments") {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"meta":{"version":"1.0.0"},"errors":[{"code":"refused","message":"It was refused."}]}`))
				return
			}
			sound.ServeHTTP(w, r)
		})
	}
}

// obliging stores a credential for any organization as one of its own.
func obliging(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		text := strings.Replace(body.String(), `"organization":118`, `"organization":600`, 1)
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = readCloser{bytes.NewReader([]byte(text))}, int64(len(text))
		sound.ServeHTTP(w, r)
	})
}

// A sound server of another organization is not accused: the report says which flag to look at.
func TestAnotherOrganizationIsNotAccused(t *testing.T) {
	for name, one := range map[string]struct {
		fixtures, environment string
		bend                  func(http.Handler) http.Handler
	}{
		"another environment":      {elsewhere, "", unbent},
		"its environment is given": {elsewhere, "3f8e2a10-6f5d-4d1b-9c57-0f4e8d2b7a02", unbent},
		"the default environment":  {sameEnvironment, "", unbent},
		"it may not be looked at":  {elsewhere, "", environmentsAnswer(http.StatusForbidden)},
		"any number is taken":      {sameEnvironment, "", obliging},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := serve(t, one.fixtures, one.bend)
			target.Environment = one.environment
			report := judge(t, target)
			page := text(t, report)
			if report.Verdict != contract.Inconclusive || report.Counts[contract.Fail] > 0 || len(report.LeftBehind) > 0 {
				t.Errorf("%s: %s, left %v\n%s", report.Verdict, report.Reason, report.LeftBehind, page)
			}
			if !strings.Contains(report.Reason, "--organization") || !strings.Contains(report.Reason, "organization 118") {
				t.Errorf("no hint: %s", report.Reason)
			}
			if report.Counts[contract.Pass] > 0 || report.Requests > 20 || strings.Count(page, "\n") > 40 {
				t.Errorf("%v\n%s", report.Counts, page)
			}
			target.Organization, target.Run = 600, "^(envelope|errors)/"
			if report := judge(t, target); report.Verdict == contract.Violates {
				t.Errorf("with its number: %s\n%s", report.Reason, text(t, report))
			}
		})
	}
}

// A server of this organization is judged normally, whether or not it lists its environments.
func TestServerWithoutEnvironmentsIsJudged(t *testing.T) {
	for name, one := range map[string]struct {
		bend  func(http.Handler) http.Handler
		want  contract.Verdict
		known string
	}{
		"sound":            {unbent, contract.Conforms, ""},
		"refuses few":      {refusingFew, contract.Violates, "lifecycle/create"},
		"leaks":            {leaking, contract.Violates, "redaction/update/echo"},
		"another's number": {numbering, contract.Violates, "fields/create/organization"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bend := func(sound http.Handler) http.Handler { return environmentsAnswer(http.StatusNotFound)(one.bend(sound)) }
			if name == "another's number" {
				bend = one.bend // it lists its environments, so its credentials must be of this organization
			}
			target := through(t, bend)
			target.Run = "^(redaction/update/echo|fields/create/organization|lifecycle/create.*)$"
			report := judge(t, target)
			if report.Verdict != one.want || !strings.Contains(text(t, report), one.known) {
				t.Errorf("%s: %s\n%s", report.Verdict, report.Reason, text(t, report))
			}
		})
	}
}

// refusingFew refuses a body without a password, against the rules.
func refusingFew(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/authcredentials") && !strings.Contains(body.String(), `"password"`) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r = r.Clone(r.Context())
		r.Body = readCloser{bytes.NewReader(body.Bytes())}
		sound.ServeHTTP(w, r)
	})
}

// numbering answers every create with the number of another organization.
func numbering(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		sound.ServeHTTP(answer, r)
		body := answer.Body.String()
		if r.Method == http.MethodPost {
			body = strings.Replace(body, `"organization":118`, `"organization":600`, 1)
		}
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte(body))
	})
}

// A target that disappears during the run is given up at once. Earlier findings still count.
func TestDisappearedTargetIsGivenUp(t *testing.T) {
	t.Parallel()
	mock := mockserver.Start(t)
	server := httptest.NewServer(leaking(mock.Server))
	defer server.Close()
	target := targetOf(mock)
	target.URL, target.Run = server.URL+"/platform", "^(flags|redaction|fields|types)/"
	target.Transport = &http.Transport{DisableKeepAlives: true}
	target.Progress = func(done, _ int, _ contract.Result) {
		if done == 100 {
			server.Listener.Close()
		}
	}
	started := time.Now()
	report := judge(t, target)
	page := text(t, report)
	if report.ExitCode() != contract.ExitViolates || !strings.Contains(report.Reason, "cannot be reached any more") {
		t.Errorf("%s: %s", report.Verdict, report.Reason)
	}
	fails, troubles := strings.LastIndex(page, "\nFAIL"), strings.Index(page, "\n????")
	if fails < 0 || troubles < fails || strings.Count(page, "\n????") > 25 {
		t.Errorf("the last failure is at %d, the first trouble at %d:\n%s", fails, troubles, page)
	}
	if !strings.Contains(page, " more\n") || time.Since(started) > 20*time.Second {
		t.Errorf("after %s:\n%s", time.Since(started), page)
	}
}
