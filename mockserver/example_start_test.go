package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

func ExampleStart() {
	var t *testing.T // go test passes it
	strategiesAreListed(t)
}

// In a test, Start returns a mock that runs until the test ends.
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

// TestExampleStart runs the documented example of Start as a test.
func TestExampleStart(t *testing.T) { strategiesAreListed(t) }
