package serve

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/origin"
)

// isOwnPath reports whether a path belongs to the mock's own surface, whether or not it exists.
func isOwnPath(path string) bool { return strings.HasPrefix(path, origin.OwnPrefix) }

// ConstantRoute returns a route that answers GET with a fixed status text: a mock that runs is ready.
func ConstantRoute(path, status string) *Route {
	return OwnRoute(http.MethodGet, path, status, func(*Call) *Reply {
		return &Reply{Status: http.StatusOK, Bare: map[string]any{"status": status}}
	})
}

// OwnRoute returns a route of the mock's own surface. It needs no token, and the journal does not record it. Its
// action reads the body itself.
func OwnRoute(method, path, id string, act Action) *Route {
	return &Route{Operation: &credmock.Operation{ID: id, Method: method, Path: path, Public: true}, Act: act, own: true}
}

// Recorded makes the journal record the exchanges of a route of the mock's own surface.
func (r *Route) Recorded() *Route {
	r.kept = true
	return r
}

// isKept reports whether the journal records the exchange.
func (c *Call) isKept() bool {
	if c.Route.isOwn() || isOwnPath(c.path) {
		return c.Route != nil && c.Route.kept
	}
	return !c.isBackground()
}

// DeliveryID is the id of the exchanges with the receiver of a destination. It is none of the document.
const DeliveryID = "receiveDelivery"

// RecordedIDs returns the ids of the exchanges that the journal records: the operations of the document, and the receiver.
func RecordedIDs(m *model.Model) []string { return append(m.OperationIDs(), DeliveryID) }

// AdminRoute returns a route below /__admin/, which only operators may use.
func AdminRoute(method, path, id string, act Action) *Route {
	made := OwnRoute(method, "/__admin/"+path, id, act)
	made.guarded = true
	return made
}

// WithoutBody returns an action that refuses a body with members, and otherwise calls act.
func WithoutBody(act Action) Action {
	return func(c *Call) *Reply {
		if refusal := c.Instructions(&struct{}{}); refusal != nil {
			return refusal
		}
		return act(c)
	}
}

// JSON returns a reply of the mock's own surface with a value as indented JSON.
func JSON(status int, value any) *Reply {
	text, err := json.Marshal(value, json.Deterministic(true), json.FormatNilSliceAsNull(false), jsontext.WithIndent("  "))
	if err != nil {
		return Failure()
	}
	return &Reply{Status: status, Text: append(text, '\n')}
}

// DocsPath is the path of the rendered document.
const DocsPath = "/__admin/docs/"

// UIPath is the path of the inspector.
const UIPath = "/__admin/ui/"

// Ask answers a GET request for another path of the mock's own surface, within a request that has been admitted. It
// returns the body, and false unless the status is 200.
func (c *Call) Ask(path string, query url.Values) ([]byte, bool) {
	at, parameter := c.router.Find(path)
	if at == nil || at.Routes[http.MethodGet] == nil {
		return nil, false
	}
	request := *c.Request
	request.URL = &url.URL{Path: path, RawQuery: query.Encode()}
	asked := &Call{
		Request: &request, Server: c.Server, Model: c.Model, router: c.router, Session: c.Session, Base: c.Base, started: c.started,
		path: path, Parameter: parameter, Query: query, Route: at.Routes[http.MethodGet],
	}
	answer := asked.Route.Act(asked)
	if answer.Status != http.StatusOK {
		return nil, false
	}
	text, answer := asked.render(nil, answer)
	return text, answer.Status == http.StatusOK
}

// OwnHost returns the base URL under which the mock reaches itself. The name in the caller's request may mean another
// host here.
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
