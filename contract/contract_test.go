package contract_test

import (
	"context"
	"os"
	"testing"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// target returns the mock as a target with all its principals.
func target(t *testing.T) contract.Target {
	t.Helper()
	mock := mockserver.Start(t)
	return contract.Target{URL: mock.URL, Token: mock.Token, ViewerToken: mock.ViewerToken, OtherToken: mock.OtherToken}
}

func TestMockConforms(t *testing.T) {
	report, err := contract.Judge(context.Background(), target(t))
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != contract.Conforms {
		_ = contract.Write(os.Stdout, "text", report)
		t.Errorf("verdict %s: %s", report.Verdict, report.Reason)
	}
	_ = contract.Write(os.Stdout, "text", report)
}
