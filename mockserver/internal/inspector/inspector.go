// Package inspector serves the page that shows a session live, and runs the suite.
package inspector

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"

	"github.com/credmock/credmock/internal/pagestyle"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

//go:embed ui
var uiFiles embed.FS

var uiTemplate = template.Must(template.New("page.html").ParseFS(uiFiles, "ui/*.html"))

// uiPolicy lets the page use what this program serves and nothing else; text that a client sent could not run even if it got
// into the page as markup.
const uiPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Inspector is the page that shows a session as it is, and runs the suite.
type Inspector struct {
	Config
	reports uiReports
}

// Config says how the inspector runs the suite.
type Config struct {
	// judge judges the mock of a model at a base URL. It returns a page with the report, and the verdict. If nil, the inspector offers
	// nothing.
	Judge    func(ctx context.Context, base string, by *model.Model, told Progress) (html []byte, verdict string, err error)
	Engineer bool // the mock has a token of an engineer
}

// Progress is told of each check as soon as that is done. It may be called by several goroutines at once.
type Progress func(done, total int, id, outcome string)

// New returns an inspector without reports.
func New(config Config) *Inspector { return &Inspector{Config: config} }

// Routes are those of the inspector. Its files are for everybody. So is the page, without any state for those who may not see it:
// a browser that opens a page has no token to send, and the page can ask for one.
func (i *Inspector) Routes() []*serve.Route {
	return []*serve.Route{
		serve.OwnRoute(http.MethodGet, serve.UIPath, "inspector", i.page).Takes("operation", "status", "after"),
		serve.OwnRoute(http.MethodGet, strings.TrimSuffix(serve.UIPath, "/"), "inspectorMoved", uiMoved),
		serve.OwnRoute(http.MethodGet, serve.UIPath+"{asset}", "inspectorAsset", uiAsset),
		serve.OwnRoute(http.MethodGet, serve.UIPath+"reports/{key}", "inspectorReport", i.report),
		serve.AdminRoute(http.MethodPost, "ui/verify", "inspectorVerify", i.verify),
	}
}

// page shows the session as it is. Its script asks for the same page again when something happens, and takes the parts
// that changed, so there is one place that knows how things look.
func (i *Inspector) page(c *serve.Call) *serve.Reply {
	refusal := serve.AdmitOperator(c)
	if refusal != nil && refusal.Status != http.StatusUnauthorized {
		return refusal
	}
	view := &uiView{Session: c.Session.Name, Admin: c.Session.Base + "/__admin", Version: c.Model.Spec.Version}
	if refusal == nil {
		view.State = i.stateOf(c)
	}
	var page bytes.Buffer
	if uiTemplate.Execute(&page, view) != nil {
		return serve.Failure()
	}
	return &serve.Reply{Status: http.StatusOK, Text: page.Bytes(), MediaType: "text/html; charset=utf-8", Policy: uiPolicy}
}

func uiMoved(*serve.Call) *serve.Reply {
	return &serve.Reply{Status: http.StatusPermanentRedirect, Location: serve.UIPath, Text: []byte("See " + serve.UIPath + "\n"),
		MediaType: "text/plain; charset=utf-8"}
}

// uiTypes are the files of the page that go out as they are, by what their names end in.
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
