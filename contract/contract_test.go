package contract_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// targetOf returns a running mock as a target with all principals.
func targetOf(mock *mockserver.Running) contract.Target {
	return contract.Target{URL: mock.URL, Token: mock.Token, ViewerToken: mock.ViewerToken, OtherToken: mock.OtherToken}
}

// through serves a mock through a handler that may change its answers.
func through(t *testing.T, bend func(sound http.Handler) http.Handler) contract.Target {
	t.Helper()
	mock := mockserver.Start(t)
	server := httptest.NewServer(bend(mock.Server))
	t.Cleanup(server.Close)
	target := targetOf(mock)
	target.URL = server.URL + "/platform"
	return target
}

func judge(t *testing.T, target contract.Target) contract.Report {
	t.Helper()
	report, err := contract.Judge(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(t *testing.T, report contract.Report) string {
	t.Helper()
	var page bytes.Buffer
	if err := contract.Write(&page, "text", report); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// runs is the number of seeds of TestMockConforms: go test -race ./contract -run MockConforms -runs 1000 for the whole measure.
var runs = flag.Int("runs", 1, "how many random seeds TestMockConforms judges the mock with")

// The mock conforms with any seed, and a run keeps within its requests and leaves nothing.
func TestMockConforms(t *testing.T) {
	first := time.Now().UnixNano()
	for i := range *runs {
		seed := first + int64(i)
		t.Run(strconv.FormatInt(seed, 10), func(t *testing.T) {
			mock := mockserver.Start(t)
			target := targetOf(mock)
			target.Strict, target.Seed = true, seed
			report := judge(t, target)
			if report.Verdict != contract.Conforms || report.ExitCode() != 0 || report.Interrupted || len(report.LeftBehind) > 0 {
				t.Error(text(t, report))
			}
			if report.Requests > 2500 {
				t.Errorf("%d requests", report.Requests)
			}
			if report.Counts[contract.Pass] < 700 {
				t.Errorf("only %d checks passed", report.Counts[contract.Pass])
			}
			if left := leftIn(t, mock); strings.Contains(left, "credmock run") {
				t.Errorf("left:\n%s", left)
			}
		})
	}
}

// Run makes subtests with the ids of the report.
func TestRun(t *testing.T) {
	target := targetOf(mockserver.Start(t))
	target.Run = "^(envelope|flags|destinations)/"
	contract.Run(t, target)
}

// A larger document plans more checks, and its mock passes them.
func TestVariant(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	variant, err := credmock.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	standard, err := contract.Plan(contract.Target{})
	if err != nil {
		t.Fatal(err)
	}
	target := targetOf(mockserver.Start(t, mockserver.Options{Spec: variant}))
	target.Spec, target.Strict = variant, true
	planned, err := contract.Plan(target)
	if err != nil {
		t.Fatal(err)
	}
	if len(planned) <= len(standard) {
		t.Errorf("%d checks for the variant, %d for the document", len(planned), len(standard))
	}
	added := variant.Strategies[len(variant.Strategies)-1]
	for _, family := range []string{"redaction/create/echo/", "flags/create/", "required/create/", "fields/get/", "lifecycle/create/"} {
		if !slices.ContainsFunc(planned, func(c contract.Result) bool {
			return strings.HasPrefix(c.ID, family) && strings.Contains(c.ID+"/", "/"+added.Name+"/")
		}) {
			t.Errorf("nothing of %s is planned for %s", family, added.Name)
		}
	}
	if report := judge(t, target); report.Verdict != contract.Conforms {
		t.Error(text(t, report))
	}
}

func TestPlanIsSound(t *testing.T) {
	planned, err := contract.Plan(contract.Target{})
	if err != nil {
		t.Fatal(err)
	}
	seen, page := map[string]bool{}, sectionsOf(t, "../docs/contract.md")
	for _, check := range planned {
		section, cited := page[strings.TrimPrefix(check.Cites, "docs/contract.md#")]
		if !cited || check.Level == credmock.Must && check.Source == credmock.Ruled && !strings.Contains(strings.ToLower(section), "must") &&
			!strings.Contains(section, "suite accepts") {
			t.Errorf("%s is a MUST that is ruled, and %q does not make it one", check.ID, check.Cites)
		}
		if seen[check.ID] {
			t.Errorf("%s is planned twice", check.ID)
		}
		seen[check.ID] = true
		if !strings.HasSuffix(strings.TrimSuffix(check.Rule, ")"), ".") && !strings.HasSuffix(check.Rule, ")") || check.Level == "" ||
			check.Source == "" {
			t.Errorf("%s is not whole: %+v", check.ID, check)
		}
	}
	for _, id := range []string{"redaction/create/echo", "required/update/grantType", "envelope/list/version"} {
		if !seen[id] {
			t.Errorf("%s is not planned", id)
		}
	}
}

// sectionsOf returns the sections of a page by the anchors of their headings.
func sectionsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for section := range strings.SplitSeq(string(text), "\n#") {
		heading, rest, _ := strings.Cut(strings.TrimLeft(section, "# "), "\n")
		sections[strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(heading))] = rest
	}
	return sections
}

func TestUsageErrors(t *testing.T) {
	for name, target := range map[string]contract.Target{
		"no URL":              {},
		"relative URL":        {URL: "localhost:4118/platform"},
		"token in the URL":    {URL: "http://user:secret@127.0.0.1/platform"},
		"unknown alternative": {URL: "http://127.0.0.1/platform", Accept: []string{"anything"}},
		"bad expression":      {URL: "http://127.0.0.1/platform", Run: "("},
		"bad exclusion":       {URL: "http://127.0.0.1/platform", Skip: "("},
		"nothing selected":    {URL: "http://127.0.0.1/platform", Run: "^no such check$"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := contract.Judge(t.Context(), target)
			var usage *contract.UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("the error repeats a secret")
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	report := judge(t, contract.Target{URL: server.URL + "/platform", Token: "dev-token"})
	if report.Verdict != contract.Inconclusive || report.ExitCode() != contract.ExitInconclusive ||
		!strings.Contains(report.Reason, "cannot be reached") {
		t.Errorf("%s (%d): %s", report.Verdict, report.ExitCode(), report.Reason)
	}
}

func TestWrongToken(t *testing.T) {
	target := targetOf(mockserver.Start(t))
	target.Token = "not-a-token"
	report := judge(t, target)
	if report.Verdict != contract.Inconclusive || !strings.Contains(report.Reason, "refuses the token") {
		t.Errorf("%s: %s", report.Verdict, report.Reason)
	}
}

// Checks without their principal are skipped, and the report says so at its top.
func TestSkipsAreShown(t *testing.T) {
	target := targetOf(mockserver.Start(t))
	target.ViewerToken, target.OtherToken, target.Run = "", "", "^auth/"
	report := judge(t, target)
	page := text(t, report)
	if report.Verdict != contract.Conforms || report.Counts[contract.Skip] == 0 || !strings.Contains(page, "auth/update/viewer") {
		t.Error(page)
	}
}

// A run with only skipped checks is inconclusive.
func TestNothingCheckedIsNotGreen(t *testing.T) {
	target := targetOf(mockserver.Start(t))
	target.ViewerToken, target.Run = "", "/viewer$"
	report := judge(t, target)
	if report.Verdict != contract.Inconclusive || report.ExitCode() != contract.ExitInconclusive {
		t.Errorf("%s: %s", report.Verdict, report.Reason)
	}
}

// An interrupted run leaves nothing; TestMockConforms covers a complete one.
func TestAnInterruptedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	mock := mockserver.Start(t)
	target := targetOf(mock)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	target.Progress = func(done, total int, _ contract.Result) {
		if done > total/3 {
			interrupt()
		}
	}
	report, err := contract.Judge(ctx, target)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Interrupted || report.ExitCode() != contract.ExitInterrupted {
		t.Errorf("%s (%d)", report.Verdict, report.ExitCode())
	}
	if left := leftIn(t, mock); strings.Contains(left, "credmock run") {
		t.Errorf("left:\n%s", left)
	}
}

func get(t *testing.T, mock *mockserver.Running, path string) string {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, mock.URL+path, nil)
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	response, err := mock.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

// The report names what cannot be deleted, and the exit code shows it.
func TestLeftBehind(t *testing.T) {
	t.Parallel() // most of it waits
	target := through(t, func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				http.Error(w, `{"meta":{"version":"1.0.0"}}`, http.StatusConflict)
				return
			}
			sound.ServeHTTP(w, r)
		})
	})
	target.Run = "^envelope/create/"
	report := judge(t, target)
	if len(report.LeftBehind) == 0 || report.ExitCode() != contract.ExitLeftBehind {
		t.Errorf("%s (%d), left %v", report.Verdict, report.ExitCode(), report.LeftBehind)
	}
}

