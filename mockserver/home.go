package mockserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// homeRoutes are for who opens the host and knows no path yet. A document that has something there itself keeps it.
func homeRoutes(spec *credmock.Spec) []*route {
	routes := []*route{ownRoute(http.MethodGet, "/__admin/", "adminHome", home)}
	isTaken := func(operation *credmock.Operation) bool { return operation.Prefix+operation.Path == "/" }
	if !slices.ContainsFunc(spec.Operations, isTaken) {
		routes = append(routes, ownRoute(http.MethodGet, "/", "home", home))
	}
	return routes
}

// home redirects browsers to the inspector and lists the endpoints for everyone else.
func home(c *call) *reply {
	if strings.Contains(c.Header.Get("Accept"), "text/html") {
		return &reply{status: http.StatusSeeOther, location: uiPath, text: []byte("See " + uiPath + "\n"), mediaType: "text/plain; charset=utf-8"}
	}
	return document(http.StatusOK, struct {
		API       string `json:"api"`
		Document  string `json:"document"`
		Docs      string `json:"docs"`
		Inspector string `json:"inspector"`
		Requests  string `json:"requests"`
	}{
		API: c.session.base + c.model.spec.Operation(resourceCredential, "get").Prefix, Document: c.session.base + docsPath + "openapi.json", Docs: c.session.base + docsPath,
		Inspector: c.session.base + uiPath, Requests: c.session.base + "/__admin/requests",
	})
}
