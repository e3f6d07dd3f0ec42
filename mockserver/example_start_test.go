package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

func ExampleStart() {
	var t *testing.T // go test has it for you
	strategiesAreListed(t)
}

// In a test, Start gives a mock that runs until the test ends. Yours is a function that `go test` calls, such as this one.
func strategiesAreListed(t *testing.T) {
	mock := mockserver.Start(t)
	request, err := http.NewRequest(http.MethodGet, mock.URL+"/v1/authcredentials/strategies", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	response, err := mock.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the mock answered %d", response.StatusCode)
	}
}

// The example of Start in the package's documentation is a test, and passes.
func TestExampleStart(t *testing.T) { strategiesAreListed(t) }
