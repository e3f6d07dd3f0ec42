// Package docs serves the OpenAPI document as a page.
package docs

import (
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/swaggest/swgui/v5/static"

	"github.com/credmock/credmock/mockserver/internal/serve"
)

// Routes returns the routes of the page. They need no token: the document is public, and a browser sends no token for a page.
func Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodGet, serve.DocsPath, "documentPage", docsPage),
		serve.OwnRoute(http.MethodGet, strings.TrimSuffix(serve.DocsPath, "/"), "documentPageMoved", docsMoved),
		serve.OwnRoute(http.MethodGet, serve.DocsPath+"openapi.json", "document", docsDocument),
		serve.OwnRoute(http.MethodGet, serve.DocsPath+"{asset}", "documentAsset", docsAsset),
	}
}

//go:embed docspage.html
var docsHTML []byte

//go:embed docspage.js
var docsScript []byte

// docsPolicy allows only resources of this program and requests to the mock. Swagger UI needs inline styles.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func docsPage(*serve.Call) *serve.Reply {
	return &serve.Reply{Status: http.StatusOK, Text: docsHTML, MediaType: "text/html; charset=utf-8", Policy: docsPolicy}
}

func docsMoved(*serve.Call) *serve.Reply {
	return &serve.Reply{Status: http.StatusPermanentRedirect, Location: serve.DocsPath, Text: []byte("See " + serve.DocsPath + "\n"),
		MediaType: "text/plain; charset=utf-8"}
}

// docsAssets are the files of the page and their media types. The files of Swagger UI are stored compressed.
var docsAssets = map[string]string{
	"start.js": "text/javascript; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"swagger-ui.css": "text/css; charset=utf-8", "favicon-32x32.png": "image/png",
}

// docsAsset answers with an embedded file, so that the page needs no other host.
func docsAsset(c *serve.Call) *serve.Reply {
	mediaType := docsAssets[c.Parameter]
	if mediaType == "" {
		return serve.Refuse(http.StatusNotFound, "not-found", "The page has no such file.")
	}
	text, err := docsFile(c.Parameter)
	if err != nil {
		return serve.Failure()
	}
	return &serve.Reply{Status: http.StatusOK, Text: text, MediaType: mediaType}
}

func docsFile(name string) ([]byte, error) {
	if name == "start.js" {
		return docsScript, nil
	}
	if text, err := static.FS.ReadFile(name); err == nil {
		return text, nil
	}
	compressed, err := static.FS.Open(name + ".gz")
	if err != nil {
		return nil, err
	}
	defer compressed.Close()
	text, err := gzip.NewReader(compressed)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(text)
}

// docsDocument returns the document with the mock as its server, so that the page sends requests to the mock.
func docsDocument(c *serve.Call) *serve.Reply {
	document := *c.Model.Spec.OpenAPI
	if len(document.Servers) == 0 {
		document.Servers = openapi3.Servers{{URL: "/"}}
	}
	document.Servers = atHome(c, document.Servers)
	paths := openapi3.NewPathsWithCapacity(document.Paths.Len())
	for path, item := range document.Paths.Map() {
		moved := *item
		moved.Servers = atHome(c, item.Servers)
		for method, operation := range item.Operations() {
			if operation.Servers != nil {
				changed, servers := *operation, atHome(c, *operation.Servers)
				changed.Servers = &servers
				moved.SetOperation(method, &changed)
			}
		}
		paths.Set(path, &moved)
	}
	document.Paths = paths
	text, err := json.Marshal(&document)
	if err != nil {
		return serve.Failure()
	}
	return &serve.Reply{Status: http.StatusOK, Text: text}
}

// atHome returns the servers with relative URLs, which resolve to the host of the page.
func atHome(c *serve.Call, servers openapi3.Servers) openapi3.Servers {
	var moved openapi3.Servers
	for _, server := range servers {
		path, err := server.BasePath()
		if err != nil {
			path = "/"
		}
		moved = append(moved, &openapi3.Server{URL: c.Base + path, Description: "This mock."})
	}
	return moved
}
