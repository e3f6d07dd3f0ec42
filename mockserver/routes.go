package mockserver

import (
	"net/http"
)

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
