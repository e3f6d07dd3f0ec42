package record

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteBenchmarks writes each turn as a line of Go's benchmark format, so that benchstat compares servers and runs.
func (r *Run) WriteBenchmarks(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "goos: linux\npkg: github.com/credmock/credmock/bench\ncpu: %s\n", r.Machine.Processor)
	for _, row := range r.Rows {
		for _, server := range []string{Floor, Static, Credmock, Prism, Mockoon} { // benchstat compares with the first
			turns := row.Servers[server]
			for i, rate := range turns.Rates {
				fmt.Fprintf(&text, "Benchmark%s/connections=%d/server=%s\t%d\t%.0f ns/op\t%.0f req/s\t%.0f cpu-ns/op\n", words(row.Operation),
					row.Connections, server, int(rate*r.Settings.Turn)+1, 1e9/rate, rate, turns.CPU[i]*1000)
			}
		}
	}
	for _, level := range slices.Concat(r.Growth.Throughput, r.Growth.Operations) {
		for i, rate := range level.Rates {
			fmt.Fprintf(&text, "Benchmark%s/credentials=%d/server=%s\t1\t%.0f ns/op\t%.0f req/s\t%.0f cpu-ns/op\n",
				words(level.Operation), level.Credentials, Credmock, 1e9/rate, rate, level.CPU[i]*1000)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// words joins the words of an operation to a name.
func words(operation string) string {
	var name strings.Builder
	for word := range strings.FieldsSeq(strings.ReplaceAll(operation, ",", "")) {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
