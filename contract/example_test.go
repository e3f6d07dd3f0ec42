package contract_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// Judge runs the suite against any server, such as a mock, and returns a report.
func ExampleJudge() {
	mock, err := mockserver.New(mockserver.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(mock)
	defer server.Close()
	found, err := contract.Judge(context.Background(), contract.Target{
		URL: server.URL + "/platform", Token: "dev-token", Run: "^strategies/",
	})
	if err != nil {
		fmt.Println(err) // a *report.UsageError
		return
	}
	fmt.Println(found.Verdict, found.ExitCode(), len(found.LeftBehind))
	// Output: conforms 0 0
}

// Plan lists checks without a request.
func ExamplePlan() {
	checks, err := contract.Plan(contract.Target{Run: "^flags/list/hasPassword$"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, check := range checks {
		fmt.Println(check.ID, check.Level, check.Source)
		fmt.Println(check.Rule)
	}
	// Output:
	// flags/list/hasPassword must documented
	// hasPassword does not stand in a list item.
}
