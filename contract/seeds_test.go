package contract_test

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// runs is how many seeds TestSeeds tries: go test -race ./contract -run Seeds -runs 1000 for the whole measure.
var runs = flag.Int("runs", 1, "how many random seeds TestSeeds judges the mock with")

// Whatever the seed, the mock conforms, and a run keeps within its requests.
func TestSeeds(t *testing.T) {
	first := time.Now().UnixNano()
	for i := range *runs {
		seed := first + int64(i)
		t.Run(strconv.FormatInt(seed, 10), func(t *testing.T) {
			target := targetOf(mockserver.Start(t))
			target.Strict, target.Seed = true, seed
			report := judge(t, target)
			if report.Verdict != contract.Conforms || report.Requests > 1500 || len(report.LeftBehind) > 0 {
				t.Errorf("%d requests\n%s", report.Requests, text(t, report))
			}
		})
	}
}
