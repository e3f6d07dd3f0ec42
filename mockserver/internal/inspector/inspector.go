// Package inspector serves the page that shows a session live and runs the suite.
package inspector

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/credmock/credmock/internal/pagestyle"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

//go:embed ui
var uiFiles embed.FS

// uiTemplate returns the page's template. It parses it on first use.
var uiTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.html").ParseFS(uiFiles, "ui/*.html"))
})

// uiPolicy allows only resources of this program, so that injected markup could not run scripts.
const uiPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Inspector serves the page and runs the suite.
type Inspector struct {
	Config
	reports uiReports
}

// Config configures an inspector.
type Config struct {
	// Judge runs the suite against the mock of a model at a base URL. It returns the report as an HTML page and the verdict. If
	// nil, the page does not offer a run.
	Judge    func(ctx context.Context, base string, by *model.Model, progress Progress) (html []byte, verdict string, err error)
	Engineer bool // the mock has an engineer's token
}

// Progress is called after each check. It may be called by several goroutines at once.
type Progress func(done, total int, id, outcome string)

// New returns an inspector without reports.
func New(config Config) *Inspector { return &Inspector{Config: config} }

// Routes returns the routes of the inspector. The page and its files need no token, since a browser sends none. Without a token
// the page shows no state and asks for one.
func (i *Inspector) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodGet, serve.UIPath, "inspector", i.page).Takes("operation", "status", "after"),
		serve.OwnRoute(http.MethodGet, strings.TrimSuffix(serve.UIPath, "/"), "inspectorMoved", uiMoved),
		serve.OwnRoute(http.MethodGet, serve.UIPath+"{asset}", "inspectorAsset", uiAsset),
		serve.OwnRoute(http.MethodGet, serve.UIPath+"reports/{key}", "inspectorReport", i.report),
		serve.AdminRoute(http.MethodPost, "ui/verify", "inspectorVerify", i.verify),
	}
}

// page shows the present state of the session. Its script requests the page again after every event and replaces the changed
// parts, so that only the templates define the markup.
func (i *Inspector) page(c *serve.Call) *serve.Reply {
	refusal := serve.AdmitOperator(c)
	if refusal != nil && refusal.Status != http.StatusUnauthorized {
		return refusal
	}
	view := &uiView{Session: c.Session.Name, Admin: c.Base + "/__admin", Version: c.Model.Spec.Version}
	if refusal == nil {
		view.State = i.stateOf(c)
	}
	var page bytes.Buffer
	if uiTemplate().Execute(&page, view) != nil {
		return serve.Failure()
	}
	return &serve.Reply{Status: http.StatusOK, Text: page.Bytes(), MediaType: "text/html; charset=utf-8", Policy: uiPolicy}
}

func uiMoved(*serve.Call) *serve.Reply {
	return &serve.Reply{Status: http.StatusPermanentRedirect, Location: serve.UIPath, Text: []byte("See " + serve.UIPath + "\n"),
		MediaType: "text/plain; charset=utf-8"}
}

// uiTypes are the media types of the static files, by extension.
var uiTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

func uiAsset(c *serve.Call) *serve.Reply {
	mediaType := uiTypes[path.Ext(c.Parameter)]
	text, err := uiFiles.ReadFile("ui/" + c.Parameter)
	if mediaType == "" || err != nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "The page has no such file.")
	}
	if c.Parameter == "style.css" {
		text = append(pagestyle.Base(), text...)
	}
	return &serve.Reply{Status: http.StatusOK, Text: text, MediaType: mediaType, Policy: uiPolicy}
}
