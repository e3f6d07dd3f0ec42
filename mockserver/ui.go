package mockserver

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strings"
)

// uiPath is where the inspector stands.
const uiPath = "/__admin/ui/"

//go:embed ui
var uiFiles embed.FS

var uiTemplate = template.Must(template.New("page.html").ParseFS(uiFiles, "ui/*.html"))

// uiPolicy lets the page use what this program serves and nothing else; text that a client sent could not run even if it got
// into the page as markup.
const uiPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// uiRoutes are the inspector. Its files are for everybody. So is the page, without any state for those who may not see it:
// a browser that opens a page has no token to send, and the page can ask for one.
func uiRoutes() []*route {
	return []*route{
		ownRoute(http.MethodGet, uiPath, "inspector", uiPage).takes("operation", "status", "after"),
		ownRoute(http.MethodGet, strings.TrimSuffix(uiPath, "/"), "inspectorMoved", uiMoved),
		ownRoute(http.MethodGet, uiPath+"{asset}", "inspectorAsset", uiAsset),
		ownRoute(http.MethodGet, uiPath+"reports/{key}", "inspectorReport", uiReport),
		adminRoute(http.MethodPost, "ui/verify", "inspectorVerify", uiVerify),
	}
}

// uiPage shows the session as it is. Its script asks for the same page again when something happens, and takes the parts
// that changed, so there is one place that knows how things look.
func uiPage(c *call) *reply {
	refusal := admitOperator(c)
	if refusal != nil && refusal.status != http.StatusUnauthorized {
		return refusal
	}
	view := &uiView{Session: c.session.name, Admin: c.session.base + "/__admin", Version: c.model.spec.Version}
	if refusal == nil {
		view.State = uiStateOf(c)
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
