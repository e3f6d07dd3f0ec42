package mockserver

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"
)

//go:embed ui
var uiFiles embed.FS

var uiTemplate = template.Must(template.New("page.html").ParseFS(uiFiles, "ui/*.html"))

// uiPolicy lets the page use what this program serves and nothing else; text that a client sent could not run even if it got
// into the page as markup.
const uiPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// inspector is the page that shows a session as it is, and runs the suite.
type inspector struct {
	inspectorConfig
	reports uiReports
}

// inspectorConfig says how the inspector runs the suite.
type inspectorConfig struct {
	// judge judges the mock of a model at a base URL. It returns a page with the report, and the verdict. If nil, the inspector offers
	// nothing.
	judge    func(ctx context.Context, base string, by *model, told progress) (html []byte, verdict string, err error)
	engineer bool // the mock has a token of an engineer
}

// progress is told of each check as soon as that is done. It may be called by several goroutines at once.
type progress func(done, total int, id, outcome string)

func newInspector(config inspectorConfig) *inspector { return &inspector{inspectorConfig: config} }

// routes are those of the inspector. Its files are for everybody. So is the page, without any state for those who may not see it:
// a browser that opens a page has no token to send, and the page can ask for one.
func (i *inspector) routes() []*route {
	return []*route{
		ownRoute(http.MethodGet, uiPath, "inspector", i.page).takes("operation", "status", "after"),
		ownRoute(http.MethodGet, strings.TrimSuffix(uiPath, "/"), "inspectorMoved", uiMoved),
		ownRoute(http.MethodGet, uiPath+"{asset}", "inspectorAsset", uiAsset),
		ownRoute(http.MethodGet, uiPath+"reports/{key}", "inspectorReport", i.report),
		adminRoute(http.MethodPost, "ui/verify", "inspectorVerify", i.verify),
	}
}

// page shows the session as it is. Its script asks for the same page again when something happens, and takes the parts
// that changed, so there is one place that knows how things look.
func (i *inspector) page(c *call) *reply {
	refusal := admitOperator(c)
	if refusal != nil && refusal.status != http.StatusUnauthorized {
		return refusal
	}
	view := &uiView{Session: c.session.name, Admin: c.session.base + "/__admin", Version: c.model.spec.Version}
	if refusal == nil {
		view.State = i.stateOf(c)
	}
	var page bytes.Buffer
	if uiTemplate.Execute(&page, view) != nil {
		return failure()
	}
	return &reply{status: http.StatusOK, text: page.Bytes(), mediaType: "text/html; charset=utf-8", policy: uiPolicy}
}

func uiMoved(*call) *reply {
	return &reply{status: http.StatusPermanentRedirect, location: uiPath, text: []byte("See " + uiPath + "\n"), mediaType: "text/plain; charset=utf-8"}
}

// uiTypes are the files of the page that go out as they are, by what their names end in.
var uiTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}

func uiAsset(c *call) *reply {
	mediaType := uiTypes[path.Ext(c.parameter)]
	text, err := uiFiles.ReadFile("ui/" + c.parameter)
	if mediaType == "" || err != nil {
		return refuse(http.StatusNotFound, "not-found", "The page has no such file.")
	}
	return &reply{status: http.StatusOK, text: text, mediaType: mediaType, policy: uiPolicy}
}
