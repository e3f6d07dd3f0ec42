package serve

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Action answers a request, or returns nil to let the next step answer it.
type Action func(*Call) *Reply

// Route is an operation with its action.
type Route struct {
	*credmock.Operation
	Act     Action
	Kind    *model.Kind         // nil unless the resource is stored
	answers *credmock.Operation // the operation that describes the answers; nil for an own route
	names   placeKind           // kind of thing that the path's parameter names
	own     bool                // it belongs to the mock's own surface, not the API
	guarded bool                // it needs the admin token, or a caller on this machine
	kept    bool                // it belongs to the mock's own surface, and the journal records its exchanges

	parameters []string // parameters of the query of an own route; nil to ignore all
}

// AnyMethod is the method of a route for all methods without a route of their own, and AnyPath the last segment of a path that may go on.
const (
	AnyMethod = "*"
	AnyPath   = "{...}"
)

// placeKind is the kind of thing that a path's parameter names.
type placeKind int

const (
	nothing placeKind = iota
	anOrganization
	anEnvironment
	aRecord
)

// router finds the route of a request. A literal segment takes precedence over a parameter; the router does not
// backtrack.
type router struct {
	root  *node
	paths []pathTemplate // the document's paths before the mock's own
	lines sync.Map       // handlers of log lines, by *Route
}

type node struct {
	literals   map[string]*node // by unescaped segments
	patterns   []pattern        // segments with text round the parameter, the longest text first
	parameter  *node
	rest       *node             // any further segments
	Routes     map[string]*Route // by method
	notAllowed *Route            // route of the refusal of any other method
	allow      string
}

// pattern is a segment with text round its parameter, such as {id}:verify.
type pattern struct {
	template string
	node     *node
}

// NewSite returns a site with a route for every operation and the mock's own routes. The key of an action is the
// operation's x-resource and x-action, separated by a space. The error names every operation that the mock cannot
// serve.
func NewSite(m *model.Model, actions map[string]Action, own []*Route) (*Site, error) {
	router := &router{root: &node{}}
	var errs []error
	done := map[rehearsal]bool{}
	for _, operation := range m.Spec.Operations {
		route, err := compileRoute(operation, m.Kinds[operation.Resource], actions)
		if err == nil {
			err = rehearse(m, route, done)
		}
		errs = append(errs, err)
		router.Add(route)
	}
	for _, one := range own {
		if at, _ := router.Find(one.Prefix + one.Path); at != nil && at.Routes[one.Method] != nil {
			errs = append(errs, fmt.Errorf("%s: %s is a path of the mock itself; name another path or server", at.Routes[one.Method].ID,
				one.Prefix+one.Path))
			continue
		}
		router.Add(one)
	}
	return &Site{Model: m, Router: router}, errors.Join(errs...)
}

func compileRoute(operation *credmock.Operation, kind *model.Kind, actions map[string]Action) (*Route, error) {
	made := &Route{
		Operation: operation, Kind: kind, answers: operation,
		Act: actions[operation.Resource+" "+operation.Action],
	}
	if strings.Contains(operation.Path, "{") {
		made.names = parameterOf(operation)
	}
	if reason := made.unservable(); reason != "" {
		return made, &source.Mistake{Line: lineOf(operation.Source.Origin), Place: operation.ID, Message: reason}
	}
	return made, nil
}

// unservable returns the reason why the mock cannot serve the operation, or "".
func (r *Route) unservable() string {
	stored := r.Resource == store.ResourceCredential || r.Resource == "destination"
	switch {
	case r.Act == nil:
		return "the mock has no way to " + r.Action + " a " + r.Resource
	case stored && r.Kind == nil:
		return "a " + r.Resource + " needs operations to create, update and get it"
	case stored && r.Action == "create" && r.names == nothing && r.Kind.Common.Role(credmock.RoleEnvironment) == nil:
		return "the environment is neither in its path nor, with x-role: environment, in its body"
	case r.isToken() && r.Body == nil:
		return "it needs a body"
	}
	return ""
}

// parameterOf returns the kind of thing that the parameter of an operation's path names: for a list or create the
// thing's container, and otherwise the record itself.
func parameterOf(operation *credmock.Operation) placeKind {
	switch {
	case operation.Action != "list" && operation.Action != "create":
		return aRecord
	case operation.Resource == "environment":
		return anOrganization
	}
	return anEnvironment
}

