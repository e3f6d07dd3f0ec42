package credmock

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/source"
)

var versionForm = lazy.Regexp(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)

// checkModel checks a compiled document by the house rules that plain OpenAPI does not know.
func checkModel(spec *Spec) error {
	var mistakes []error
	if !versionForm().MatchString(spec.Version) {
		mistakes = append(mistakes, mistake(nil, "info/version", "it becomes meta.version, so it must be major.minor or major.minor.patch"))
	}
	if len(spec.Strategies) == 0 {
		mistakes = append(mistakes, errors.New("the body of create names no strategy; add one under oneOf"))
	}
	for _, operation := range spec.Operations {
		mistakes = append(mistakes, checkOperation(operation)...)
	}
	mistakes = append(mistakes, checkDuplicates(spec)...)
	for _, strategy := range spec.Strategies {
		mistakes = append(mistakes, checkStrategy(strategy)...)
		mistakes = append(mistakes, checkShown(strategy.Name, strategy.Create, strategy.Shown)...)
		mistakes = append(mistakes, checkMade(spec, strategy.Name, strategy.Shown)...)
	}
	for _, operation := range spec.Operations {
		mistakes = append(mistakes, checkRecord(spec, operation)...)
		if operation.Item != nil {
			mistakes = append(mistakes, checkMade(spec, operation.Resource, operation.Item)...)
		}
		for _, object := range []*Object{operation.Body, operation.Item} {
			if object != nil && object.UnknownMembersRefused {
				mistakes = append(mistakes, checkDescribed(operation.ID, object)...)
			}
		}
	}
	return source.Join(mistakes)
}

// checkDescribed finds what an object requires and does not describe.
func checkDescribed(place string, object *Object) []error {
	var mistakes []error
	for _, requirement := range object.Required {
		if object.Property(requirement.Name) == nil {
			mistakes = append(mistakes, mistake(object.requiredBy[requirement.Name], place+"/"+requirement.Name,
				"it is required and not described; add it under properties"))
		}
	}
	return mistakes
}

// checkCircles finds a schema that is made of itself: folding it would never end.
func checkCircles(doc *openapi3.T) error {
	if doc.Components == nil {
		return nil
	}
	for _, name := range sortedKeys(doc.Components.Schemas) {
		schema := doc.Components.Schemas[name]
		if schema != nil && madeOf(schema.Value, schema.Value, map[*openapi3.Schema]bool{}) {
			return mistake(schema.Value.Origin, "components/schemas/"+name, "it is made of itself through allOf, oneOf or anyOf")
		}
	}
	return nil
}

func madeOf(whole, schema *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if schema == nil || seen[schema] {
		return false
	}
	seen[schema] = true
	for _, part := range append(alternatives(schema), schema.AllOf...) {
		if part != nil && (part.Value == whole || madeOf(whole, part.Value, seen)) {
			return true
		}
	}
	return false
}

func checkOperation(operation *Operation) []error {
	var mistakes []error
	origin, place := operation.Source.Origin, operation.Method+" "+operation.Path
	if operation.ID == "" {
		mistakes = append(mistakes, mistake(origin, place, "it needs an operationId"))
	}
	if operation.Resource == "" || operation.Action == "" {
		mistakes = append(mistakes, mistake(origin, place, "it needs x-resource and x-action, or nothing would serve it"))
	}
	if text(operation.Source.Extensions, extensionEvidence) == "" {
		mistakes = append(mistakes, mistake(origin, place, "it needs x-evidence"))
	}
	isError := func(status string) bool { return strings.HasPrefix(status, "4") || status == "default" }
	if !slices.ContainsFunc(sortedKeys(operation.Source.Responses.Map()), isError) {
		mistakes = append(mistakes, mistake(origin, place, "it has no error answer; add those that a client can meet"))
	}
	if reason := unanswerable(operation); reason != "" {
		mistakes = append(mistakes, mistake(origin, place, "%s", reason))
	}
	return mistakes
}

