// Package admin serves the JSON surface below /__admin/ for operators and tests.
package admin

import (
	"net/http"

	"github.com/credmock/credmock/mockserver/internal/serve"
)

// Routes returns the routes of the mock itself, which the API does not define.
func Routes() []*serve.Route {
	return []*serve.Route{
		serve.ConstantRoute("/healthz", "alive"),
		serve.ConstantRoute("/readyz", "ready"),

		serve.AdminRoute(http.MethodPost, "reset", "adminReset", adminReset),
		serve.AdminRoute(http.MethodGet, "snapshots", "adminListSnapshots", adminListSnapshots),
		serve.AdminRoute(http.MethodPost, "snapshots", "adminTakeSnapshot", adminTakeSnapshot),
		serve.AdminRoute(http.MethodGet, "state", "adminExportState", adminExportState).Takes("secrets"),
		serve.AdminRoute(http.MethodPut, "state", "adminImportState", adminImportState),

		serve.AdminRoute(http.MethodGet, "requests", "adminListRequests", adminListRequests).Takes(listed...),
		serve.AdminRoute(http.MethodDelete, "requests", "adminClearRequests", serve.WithoutBody(adminClearRequests)),
		serve.AdminRoute(http.MethodGet, "requests/{id}", "adminGetRequest", adminGetRequest),
		serve.AdminRoute(http.MethodGet, "requests.har", "adminRequestsAsHAR", adminRequestsAsHAR).Takes(filters...),
		serve.AdminRoute(http.MethodGet, "requests.txtar", "adminRequestsAsScenario", adminRequestsAsScenario).Takes(filters...),
		serve.AdminRoute(http.MethodGet, "events", "adminEvents", adminEvents),

		serve.AdminRoute(http.MethodGet, "faults", "adminListFaults", adminListFaults),
		serve.AdminRoute(http.MethodPost, "faults", "adminAddFault", adminAddFault),
		serve.AdminRoute(http.MethodDelete, "faults", "adminClearFaults", serve.WithoutBody(adminClearFaults)),
		serve.AdminRoute(http.MethodDelete, "faults/{id}", "adminDeleteFault", serve.WithoutBody(adminDeleteFault)),

		serve.AdminRoute(http.MethodGet, "mutants", "adminListMutants", adminListMutants),

		serve.AdminRoute(http.MethodGet, "sessions", "adminListSessions", adminListSessions),
		serve.AdminRoute(http.MethodPost, "sessions", "adminCreateSession", adminCreateSession),
		serve.AdminRoute(http.MethodDelete, "sessions/{name}", "adminDeleteSession", serve.WithoutBody(adminDeleteSession)),

		serve.AdminRoute(http.MethodGet, "clock", "adminGetClock", adminGetClock),
		serve.AdminRoute(http.MethodPost, "clock", "adminSetClock", adminSetClock),
	}
}
