package scenarios_test

import (
	"context"
	"fmt"
	"io"

	"github.com/credmock/credmock/scenarios"
)

// Scenario files run against a server, or without a URL each against a fresh mock.
func ExampleRunFiles() {
	files := []string{"credential-create.txtar", "roles.txtar"}
	summary, err := scenarios.RunFiles(context.Background(), files, scenarios.Params{}, io.Discard)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(summary.Count(scenarios.Passed), "passed; exit code", summary.ExitCode())
	// Output:
	// 2 passed; exit code 0
}