// A busy target is asked once more, after the time that it asks for.
func TestRetryAfter(t *testing.T) {
	var asked atomic.Int64
	target := through(t, func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if number := asked.Add(1); number == 2 || number == 9 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			sound.ServeHTTP(w, r)
		})
	})
	target.Run = "^strategies/"
	if report := judge(t, target); report.Verdict != contract.Conforms {
		t.Error(text(t, report))
	}
}

// Two runs with one seed report the same, apart from times and values of the target.
func TestSeed(t *testing.T) {
	t.Parallel()
	pages := [2]string{}
	for i := range pages {
		target := through(t, leaking)
		target.Run = "^(redaction/update|required/update|update|model)/"
		report := judge(t, target)
		report.Milliseconds, report.Target, report.Requests, report.Started = 0, "", 0, time.Time{}
		pages[i] = text(t, report)
	}
	if pages[0] != pages[1] {
		t.Errorf("%s\n---\n%s", pages[0], pages[1])
	}
}

// leaking echoes the body of every update in a header.
func leaking(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			r.Body = http.NoBody
			if body.Len() > 0 {
				w.Header().Set("X-Request-Body", strings.ToValidUTF8(strings.Map(printable, body.String()), ""))
			}
			clone := r.Clone(r.Context())
			clone.Body = readCloser{bytes.NewReader(body.Bytes())}
			sound.ServeHTTP(w, clone)
			return
		}
		sound.ServeHTTP(w, r)
	})
}

func printable(letter rune) rune {
	if letter < ' ' {
		return ' '
	}
	return letter
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// A leak is found even if other checks are selected, and the report does not show it.
func TestLeakWhileOtherChecksRun(t *testing.T) {
	target := through(t, leaking)
	target.Run = "^flags/update/hasClientSecret/rotated$"
	report := judge(t, target)
	page := text(t, report)
	if report.Verdict != contract.Violates || !strings.Contains(page, "redaction/update/echo") ||
		!strings.Contains(page, "header X-Request-Body") {
		t.Error(page)
	}
	if piece := regexp.MustCompile(`[A-Za-z0-9][|^][A-Za-z0-9][|^]`).FindString(page); piece != "" {
		t.Errorf("the report holds a part of a secret:\n%s", page)
	}
}
