package credmock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The extensions that a document may use; docs/reference.md#the-document says what each means.
const (
	extensionEvidence       = "x-evidence"
	extensionLevel          = "x-level"
	extensionResource       = "x-resource"
	extensionAction         = "x-action"
	extensionRole           = "x-role"
	extensionImmutable      = "x-immutable"
	extensionImpliedBy      = "x-implied-by"
	extensionTokenRequest   = "x-token-request"
	extensionRequestRole    = "x-request-role"
	extensionUnlisted       = "x-unlisted"
	extensionUnknownMembers = "x-unknown-members"

	unknownMembersRefused = "refused"
)

// words maps each extension to the values it may have; nil stands for any name, and flagWords for true or false.
var (
	flagWords      = []string{"true", "false"}
	operationWords = map[string][]string{
		extensionEvidence: {string(Documented), string(Inferred), string(Ruled)},
		extensionLevel:    {string(Must), string(Should)},
		extensionResource: {"credential", "destination", "environment", "token"},
		extensionAction:   {"strategies", "list", "get", "create", "update", "delete", "verify"},
	}
	schemaWords = map[string][]string{
		extensionEvidence: operationWords[extensionEvidence],
		extensionLevel:    operationWords[extensionLevel],
		extensionRole: {
			string(RoleID), string(RoleName), string(RoleOrganization), string(RoleEnvironment),
			string(RoleCredential), string(RoleStrategy), string(RoleCreationTime), string(RoleUpdateTime),
		},
		extensionImmutable:      flagWords,
		extensionUnlisted:       flagWords,
		extensionImpliedBy:      nil,
		extensionTokenRequest:   {requestOAuth, requestAssertion, requestExchange, requestSignature},
		extensionRequestRole:    requestRoles,
		extensionUnknownMembers: {unknownMembersRefused},
	}
)

// checkVocabulary finds every extension, or value of one, that nothing would read.
func checkVocabulary(doc *openapi3.T) []error {
	var mistakes []error
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			place := strings.ToUpper(method) + " " + path
			mistakes = append(mistakes, checkWords(operation.Origin, place, operation.Extensions, operationWords)...)
		}
	}
	walkSchemas(doc, func(place string, schema *openapi3.Schema) {
		mistakes = append(mistakes, checkWords(schema.Origin, place, schema.Extensions, schemaWords)...)
	})
	slices.SortFunc(mistakes, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return mistakes
}

func checkWords(origin *openapi3.Origin, place string, extensions map[string]any, words map[string][]string) []error {
	var mistakes []error
	for extension, value := range extensions {
		allowed, known := words[extension]
		spelled := fmt.Sprint(value)
		switch {
		case !known:
			mistakes = append(mistakes, mistake(origin, place, "unknown extension %s; known here: %s", extension,
				strings.Join(sortedKeys(words), ", ")))
		case allowed == nil && spelled == "", allowed != nil && !slices.Contains(allowed, spelled):
			mistakes = append(mistakes, mistake(origin, place, "%s cannot be %q; it is one of %s", extension, spelled, strings.Join(allowed, ", ")))
		}
	}
	return mistakes
}

// walkSchemas visits every schema of the document once, with its place.
func walkSchemas(doc *openapi3.T, visit func(place string, schema *openapi3.Schema)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(place string, reference *openapi3.SchemaRef)
	walk = func(place string, reference *openapi3.SchemaRef) {
		if reference == nil || reference.Value == nil || seen[reference.Value] {
			return
		}
		if strings.HasPrefix(reference.Ref, "#/components/schemas/") && reference.Ref != "#/"+place {
			return // it is visited at its own place
		}
		schema := reference.Value
		seen[schema] = true
		visit(place, schema)
		for _, name := range sortedKeys(schema.Properties) {
			walk(place+"/properties/"+name, schema.Properties[name])
		}
		for _, group := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
			for _, part := range group {
				walk(place, part)
			}
		}
		walk(place+"/items", schema.Items)
		walk(place+"/additionalProperties", schema.AdditionalProperties.Schema)
	}
	if doc.Components != nil {
		for _, name := range sortedKeys(doc.Components.Schemas) {
			walk("components/schemas/"+name, doc.Components.Schemas[name])
		}
	}
	for _, path := range sortedKeys(doc.Paths.Map()) {
		operations := doc.Paths.Value(path).Operations()
		for _, method := range sortedKeys(operations) {
			walkOperation(strings.ToUpper(method)+" "+path, operations[method], walk)
		}
	}
}

func walkOperation(place string, operation *openapi3.Operation, walk func(string, *openapi3.SchemaRef)) {
	walkContent := func(place string, content openapi3.Content) {
		for _, mediaType := range sortedKeys(content) {
			walk(place, content[mediaType].Schema)
		}
	}
	if operation.RequestBody != nil {
		walkContent(place+" requestBody", operation.RequestBody.Value.Content)
	}
	for _, status := range sortedKeys(operation.Responses.Map()) {
		walkContent(place+" "+status, operation.Responses.Value(status).Value.Content)
	}
}

// basisOf reads evidence and level from extensions; what they leave out is as outside of them.
func basisOf(extensions map[string]any, outer Basis) Basis {
	basis := outer
	if evidence := text(extensions, extensionEvidence); evidence != "" {
		basis = Basis{Evidence: Evidence(evidence), Level: Should}
		if basis.Evidence == Documented {
			basis.Level = Must
		}
	}
	if level := text(extensions, extensionLevel); level != "" {
		basis.Level = Level(level)
	}
	return basis
}

func text(extensions map[string]any, name string) string {
	value, _ := extensions[name].(string)
	return value
}

func truth(extensions map[string]any, name string) bool {
	value, _ := extensions[name].(bool)
	return value
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
