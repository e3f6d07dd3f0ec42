package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// HomeRoutes serve the root of the host, unless the document defines that path.
func HomeRoutes(spec *credmock.Spec) []*serve.Route {
	routes := []*serve.Route{serve.OwnRoute(http.MethodGet, "/__admin/", "adminHome", home)}
	isTaken := func(operation *credmock.Operation) bool { return operation.Prefix+operation.Path == "/" }
	if !slices.ContainsFunc(spec.Operations, isTaken) {
		routes = append(routes, serve.OwnRoute(http.MethodGet, "/", "home", home))
	}
	return routes
}

// home redirects browsers to the inspector and lists the endpoints for everyone else.
func home(c *serve.Call) *serve.Reply {
	if strings.Contains(c.Header.Get("Accept"), "text/html") {
		return &serve.Reply{Status: http.StatusSeeOther, Location: serve.UIPath, Text: []byte("See " + serve.UIPath + "\n"),
			MediaType: "text/plain; charset=utf-8"}
	}
	return serve.JSON(http.StatusOK, struct {
		API       string `json:"api"`
		Document  string `json:"document"`
		Docs      string `json:"docs"`
		Inspector string `json:"inspector"`
		Requests  string `json:"requests"`
	}{
		API:      c.Base + c.Model.Spec.Operation(store.ResourceCredential, "get").Prefix,
		Document: c.Base + serve.DocsPath + "openapi.json", Docs: c.Base + serve.DocsPath,
		Inspector: c.Base + serve.UIPath, Requests: c.Base + "/__admin/requests",
	})
}
