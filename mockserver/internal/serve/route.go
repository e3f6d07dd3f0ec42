package serve

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Action answers a request, or returns nil to let the next step answer it.
type Action func(*Call) *Reply

// Route is an operation with its action.
type Route struct {
	*credmock.Operation
	Act     Action
	Kind    *model.Kind // nil unless the resource is stored
	answers map[int]*openapi3.Schema
	names   placeKind // kind of thing that the path's parameter names
	own     bool      // it belongs to the mock's own surface, not the API
	guarded bool      // it needs the admin token, or a caller on this machine

	parameters []string // parameters of the query of an own route; nil to ignore all
}

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
}

type node struct {
	literals   map[string]*node
	parameter  *node
	Routes     map[string]*Route // by method
	notAllowed *Route            // route of the refusal of any other method
	allow      string
}

// NewSite returns a site with a route for every operation and the mock's own routes. The key of an action is the
// operation's x-resource and x-action, separated by a space. The error names every operation that the mock cannot
// serve.
func NewSite(m *model.Model, actions map[string]Action, own []*Route) (*Site, error) {
	router := &router{root: &node{}}
	var errs []error
	for _, operation := range m.Spec.Operations {
		route, err := compileRoute(operation, m.Kinds[operation.Resource], actions)
		errs = append(errs, err)
		router.Add(route)
	}
	for _, one := range own {
		router.Add(one)
	}
	return &Site{Model: m, Router: router}, errors.Join(errs...)
}

func compileRoute(operation *credmock.Operation, kind *model.Kind, actions map[string]Action) (*Route, error) {
	made := &Route{
		Operation: operation, Kind: kind, answers: answersOf(operation),
		Act: actions[operation.Resource+" "+operation.Action],
	}
	if strings.Contains(operation.Path, "{") {
		made.names = parameterOf(operation)
	}
	if reason := made.unservable(); reason != "" {
		return made, fmt.Errorf("%s: %s", operation.ID, reason)
	}
	return made, nil
}

// unservable returns the reason why the mock cannot serve the operation, or "".
func (r *Route) unservable() string {
	stored := r.Resource == store.ResourceCredential || r.Resource == "destination"
	switch {
	case r.Act == nil:
		return "the mock has no way to " + r.Action + " a " + r.Resource
	case strings.Count(r.Path, "{") > 1:
		return "the mock reads one parameter of a path"
	case stored && r.Kind == nil:
		return "a " + r.Resource + " needs operations to create, update and get it"
	case stored && r.Action == "create" && r.names == nothing && r.Kind.Common.Role(credmock.RoleEnvironment) == nil:
		return "the environment is neither in its path nor, with x-role: environment, in its body"
	case r.isToken() && r.Body == nil:
		return "it needs a body"
	case !r.isToken() && r.MediaType != "" && r.MediaType != MediaTypeJSON:
		return "the mock reads a body in " + MediaTypeJSON
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

// answersOf returns the JSON schemas of an operation's answers by status.
func answersOf(operation *credmock.Operation) map[int]*openapi3.Schema {
	answers := map[int]*openapi3.Schema{}
	for status, response := range operation.Source.Responses.Map() {
		number, err := strconv.Atoi(status)
		media := response.Value.Content.Get("application/json")
		if err == nil && media != nil && media.Schema != nil {
			answers[number] = media.Schema.Value
		}
	}
	return answers
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

// answer returns the schema of the answer with a status, or nil if the document has none.
func (r *Route) answer(status int) *openapi3.Schema {
	if r == nil {
		return nil
	}
	return r.answers[status]
}

// writes reports whether the operation changes something, which needs the engineer role.
func (r *Route) writes() bool { return r.Method != http.MethodGet }

// isToken reports whether the path is the token endpoint, whose errors have the form of OAuth.
func (r *Route) isToken() bool { return r != nil && r.Resource == "token" }

func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, "{") {
		if n.parameter == nil {
			n.parameter = &node{}
		}
		return n.parameter
	}
	if n.literals == nil {
		n.literals = map[string]*node{}
	}
	if n.literals[segment] == nil {
		n.literals[segment] = &node{}
	}
	return n.literals[segment]
}

// Find returns the node of a path and the value of its parameter. The node is nil if the path does not exist.
func (r *router) Find(path string) (at *node, parameter string) {
	rest, found := strings.CutPrefix(path, "/")
	at = r.root
	for more := found; more && at != nil; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		if next := at.literals[segment]; next != nil {
			at = next
			continue
		}
		if segment == "" {
			return nil, ""
		}
		parameter, at = segment, at.parameter
	}
	if at == nil || at.Routes == nil {
		return nil, ""
	}
	return at, parameter
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
	if unescaped, err := url.PathUnescape(parameter); err == nil {
		c.Parameter = unescaped
	}
	c.Route = at.Routes[c.Method]
	if c.Route != nil {
		return nil
	}
	c.Route = at.notAllowed
	answer := Refuse(http.StatusMethodNotAllowed, "method-not-allowed", "This path answers "+at.allow+".")
	answer.Allow = at.allow
	return answer
}
