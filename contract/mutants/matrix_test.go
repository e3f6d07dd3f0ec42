package mutants_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/mockserver"
)

var (
	full = flag.Bool("full", false, "judge each mutant with the whole suite in TestFullMatrix")
	seed = flag.Int64("seed", 0, "the seed of the suite; 0 is its default")
	only = flag.String("mutant", "", "a regular expression over the names of mutants to judge")
)

// TestMain lets more mutants run at once than there are processors, since much of a run is waiting.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// sound returns a fresh mock.
func sound(t *testing.T) http.Handler {
	t.Helper()
	server, err := mockserver.New(mockserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// judge runs the suite against a mutant, with all principals.
func judge(ctx context.Context, m mutants.Mutant, handler http.Handler, run string) ([]string, string, error) {
	return keeping(&contract.Report{})(ctx, m, handler, run)
}

// keeping is judge, and keeps the report.
func keeping(seen *contract.Report) mutants.Judge {
	return func(ctx context.Context, m mutants.Mutant, handler http.Handler, run string) ([]string, string, error) {
		var err error
		*seen, err = report(ctx, m, handler, run)
		var failed []string
		for _, result := range seen.Checks {
			if result.Outcome == contract.Fail {
				failed = append(failed, result.ID)
			}
		}
		return failed, string(seen.Verdict), err
	}
}

func report(ctx context.Context, m mutants.Mutant, handler http.Handler, run string) (contract.Report, error) {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = silent
	server.Start()
	defer server.Close()
	timeout := 5 * time.Minute // many servers share the machine
	if m.Bounded {
		timeout = 500 * time.Millisecond
	}
	return contract.Judge(ctx, contract.Target{
		URL:   server.URL + credmock.Default().Operation("credential", "get").Prefix,
		Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken, OtherToken: mockserver.DefaultOtherToken,
		Accept: m.Accept, Run: run, Timeout: timeout, Seed: *seed,
	})
}

// chosen returns the mutants that meet a condition and the flag.
func chosen(t *testing.T, wanted func(mutants.Mutant) bool) []mutants.Mutant {
	t.Helper()
	names, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(mutants.All(), func(m mutants.Mutant) bool { return !wanted(m) || !names.MatchString(m.Name) })
}

// sample returns one in sixteen of a list with -short: all of them take minutes.
func sample(list []mutants.Mutant) []mutants.Mutant {
	if !testing.Short() || *only != "" {
		return list
	}
	var some []mutants.Mutant
	for i := 2; i < len(list); i += 16 {
		some = append(some, list[i])
	}
	return some
}

// examine judges mutants, a few at once, and reports each wrong result.
func examine(t *testing.T, list []mutants.Mutant, selection func(mutants.Mutant) string) {
	t.Helper()
	for _, m := range list {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			run, seen := selection(m), contract.Report{}
			row, err := mutants.Examine(t.Context(), m, sound(t), keeping(&seen), run)
			if err != nil {
				t.Fatal(err)
			}
			tell(t, m, row, run)
			if row.Accused {
				explain(t, seen)
			}
			if row.Accused && seen.Verdict == contract.Violates {
				blame(t, m)
			}
		})
	}
}

func tell(t *testing.T, m mutants.Mutant, row mutants.Row, run string) {
	t.Helper()
	if !row.Killed {
		t.Errorf("%s\nsurvives: %s did not fail with it; verdict %s; failed: %s", m.Rule, m.Selection(), row.Verdict,
			strings.Join(row.Failed, ", "))
	}
	if m.Killer == "" || run == "" {
		if row.Verdict != m.Verdict {
			t.Errorf("verdict %s, want %s; failed: %s", row.Verdict, m.Verdict, strings.Join(row.Failed, ", "))
		}
	}
}

// explain prints the findings against a sound variant.
func explain(t *testing.T, accused contract.Report) {
	t.Helper()
	t.Errorf("verdict %s: %s", accused.Verdict, accused.Reason)
	for _, result := range accused.Checks {
		if result.Level == credmock.Must && (result.Outcome == contract.Fail || result.Outcome == contract.Trouble) {
			t.Errorf("%s %s %s %+v", result.Outcome, result.ID, result.Reason, result.Findings)
		}
	}
}

// blame judges each part of a server with many variants.
func blame(t *testing.T, m mutants.Mutant) {
	t.Helper()
	for _, name := range m.Parts() {
		part, _ := mutants.Find(name)
		row, err := mutants.Examine(t.Context(), part, sound(t), judge, "")
		if err != nil || row.Accused {
			t.Errorf("%s alone: verdict %s, error %v", name, row.Verdict, err)
		}
	}
}

func isSingle(m mutants.Mutant) bool { return !m.Sound && m.Killer != "" && m.Also == "" }

func isDouble(m mutants.Mutant) bool { return m.Also != "" }

func isWhole(m mutants.Mutant) bool { return !m.Sound && m.Killer == "" }

func whole(mutants.Mutant) string { return "" }

// TestSingleFaults judges each mutant with its killer only. TestFullMatrix uses the whole suite.
func TestSingleFaults(t *testing.T) {
	t.Parallel()
	examine(t, sample(chosen(t, isSingle)), mutants.Mutant.Selection)
}

func TestDoubleFaults(t *testing.T) {
	t.Parallel()
	examine(t, sample(chosen(t, isDouble)), mutants.Mutant.Selection)
}

// TestVerdicts judges the servers without a killer, with the families that send the most requests.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	examine(t, sample(chosen(t, isWhole)), func(mutants.Mutant) string { return "^(lifecycle|required)/" })
}

func isSound(m mutants.Mutant) bool { return m.Sound }

// TestSoundVariants judges every sound variant with the whole suite, many in one server to save time. If such a server is
// accused, each part is judged by itself. TestFullMatrix judges each by itself at once.
func TestSoundVariants(t *testing.T) {
	t.Parallel()
	examine(t, sample(mutants.Together(chosen(t, isSound))), whole)
}

// TestFullMatrix judges every mutant with the whole suite: go test -run FullMatrix -full ./contract/mutants
func TestFullMatrix(t *testing.T) {
	if !*full {
		t.Skip("it takes minutes; ask for it with -full")
	}
	examine(t, chosen(t, func(mutants.Mutant) bool { return true }), whole)
}
