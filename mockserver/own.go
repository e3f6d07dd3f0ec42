package mockserver

import (
	"net/http"

	"github.com/credmock/credmock"
)

// ownRoutes are the paths that are the mock's and not the API's. They ask for no token.
var ownRoutes = []*route{ownRoute("/healthz", "alive"), ownRoute("/readyz", "ready")}

// ownRoute answers GET with a status that never changes: a mock that was made serves.
func ownRoute(path, status string) *route {
	return &route{
		Operation: &credmock.Operation{ID: status, Method: http.MethodGet, Path: path, Public: true},
		act: func(*Server, *call) *reply {
			return &reply{status: http.StatusOK, bare: map[string]any{"status": status}}
		},
	}
}
