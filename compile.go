package credmock

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/document"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/source"
)

// compiler derives the model from a document whose vocabulary is known to be right.
type compiler struct {
	doc    *openapi3.T
	merger *document.Merger
	folded map[*openapi3.Schema]*Object
}

func compile(doc *openapi3.T) (*Spec, error) {
	c := &compiler{doc, document.NewMerger(), map[*openapi3.Schema]*Object{}}
	spec := &Spec{Version: doc.Info.Version, OpenAPI: doc}
	var mistakes []error
	paths := doc.Paths.Map()
	for _, path := range slices.SortedFunc(maps.Keys(paths), func(a, b string) int {
		return cmp.Or(compareOrigins(paths[a].Origin, paths[b].Origin), cmp.Compare(a, b))
	}) {
		item := paths[path]
		operations := item.Operations()
		for _, method := range slices.SortedFunc(maps.Keys(operations), compareMethods) {
			operation, err := c.operation(path, item, method, operations[method])
			if err != nil {
				mistakes = append(mistakes, err)
				continue
			}
			spec.Operations = append(spec.Operations, operation)
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	strategies, err := c.strategies(spec)
	if err != nil {
		return nil, err
	}
	spec.Strategies = strategies
	if len(c.merger.Mistakes) > 0 {
		return nil, errors.Join(c.merger.Mistakes...)
	}
	return spec, checkModel(spec)
}

// compareMethods sorts the methods of a path, whose order in the document means nothing.
func compareMethods(a, b string) int {
	order := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	rank := func(method string) int { return (slices.Index(order, method) + len(order) + 1) % (len(order) + 1) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

func (c *compiler) operation(path string, item *openapi3.PathItem, method string, described *openapi3.Operation) (*Operation, error) {
	place := strings.ToUpper(method) + " " + path
	servers := c.serversOf(item, described)
	prefix, err := serverPath(servers[0])
	if err != nil {
		return nil, mistake(described.Origin, place, "%v", err)
	}
	operation := &Operation{
		ID: described.OperationID, Method: strings.ToUpper(method), Path: pathtemplate.Escape(path), Prefix: prefix, Servers: servers,
		Resource: text(described.Extensions, extensionResource), Action: text(described.Extensions, extensionAction),
		Summary: described.Summary, Basis: basisOf(described.Extensions, Basis{Ruled, Should}),
		Public: described.Security != nil && len(*described.Security) == 0,
		Source: described,
	}
	if pathtemplate.Parameters(operation.Path) > 1 {
		return nil, mistake(described.Origin, place, "a path has one parameter at most here")
	}
	if err := c.body(operation, place); err != nil {
		return nil, err
	}
	operation.Status = successStatus(operation)
	operation.answers = c.answers(described.Responses)
	c.payload(operation)
	return operation, nil
}

// body reads the body in the media type of the resource.
func (c *compiler) body(operation *Operation, place string) error {
	if operation.Source.RequestBody == nil || operation.Resource == "" {
		return nil
	}
	body := operation.Source.RequestBody.Value
	operation.BodyRequired, operation.MediaType = body.Required, mediaTypeJSON
	if operation.Resource == "token" {
		operation.MediaType = mediaTypeForm
	}
	media := body.Content.Get(operation.MediaType)
	switch {
	case media == nil:
		return mistake(operation.Source.Origin, place, "its body is described in %s alone; describe it in %s",
			strings.Join(sortedKeys(body.Content), ", "), operation.MediaType)
	case media.Schema == nil:
		return mistake(operation.Source.Origin, place, "the body %s needs a schema", operation.MediaType)
	}
	forms := c.forms(media.Schema)
	if len(forms) > mostForms {
		return mistake(operation.Source.Origin, place, "its body has more than %d forms", mostForms)
	}
	if operation.bodies = forms; len(forms) == 1 && !c.namesStrategy(forms[0].schema) {
		operation.Body = c.fold(forms[0].schema).without(readOnly)
	}
	return nil
}

const (
	mediaTypeJSON = "application/json"
	mediaTypeForm = "application/x-www-form-urlencoded"
)

// serversOf returns the URLs of the innermost servers that speak for the operation.
func (c *compiler) serversOf(item *openapi3.PathItem, described *openapi3.Operation) []string {
	servers := c.doc.Servers
	if len(item.Servers) > 0 {
		servers = item.Servers
	}
	if described.Servers != nil && len(*described.Servers) > 0 {
		servers = *described.Servers
	}
	var urls []string
	for _, server := range servers {
		urls = append(urls, server.URL)
	}
	if len(urls) == 0 {
		return []string{"/"} // as OpenAPI has it
	}
	return urls
}

// serverPath returns the path of a server, escaped.
func serverPath(server string) (string, error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("the server's URL does not parse: %w", err)
	}
	return pathtemplate.Escape(strings.TrimRight(parsed.EscapedPath(), "/")), nil
}

// successStatus returns the status with which the operation succeeds, or 0 if the document describes none that can be answered.
func successStatus(operation *Operation) int {
	wanted := []int{http.StatusOK}
	switch {
	case operation.Action == "create" && operation.Resource != "token":
		wanted = []int{http.StatusCreated, http.StatusOK}
	case operation.Action == "delete":
		wanted = []int{http.StatusOK, http.StatusNoContent}
	}
	responses := operation.Source.Responses
	for _, status := range wanted {
		if responses.Value(strconv.Itoa(status)) != nil {
			return status
		}
	}
	succeeds := func(status string) bool { return strings.HasPrefix(status, "2") }
	if responses.Value("2XX") != nil || responses.Default() != nil && !slices.ContainsFunc(sortedKeys(responses.Map()), succeeds) {
		return wanted[0]
	}
	return 0
}

// Answer returns what the document says of the operation's answers with a status, or nil.
func (o *Operation) Answer(status int) *openapi3.Response {
	if found := o.Source.Responses.Status(status); found != nil {
		return found.Value
	}
	if found := o.Source.Responses.Default(); found != nil {
		return found.Value
	}
	return nil
}

// answers returns the schemas of the answers in JSON, by status, without allOf.
func (c *compiler) answers(responses *openapi3.Responses) map[string]*openapi3.Schema {
	schemas := map[string]*openapi3.Schema{}
	for status, response := range responses.Map() {
		if media := response.Value.Content.Get(mediaTypeJSON); media != nil && media.Schema != nil {
			schemas[status] = c.merger.Merge(media.Schema.Value)
		}
	}
	return schemas
}

// AnswerSchema returns the schema of the operation's answers in JSON with a status, or nil. It has no allOf.
func (o *Operation) AnswerSchema(status int) *openapi3.Schema {
	text := strconv.Itoa(status)
	for _, described := range []string{text, text[:1] + "XX", "default"} {
		if o.Source.Responses.Value(described) != nil {
			return o.answers[described]
		}
	}
	return nil
}

// compareOrigins compares two places by their order in the document.
func compareOrigins(a, b *openapi3.Origin) int {
	return cmp.Or(cmp.Compare(line(a), line(b)), cmp.Compare(column(a), column(b)))
}

// line returns where something stands, or 0 when that is not known.
func line(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Line
}

func column(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Column
}

// mistake returns an error that names its place in the document.
func mistake(origin *openapi3.Origin, place, format string, arguments ...any) error {
	return &source.Mistake{Line: line(origin), Place: place, Message: fmt.Sprintf(format, arguments...)}
}
