package mockserver

import (
	"net/http"
	"strings"

	"github.com/credmock/credmock"
)

// ownPrefix is what the paths of the mock's own surface begin with, but for those that ask whether it lives.
const ownPrefix = "/__"

// isOwnPath tells whether a path is or would be one of the mock's own surface.
func isOwnPath(path string) bool { return strings.HasPrefix(path, ownPrefix) }

// ownRoutes are the paths that are the mock's and not the API's.
func ownRoutes() []*route {
	return []*route{
		constantRoute("/healthz", "alive"),
		constantRoute("/readyz", "ready"),

		adminRoute(http.MethodPost, "reset", "adminReset", adminReset),
		adminRoute(http.MethodGet, "snapshots", "adminListSnapshots", adminListSnapshots),
		adminRoute(http.MethodPost, "snapshots", "adminTakeSnapshot", adminTakeSnapshot),
		adminRoute(http.MethodGet, "state", "adminExportState", adminExportState).takes("secrets"),
		adminRoute(http.MethodPut, "state", "adminImportState", adminImportState),

		adminRoute(http.MethodGet, "requests", "adminListRequests", adminListRequests).takes(filters...),
		adminRoute(http.MethodDelete, "requests", "adminClearRequests", withoutBody(adminClearRequests)),
		adminRoute(http.MethodGet, "requests/{id}", "adminGetRequest", adminGetRequest),
		adminRoute(http.MethodGet, "requests.har", "adminRequestsAsHAR", adminRequestsAsHAR).takes(filters...),
		adminRoute(http.MethodGet, "requests.txtar", "adminRequestsAsScenario", adminRequestsAsScenario).takes(filters...),
		adminRoute(http.MethodGet, "events", "adminEvents", adminEvents),

		adminRoute(http.MethodGet, "faults", "adminListFaults", adminListFaults),
		adminRoute(http.MethodPost, "faults", "adminAddFault", adminAddFault),
		adminRoute(http.MethodDelete, "faults", "adminClearFaults", withoutBody(adminClearFaults)),
		adminRoute(http.MethodDelete, "faults/{id}", "adminDeleteFault", withoutBody(adminDeleteFault)),

		adminRoute(http.MethodGet, "mutants", "adminListMutants", adminListMutants),

		adminRoute(http.MethodGet, "sessions", "adminListSessions", adminListSessions),
		adminRoute(http.MethodPost, "sessions", "adminCreateSession", adminCreateSession),
		adminRoute(http.MethodDelete, "sessions/{name}", "adminDeleteSession", withoutBody(adminDeleteSession)),

		adminRoute(http.MethodGet, "clock", "adminGetClock", adminGetClock),
		adminRoute(http.MethodPost, "clock", "adminSetClock", adminSetClock),
	}
}

// constantRoute answers GET with a status that never changes: a mock that was made serves.
func constantRoute(path, status string) *route {
	return ownRoute(http.MethodGet, path, status, func(*call) *reply {
		return &reply{status: http.StatusOK, bare: map[string]any{"status": status}}
	})
}

// ownRoute makes a route for everybody: it asks for no token, and is not remembered in the journal. Where the path has a
// parameter, the action finds its value in the call. The action reads the body itself.
func ownRoute(method, path, id string, act action) *route {
	return &route{Operation: &credmock.Operation{ID: id, Method: method, Path: path, Public: true}, act: act, own: true}
}

// adminRoute makes a route below /__admin/, for operators alone.
func adminRoute(method, path, id string, act action) *route {
	made := ownRoute(method, "/__admin/"+path, id, act)
	made.guarded = true
	return made
}
