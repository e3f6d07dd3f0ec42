package inspector_test

import (
	"net/http"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// The page is shown for any filter.
func TestPageAcceptsAnyFilter(t *testing.T) {
	mock := mocktest.Start(t)
	for _, query := range []string{"operation=getAuthCredential", "operation=nothing-like-it", "status=4xx", "status=777",
		"operation=a&status=b"} {
		response, err := mock.Client.Get(mock.At("") + "/__admin/ui/?" + query)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", query, response.StatusCode)
		}
	}
}
