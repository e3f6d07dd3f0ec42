package contract_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/mockserver"
)

// BenchmarkVerify judges the mock with all principals. The metric "requests" is those of one run.
func BenchmarkVerify(b *testing.B) {
	requests := 0
	for b.Loop() {
		requests = judgeSound(b).Requests
	}
	b.ReportMetric(float64(requests), "requests")
}

// BenchmarkVerifyTen judges ten mocks side by side.
func BenchmarkVerifyTen(b *testing.B) {
	for b.Loop() {
		var runs sync.WaitGroup
		for range 10 {
			runs.Go(func() { judgeSound(b) })
		}
		runs.Wait()
	}
}

func judgeSound(b *testing.B) contract.Report {
	report, err := contract.Judge(b.Context(), targetOf(mockserver.Start(b)))
	if err != nil || report.Verdict != contract.Conforms {
		b.Error(report.Verdict, err)
	}
	return report
}

// Ten implementations are judged side by side, and each gets the verdict that it gets alone.
func TestTenAtOnce(t *testing.T) {
	t.Parallel()
	broken := []string{"auth/get/none", "fields/awkward/trimmed", "redaction/update/echo", "destinations/update/name-clears",
		"errors/create/malformed"}
	var killers, patterns []string
	for _, name := range broken {
		mutant, found := mutants.Find(name)
		if !found {
			t.Fatal(name)
		}
		killers, patterns = append(killers, mutant.Killer), append(patterns, regexp.QuoteMeta(mutant.Killer))
	}
	for _, name := range append(broken, make([]string, len(broken))...) {
		t.Run(cmp.Or(name, "sound"), func(t *testing.T) {
			t.Parallel()
			mutant, _ := mutants.Find(name)
			target := targetOf(mockserver.Start(t))
			if name != "" {
				target.URL = serving(t, mutant.Wrap(mockOf(t)))
			}
			target.Run = "^(" + strings.Join(patterns, "|") + ")$"
			report := judge(t, target)
			var failed []string
			for _, check := range report.Checks {
				if check.Outcome == contract.Fail {
					failed = append(failed, check.ID)
				}
			}
			for i, killer := range killers {
				if slices.Contains(failed, killer) != (broken[i] == name) {
					t.Errorf("%s: failed: %q", killer, failed)
				}
			}
		})
	}
}
