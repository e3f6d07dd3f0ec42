package mockserver

import (
	_ "embed"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock"
)

// ownPrefix is what the paths of the mock's own surface begin with, but for those that ask whether it lives.
const ownPrefix = "/__"

// isOwnPath tells whether a path is or would be one of the mock's own surface.
func isOwnPath(path string) bool { return strings.HasPrefix(path, ownPrefix) }

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

// withoutBody makes an action that refuses a body with members, of which it would do nothing.
func withoutBody(act action) action {
	return func(c *call) *reply {
		if refusal := c.instructions(&struct{}{}); refusal != nil {
			return refusal
		}
		return act(c)
	}
}

// document returns an answer of the mock's own surface: a value as JSON, for people to read too.
func document(status int, value any) *reply {
	text, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false), jsontext.WithIndent("  "))
	if err != nil {
		return failure()
	}
	return &reply{status: status, text: append(text, '\n')}
}

// docsPath is where the rendered document stands.
const docsPath = "/__admin/docs/"

// uiPath is where the inspector stands.
const uiPath = "/__admin/ui/"

// ask answers a GET request of one of the mock's own paths, within another request whose caller is let in already. It returns the
// body, and false if the answer is no success.
func (c *call) ask(path string, query url.Values) ([]byte, bool) {
	at, parameter := c.router.find(path)
	if at == nil || at.routes[http.MethodGet] == nil {
		return nil, false
	}
	request := *c.Request
	request.URL = &url.URL{Path: path, RawQuery: query.Encode()}
	asked := &call{
		Request: &request, server: c.server, model: c.model, router: c.router, session: c.session, started: c.started,
		path: path, parameter: parameter, query: query, route: at.routes[http.MethodGet],
	}
	answer := asked.route.act(asked)
	if answer.status != http.StatusOK {
		return nil, false
	}
	text, answer := asked.render(nil, answer)
	return text, answer.status == http.StatusOK
}
