package credmock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/source"
)

// Load reads a document in YAML or JSON and checks it by the house rules. The error names every mistake, one a line.
func Load(data []byte) (spec *Spec, err error) {
	defer func() {
		// A document may come from anybody, and the program may be serving others: a panic becomes an error.
		if recovered := recover(); recovered != nil {
			spec, err = nil, fmt.Errorf("the document makes credmock fail, which is a defect of credmock: %v", recovered)
		}
	}()
	return load(data)
}

func load(data []byte) (*Spec, error) {
	doc, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("the document does not parse: %w", err)
	}
	if err := checkCircles(doc); err != nil {
		return nil, err
	}
	examples := doc.Validate(context.Background(), openapi3.EnableExamplesValidation())
	if examples != nil {
		if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
			return nil, fmt.Errorf("the document is not valid OpenAPI: %s", firstLine(err))
		}
	}
	if mistakes := checkVocabulary(doc); len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	spec, err := compile(doc)
	if err == nil && examples != nil {
		// Last, for an example may fail only because a house rule is broken, and the rule says it better.
		err = fmt.Errorf("the document is not valid OpenAPI: %s", firstLine(examples))
	}
	if err != nil {
		return nil, err
	}
	return spec, nil
}

// parse reads the text of a document and follows its references.
func parse(data []byte) (*openapi3.T, error) {
	tree, err := source.Read(data)
	if err != nil {
		return nil, err
	}
	text, err := source.JSON(tree)
	if err != nil {
		return nil, err
	}
	var doc openapi3.T
	if err := doc.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	if err := openapi3.NewLoader().ResolveRefsIn(&doc, nil); err != nil {
		return nil, err
	}
	source.Locate(&doc, tree)
	return &doc, nil
}

// firstLine drops the schema and value dumps that kin-openapi puts below its first line.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// compile derives the model from a document whose vocabulary is known to be right.
func compile(doc *openapi3.T) (*Spec, error) {
	spec := &Spec{Version: doc.Info.Version, OpenAPI: doc}
	var mistakes []error
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for method, described := range item.Operations() {
			operation, err := compileOperation(doc, path, item, method, described)
			mistakes = append(mistakes, err)
			spec.Operations = append(spec.Operations, operation)
		}
	}
	slices.SortFunc(spec.Operations, func(a, b *Operation) int {
		return cmp.Compare(line(a.Source.Origin), line(b.Source.Origin))
	})
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	strategies, err := compileStrategies(spec)
	if err != nil {
		return nil, err
	}
	spec.Strategies = strategies
	return spec, checkModel(spec)
}

func compileOperation(doc *openapi3.T, path string, item *openapi3.PathItem, method string, described *openapi3.Operation) (*Operation,
	error) {
	prefix, err := serverPath(doc, item, described)
	if err != nil {
		return nil, mistake(described.Origin, "paths "+path, "%v", err)
	}
	operation := &Operation{
		ID: described.OperationID, Method: strings.ToUpper(method), Path: path, Prefix: prefix,
		Resource: text(described.Extensions, extensionResource), Action: text(described.Extensions, extensionAction),
		Summary: described.Summary, Basis: basisOf(described.Extensions, Basis{Ruled, Should}),
		Public: described.Security != nil && len(*described.Security) == 0,
		Source: described,
	}
	if described.RequestBody != nil {
		body := described.RequestBody.Value
		operation.BodyRequired = body.Required
		for mediaType, media := range body.Content {
			operation.MediaType = mediaType
			if media.Schema == nil {
				return nil, mistake(described.Origin, operation.Method+" "+path, "the body %s needs a schema", mediaType)
			}
			if len(alternatives(media.Schema.Value)) == 0 {
				operation.Body = fold(media.Schema.Value)
			}
		}
	}
	operation.Member, operation.Item = payloadOf(described)
	return operation, nil
}

// serverPath returns the path of the innermost server that speaks for the operation.
func serverPath(doc *openapi3.T, item *openapi3.PathItem, described *openapi3.Operation) (string, error) {
	servers := doc.Servers
	if len(item.Servers) > 0 {
		servers = item.Servers
	}
	if described.Servers != nil && len(*described.Servers) > 0 {
		servers = *described.Servers
	}
	if len(servers) == 0 {
		return "", errors.New("no server is named for it; add one under servers")
	}
	server, err := url.Parse(servers[0].URL)
	if err != nil {
		return "", fmt.Errorf("the server's URL does not parse: %w", err)
	}
	return strings.TrimSuffix(server.Path, "/"), nil
}

// success returns the schema of the operation's first success answer, or nil.
func success(described *openapi3.Operation) *openapi3.Schema {
	for _, status := range []string{"200", "201"} {
		response := described.Responses.Value(status)
		if response == nil {
			continue
		}
		if media := response.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
			return media.Schema.Value
		}
	}
	return nil
}

// payloadOf returns the member and the item of the payload of the operation's success.
func payloadOf(described *openapi3.Operation) (member string, item *Object) {
	schema := success(described)
	if schema == nil || schema.Properties["payload"] == nil {
		return "", nil
	}
	payload := schema.Properties["payload"].Value
	if len(payload.Required) != 1 || len(alternatives(payload)) > 0 {
		return "", nil
	}
	member = payload.Required[0]
	if payload.Properties[member] == nil {
		return "", nil
	}
	inner := payload.Properties[member].Value
	if inner.Items != nil {
		inner = inner.Items.Value
	}
	if !inner.Type.Is("string") {
		item = fold(inner)
	}
	return member, item
}

// alternatives returns the schemas of which a value has one.
func alternatives(schema *openapi3.Schema) openapi3.SchemaRefs {
	return append(slices.Clone(schema.OneOf), schema.AnyOf...)
}

// line returns where something stands, or 0 when that is not known.
func line(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Line
}

// mistake returns an error that names its place in the document.
func mistake(origin *openapi3.Origin, place, format string, arguments ...any) error {
	return &source.Mistake{Line: line(origin), Place: place, Message: fmt.Sprintf(format, arguments...)}
}
