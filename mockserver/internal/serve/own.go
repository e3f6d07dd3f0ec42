package serve

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/origin"
)

// isOwnPath tells whether a path is or would be one of the mock's own surface.
func isOwnPath(path string) bool { return strings.HasPrefix(path, origin.OwnPrefix) }

// ConstantRoute answers GET with a status that never changes: a mock that was made serves.
func ConstantRoute(path, status string) *Route {
	return OwnRoute(http.MethodGet, path, status, func(*Call) *Reply {
		return &Reply{Status: http.StatusOK, Bare: map[string]any{"status": status}}
	})
}

// OwnRoute makes a route for everybody: it asks for no token, and is not remembered in the journal. Where the path has a
// parameter, the action finds its value in the call. The action reads the body itself.
func OwnRoute(method, path, id string, act Action) *Route {
	return &Route{Operation: &credmock.Operation{ID: id, Method: method, Path: path, Public: true}, Act: act, own: true}
}

// AdminRoute makes a route below /__admin/, for operators alone.
func AdminRoute(method, path, id string, act Action) *Route {
	made := OwnRoute(method, "/__admin/"+path, id, act)
	made.guarded = true
	return made
}

// WithoutBody makes an action that refuses a body with members, of which it would do nothing.
func WithoutBody(act Action) Action {
	return func(c *Call) *Reply {
		if refusal := c.Instructions(&struct{}{}); refusal != nil {
			return refusal
		}
		return act(c)
	}
}

// Document returns an answer of the mock's own surface: a value as JSON, for people to read too.
func JSON(status int, value any) *Reply {
	text, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false), jsontext.WithIndent("  "))
	if err != nil {
		return Failure()
	}
	return &Reply{Status: status, Text: append(text, '\n')}
}

// DocsPath is where the rendered document stands.
const DocsPath = "/__admin/docs/"

// UIPath is where the inspector stands.
const UIPath = "/__admin/ui/"

// Ask answers a GET request of one of the mock's own paths, within another request whose caller is let in already. It returns the
// body, and false if the answer is no success.
func (c *Call) Ask(path string, query url.Values) ([]byte, bool) {
	at, parameter := c.router.Find(path)
	if at == nil || at.Routes[http.MethodGet] == nil {
		return nil, false
	}
	request := *c.Request
	request.URL = &url.URL{Path: path, RawQuery: query.Encode()}
	asked := &Call{
		Request: &request, Server: c.Server, Model: c.Model, router: c.router, Session: c.Session, started: c.started,
		path: path, Parameter: parameter, Query: query, Route: at.Routes[http.MethodGet],
	}
	answer := asked.Route.Act(asked)
	if answer.Status != http.StatusOK {
		return nil, false
	}
	text, answer := asked.render(nil, answer)
	return text, answer.Status == http.StatusOK
}

// OwnHost returns the address under which the mock reaches itself: what a caller calls it may mean something else here.
func (c *Call) OwnHost() string {
	host := c.Host
	if local, known := c.Context().Value(http.LocalAddrContextKey).(net.Addr); known {
		host = local.String()
	}
	if c.TLS != nil {
		return "https://" + host
	}
	return "http://" + host
}