func (r *router) Add(added *Route) {
	r.addHint(added)
	at := r.root
	for segment := range strings.SplitSeq(strings.TrimPrefix(added.Prefix+added.Path, "/"), "/") {
		at = at.child(segment)
	}
	if at.Routes == nil {
		at.Routes = map[string]*Route{}
		at.notAllowed = added.notAllowedRoute()
	}
	at.Routes[added.Method] = added
	if added.own && added.Method == http.MethodGet {
		at.Routes[http.MethodHead] = added // probes ask so
	}
	var methods []string
	for method := range at.Routes {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	at.allow = strings.Join(methods, ", ")
}

// notAllowedRoute returns the route for requests with any other method to the same path.
func (r *Route) notAllowedRoute() *Route {
	return &Route{
		Operation: &credmock.Operation{Prefix: r.Prefix, Path: r.Path, Resource: r.Resource},
		answers:   r.answers, own: r.own, guarded: r.guarded, parameters: r.parameters,
	}
}

// id returns the operation's id, or "" for a nil route.
func (r *Route) id() string {
	if r == nil {
		return ""
	}
	return r.ID
}

// Template returns the document's path, or "" for a nil route.
func (r *Route) Template() string {
	if r == nil {
		return ""
	}
	return r.Prefix + r.Path
}

// logs returns the handler of a route's log lines. It has encoded what they share.
func (r *router) logs(of *Route, logger *slog.Logger) slog.Handler {
	if made, known := r.lines.Load(of); known {
		return made.(slog.Handler)
	}
	made := logger.Handler().WithAttrs([]slog.Attr{slog.String("operation", of.id()), slog.String("path", of.Template())})
	r.lines.Store(of, made)
	return made
}

// answer returns the schema of the answer with a status, or nil if the document has none.
func (r *Route) answer(status int) *openapi3.Schema {
	if r == nil || r.answers == nil {
		return nil
	}
	return r.answers.AnswerSchema(status)
}

// writes reports whether the operation changes something, which needs the engineer role.
func (r *Route) writes() bool { return r.Method != http.MethodGet }

// isToken reports whether the path is the token endpoint, whose errors have the form of OAuth.
func (r *Route) isToken() bool { return r != nil && r.Resource == "token" }

// child returns the node of a segment of a template, and makes it if there is none.
func (n *node) child(segment string) *node {
	if segment == AnyPath {
		if n.rest == nil {
			n.rest = &node{}
		}
		return n.rest
	}
	switch name := pathtemplate.Parameter(segment); {
	case name == "" || !strings.Contains(segment, "{"):
		segment = pathtemplate.Unescape(segment)
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		if n.literals[segment] == nil {
			n.literals[segment] = &node{}
		}
		return n.literals[segment]
	case segment == "{"+name+"}":
		if n.parameter == nil {
			n.parameter = &node{}
		}
		return n.parameter
	}
	template := pathtemplate.Insert(segment, "{}") // the name does not matter
	for _, one := range n.patterns {
		if one.template == template {
			return one.node
		}
	}
	made := &node{}
	n.patterns = append(n.patterns, pattern{template, made})
	slices.SortStableFunc(n.patterns, func(a, b pattern) int { return len(b.template) - len(a.template) })
	return made
}

// Find returns the node of an escaped path and the unescaped value of its parameter. The node is nil if the path does not exist.
func (r *router) Find(path string) (at *node, parameter string) {
	rest, found := strings.CutPrefix(path, "/")
	at = r.root
	for more := found; more && at != nil; {
		if at.rest != nil {
			return at.rest, ""
		}
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		next, value := at.find(segment)
		if value != "" {
			parameter = value
		}
		at = next
	}
	if at == nil || at.Routes == nil {
		return nil, ""
	}
	return at, parameter
}

// find returns the node below one for an escaped segment, and the value if the segment holds the parameter.
func (n *node) find(segment string) (next *node, value string) {
	if next = n.literals[segment]; next != nil && !strings.Contains(segment, "%") {
		return next, ""
	}
	plain := pathtemplate.Unescape(segment)
	if next = n.literals[plain]; next != nil {
		return next, ""
	}
	for _, one := range n.patterns {
		if value, fits := pathtemplate.MatchSegment(one.template, segment); fits {
			return one.node, value
		}
	}
	if plain == "" {
		return nil, ""
	}
	return n.parameter, plain
}

// isOwn reports whether the path belongs to the mock's own surface, not the API.
func (r *Route) isOwn() bool { return r != nil && r.own }

// findRoute finds the operation. Allow lists only the document's methods: on the API, HEAD and OPTIONS get 405 like any
// other method.
func findRoute(c *Call) *Reply {
	if c.misled != nil {
		return c.misled
	}
	at, parameter := c.router.Find(c.path)
	if at == nil {
		return noSuchPath(c, c.path)
	}
	c.Parameter = parameter
	c.Route = cmp.Or(at.Routes[c.Method], at.Routes[AnyMethod])
	if c.Route != nil {
		return nil
	}
	c.Route = at.notAllowed
	answer := Refuse(http.StatusMethodNotAllowed, "method-not-allowed", "This path answers "+at.allow+".")
	answer.Allow = at.allow
	return answer
}

// locate finds the thing that the path names. A thing of another organization does not exist for the caller.
func locate(c *Call) *Reply {
	switch c.Route.names {
	case anOrganization:
		c.Target.Organization = c.Model.Organization(c.Principal.Organization)
		if c.Parameter != c.Target.Organization.Text {
			return Refuse(http.StatusNotFound, "not-found", "Your organization has another number.")
		}
	case anEnvironment:
		c.Target.Environment = c.Model.Environments[c.Parameter]
		if !c.Model.Owns(c.Principal.Organization, c.Parameter) {
			return NotFound("environment")
		}
	case aRecord:
		c.Target.Record = c.Session.Store.Get(c.Route.Kind.Resource, c.Parameter)
		if c.Target.Record == nil || !c.Model.Owns(c.Principal.Organization, c.Target.Record.Environment) {
			return NotFound(c.Route.Kind.Resource)
		}
	case nothing:
	}
	return nil
}
