package checks

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// methods are those of docs/contract.md#methods.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	http.MethodTrace,
}

// planRoutes plans what is answered to methods and paths that the document does not describe. Every request has a body with all
// secrets.
func planRoutes(p *plan.Builder) {
	seen := map[string]bool{}
	for _, operation := range probe.Enveloped(p.Spec) {
		if seen[operation.Path] {
			continue
		}
		seen[operation.Path] = true
		name, needs := probe.NameOf(operation), probe.NeedsOf(operation)
		p.Add("errors/methods/"+name, "No method of HTTP is answered with a 5xx on the path of "+operation.ID+", with a body or without.",
			plan.RuledMust, judgeMethods(operation, expectNoServerError), needs...)
		p.Add("errors/methods/"+name+"/refused", "A method that the path of "+operation.ID+" does not have is refused, and changes nothing.",
			plan.RuledShould, judgeMethods(operation, expectMethodRefused), needs...)
		p.AddReview("redaction/methods/"+name, "No method of HTTP with a body shows a secret on the path of "+operation.ID+".", plan.InferredMust,
			judgeMethods(operation, nil), reviewScope(methodsScope(operation)), needs...)
	}
	p.AddReview("redaction/paths", "No path that the document does not describe shows a secret.", plan.InferredMust,
		func(q *probe.Probe) { probe.Once(q, pathsScope, sendPaths) }, reviewScope(pathsScope))
	p.Add("errors/paths", "No path that the document does not describe is answered with a 5xx.", plan.RuledMust, func(q *probe.Probe) {
		for _, e := range probe.Once(q, pathsScope, sendPaths) {
			expectNoServerError(q, e)
		}
	})
}

func methodsScope(operation *credmock.Operation) string { return "methods/" + probe.NameOf(operation) }

const pathsScope = "paths"

// isDescribed tells whether the document has an operation for the method and path.
func isDescribed(p *probe.Probe, method, path string) bool {
	return slices.ContainsFunc(p.Spec.Operations, func(one *credmock.Operation) bool { return one.Method == method && one.Path == path })
}

// judgeMethods sends every method that a path does not have, and GET with a body. If judge is nil, only a review judges the answers.
func judgeMethods(operation *credmock.Operation, judge func(*probe.Probe, *wire.Exchange)) func(*probe.Probe) {
	return func(p *probe.Probe) {
		answers := probe.Once(p, methodsScope(operation), func(q *probe.Probe) []*wire.Exchange { return sendMethods(q, operation) })
		for _, e := range answers {
			if judge != nil {
				judge(p, e)
			}
		}
	}
}

// sendMethods sends the methods to the path of an operation. The last answer shows the subject of the path afterwards, and the first one
// before.
func sendMethods(p *probe.Probe, operation *credmock.Operation) []*wire.Exchange {
	standard := probe.DefaultStrategy(p.Spec)
	subject := subjectOf(p, operation)
	var answers []*wire.Exchange
	look := func() {
		if get := p.Spec.Operation(operation.Resource, "get"); get != nil && get.Path == operation.Path {
			answers = append(answers, p.Do(probe.Request{Resource: operation.Resource, Action: "get", ID: subject}))
		}
	}
	look()
	body := jsonvalue.Canonical(p.Full(standard))
	if update := p.Spec.Operation(operation.Resource, "update"); operation.Resource == "destination" && update != nil {
		body = jsonvalue.Canonical(p.DestinationBody(update.Body)) // a server that takes another method for an update would take it
	}
	for _, method := range methods {
		if isDescribed(p, method, operation.Path) && method != http.MethodGet {
			continue
		}
		r := probe.Route{Method: method, Template: operation.Path, ID: subject, Resource: operation.Resource, MediaType: "application/json",
			Body: []byte(body)}
		if isMany := !isAboutOne(operation); isMany && hasParameter(operation) && method == http.MethodDelete {
			r.ID = anotherID(subject) // a server that deletes all must not delete what belongs to others
		}
		answers = append(answers, p.TryRoute(r))
	}
	look()
	return answers
}