// unanswerable returns the reason why the success of an operation cannot be answered, or "".
func unanswerable(operation *Operation) string {
	switch schema := operation.AnswerSchema(operation.Status); {
	case operation.Status == http.StatusNoContent:
		return ""
	case operation.Status == 0 || schema == nil:
		return "it has no 200 or 201 answer in application/json"
	case operation.Resource == "token":
		return ""
	case len(operation.payloads) == 0:
		return "its answer has no member payload, which holds the data; describe it"
	case operation.Action == "list" && operation.Member != "" && operation.Item == nil:
		return "the items of " + operation.Member + " have no form; describe them as one object"
	case operation.Member != "" || operation.Item != nil, len(operation.payloads) > 1, operation.Resource == "credential" && isOne(operation):
		return ""
	}
	return "it is not clear which member of payload holds " + payloadWords[operation.Action] + "; describe one, and require it"
}

// payloadWords say what the payload of an action holds.
var payloadWords = map[string]string{
	"strategies": "the strategies, an object", "list": "the list, an array of objects", "delete": "the message, a string",
	"get": "the record, an object", "create": "the record, an object", "update": "the record, an object", "verify": "the record, an object",
}

// isOne reports whether the operation answers with one record.
func isOne(operation *Operation) bool {
	return slices.Contains([]string{"get", "create", "update", "verify"}, operation.Action)
}

func checkDuplicates(spec *Spec) []error {
	var mistakes []error
	first := map[string]*Operation{}
	for _, operation := range spec.Operations {
		key := operation.Resource + " " + operation.Action
		if other := first[key]; other != nil {
			mistakes = append(mistakes, mistake(operation.Source.Origin, operation.Method+" "+operation.Path,
				"%s has the same x-resource and x-action; give each operation its own", other.ID))
		}
		first[key] = operation
		route := operation.Method + " " + pathtemplate.Insert(operation.Prefix+operation.Path, "{}")
		if other := first[route]; other != nil {
			mistakes = append(mistakes, mistake(operation.Source.Origin, operation.Method+" "+operation.Path,
				"%s has the same method and path; give each operation its own", other.ID))
		}
		first[route] = operation
	}
	return mistakes
}

func checkStrategy(strategy *Strategy) []error {
	var mistakes []error
	for _, secret := range strategy.Secrets {
		if !slices.Equal(secret.Types(), []string{"string"}) {
			mistakes = append(mistakes, mistake(secret.Schema.Origin, strategy.Name+"/"+secret.Name, "a secret (writeOnly) must be a string"))
		}
		if secret.Flag == "" {
			mistakes = append(mistakes, mistake(secret.Schema.Origin, strategy.Name+"/"+secret.Name,
				"a secret needs its flag: add %s, boolean and readOnly", FlagName(secret.Name)))
		}
		if _, required := strategy.Shown.Requires(FlagName(secret.Name)); secret.Flag != "" && !required {
			mistakes = append(mistakes, mistake(secret.Schema.Origin, strategy.Name+"/"+secret.Flag,
				"every answer shows the flag: add it to required of the credential"))
		}
	}
	for _, property := range strategy.Create.Properties {
		if property.ReadOnly && property.FlagOf == "" && isFlagName(property.Name) {
			mistakes = append(mistakes, mistake(property.Schema.Origin, strategy.Name+"/"+property.Name,
				"a flag without its secret: no writeOnly property has that name after %q", flagPrefix))
		}
	}
	for _, object := range []*Object{strategy.Create, strategy.Update, strategy.Shown} {
		mistakes = append(mistakes, checkDescribed(strategy.Name, object)...)
	}
	if strategy.ImpliedBy != "" && strategy.Create.Property(strategy.ImpliedBy) == nil {
		mistakes = append(mistakes, mistake(strategy.Create.Schema.Origin, strategy.Name,
			"x-implied-by names %s, which it does not have", strategy.ImpliedBy))
	}
	return mistakes
}
