package contract_test

import (
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// BenchmarkVerify judges the mock with all principals. The metric "requests" is those of one run.
func BenchmarkVerify(b *testing.B) {
	requests := 0
	for b.Loop() {
		mock := mockserver.Start(b)
		report, err := contract.Judge(b.Context(), targetOf(mock))
		if err != nil || report.Verdict != contract.Conforms {
			b.Fatal(report.Verdict, err)
		}
		requests = report.Requests
	}
	b.ReportMetric(float64(requests), "requests")
}