// subjectOf returns the id for the path of an operation.
func subjectOf(p *probe.Probe, operation *credmock.Operation) string {
	switch {
	case operation.Resource != "credential":
		return requestOf(p, operation).ID
	case !hasParameter(operation):
		return ""
	case operation.Action == "list" || operation.Action == "create":
		return p.Environment
	}
	standard := probe.DefaultStrategy(p.Spec)
	return p.MustCreate(standard, p.Full(standard)).ID
}

// expectNoServerError expects any answer but a 5xx. A server may hang up.
func expectNoServerError(p *probe.Probe, e *wire.Exchange) {
	p.ExpectStatus(e, "any answer but a 5xx").Holds(e.Status < 500)
}

// expectMethodRefused expects a 4xx, where HEAD may answer as GET does and OPTIONS may succeed.
func expectMethodRefused(p *probe.Probe, e *wire.Exchange) {
	switch {
	case e.Operation != nil:
		expectSameSubject(p, e)
	case e.Failure != nil || isDescribed(p, e.Method, e.Template): // GET with a body
	case e.Method == http.MethodOptions:
		p.ExpectStatus(e, "a success, or a refusal with a 4xx").Holds(e.Success() || e.Refused())
	case e.Method == http.MethodHead && isDescribed(p, http.MethodGet, e.Template):
		p.ExpectStatus(e, "a success as of GET, or a refusal with a 4xx").Holds(e.Success() || e.Refused())
	default:
		p.ExpectStatus(e, "a refusal with a 4xx").Holds(e.Refused())
	}
}

// expectSameSubject compares the subject of a path with its state before. The first answer of the scope shows that.
func expectSameSubject(p *probe.Probe, e *wire.Exchange) {
	for _, before := range p.All() {
		if before.Scope != e.Scope || before.Operation != e.Operation || !before.Success() {
			continue
		}
		differ := p.Differences(subjectIn(p, before), subjectIn(p, e), describedIn(p, before))
		p.Expect(e, "/payload", "changed by a method that the path does not have: "+probe.OrUnreadable(differ), "as before").
			Holds(e.Success() && differ == "")
		return
	}
}

// subjectIn returns the credential or destination in an answer.
func subjectIn(p *probe.Probe, e *wire.Exchange) map[string]any {
	if e.Operation.Member != "" {
		return probe.Destination(e)
	}
	return p.CredentialIn(e)
}

// describedIn returns the members of the subject that the document describes. Others may change.
func describedIn(p *probe.Probe, e *wire.Exchange) []string {
	if e.Operation.Member == "" {
		return p.Described(e)
	}
	return append(slices.Collect(maps.Keys(p.ShownOfDestination(probe.Destination(e)))), p.DestinationProperty(credmock.RoleCredential))
}

// sendPaths sends requests to paths that a server may have beside the document's, about a credential with all secrets.
func sendPaths(p *probe.Probe) []*wire.Exchange {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	item := p.Spec.Operation("credential", "get").Path
	all := p.Spec.Operation("credential", "create").Path
	version, _, _ := strings.Cut(strings.TrimPrefix(all, "/"), "/")
	endings := []string{"/", "/secrets", "/history", "/versions", "/export", ".json"}
	for _, secret := range standard.Secrets {
		endings = append(endings, "/"+secret.Name)
	}
	var answers []*wire.Exchange
	for _, ending := range endings {
		answers = append(answers, p.TryRoute(probe.Route{Method: http.MethodGet, Template: item + ending, ID: made.ID}))
	}
	for _, path := range []string{all + "/", all + "/export", "/" + version, "/" + version + "/unknown", "/unknown%00"} {
		answers = append(answers, p.TryRoute(probe.Route{Method: http.MethodGet, Template: path}))
	}
	body := []byte(jsonvalue.Canonical(p.Full(standard)))
	for _, path := range []string{"/" + version + "/unknown", item + "/secrets", item + "/rotate"} {
		answers = append(answers, p.TryRoute(probe.Route{Method: http.MethodPost, Template: path, ID: made.ID, Body: body,
			MediaType: "application/json", Resource: "credential"}))
	}
	return answers
}

// reviewScope reports every secret in the answers of a scope.
func reviewScope(scope string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Scope == scope {
				reportLeaks(p, e)
			}
		}
	}
}
