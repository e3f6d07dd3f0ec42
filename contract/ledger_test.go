package contract

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// A run that fails in what is known alone is a test that passes.
func TestRunBearsWithKnownFailures(t *testing.T) {
	mock := mockserver.Start(t)
	Run(t, Target{
		URL: mock.URL, Token: mock.Token, Transport: versionless{http.DefaultTransport}, Run: "^envelope/get/(version|meta)$",
		Known: []report.KnownFailure{{ID: "envelope/get/version", Reason: "ticket 12"}},
	})
}

func TestALedgerWithoutReasonsIsRefused(t *testing.T) {
	_, err := Judge(t.Context(), Target{URL: "http://127.0.0.1:1/platform", Known: []report.KnownFailure{{ID: "envelope/get/version"}}})
	var fault *report.UsageError
	if !errors.As(err, &fault) {
		t.Errorf("the error is %v", err)
	}
}

// versionless takes meta.version from every answer.
type versionless struct{ http.RoundTripper }

func (v versionless) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := v.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(`"version":"1.0.0"`), []byte(`"vers1on":"1.0.0"`))))
	return answer, err
}
