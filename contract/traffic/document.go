package traffic

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/view"
)

// breach is a place of an answer that breaks the document.
type breach struct{ pointer, owed string }

// breaches returns the places of a success that break the schema of the document. strict are those of its form alone, such as that of
// a time: a server that breaks one breaks a SHOULD.
func (j *judged) breaches(e *one) (broken, strict []breach) {
	schema := e.operation.AnswerSchema(e.operation.Status)
	if schema == nil {
		return nil, nil
	}
	text, err := json.Marshal(j.asDocumented(e))
	var body any
	if err != nil || json.Unmarshal(text, &body) != nil {
		return nil, nil
	}
	for i, form := range j.forms(e, schema) {
		must, should := breachesOf(form, body)
		if i == 0 || len(must) < len(broken) {
			broken, strict = must, should
		}
	}
	return broken, strict
}

func breachesOf(schema *openapi3.Schema, body any) (must, should []breach) {
	for _, broken := range view.Breaks(schema, body, true) {
		one := breach{broken.Pointer, words(broken)}
		switch {
		case broken.Rule == "format" || broken.Rule == "pattern" && !strings.HasPrefix(broken.Pointer, "/meta"):
			should = append(should, one)
		case !slices.Contains(must, one):
			must = append(must, one)
		}
	}
	return must, should
}

// asDocumented returns the body as the document has it where an accepted alternative has it otherwise, without members that are null:
// an optional field that is not set is absent or null.
func (j *judged) asDocumented(e *one) any {
	object, isObject := e.value.(map[string]any)
	if !isObject {
		return e.value
	}
	object = maps.Clone(object)
	if version, bare := object["meta"].(string); bare && e.operation.Action == "delete" && slices.Contains(j.Accept, "meta-string") {
		object["meta"] = map[string]any{"version": version}
	}
	payload, _ := object["payload"].(map[string]any)
	if inner, wrapped := payload["credential"].(map[string]any); wrapped && j.isSingle(e) && slices.Contains(j.Accept, "wrapped-payload") {
		payload = inner
	}
	if payload != nil {
		object["payload"] = withoutNull(payload)
	}
	return object
}

func withoutNull(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range value {
			if inner != nil {
				kept[name] = withoutNull(inner)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, inner := range value {
			kept[i] = withoutNull(inner)
		}
		return kept
	}
	return value
}

// isSingle tells whether the answer is one credential.
func (j *judged) isSingle(e *one) bool {
	return e.operation.Resource == "credential" && slices.Contains([]string{"get", "create", "update"}, e.operation.Action)
}

// forms returns the schemas of which one must fit: that of the strategy that a credential names, or of all where it names none.
func (j *judged) forms(e *one, schema *openapi3.Schema) []*openapi3.Schema {
	if !j.isSingle(e) {
		return []*openapi3.Schema{schema}
	}
	strategies, unnamed := j.Spec.Strategies, true
	if strategy := j.Spec.Strategy(j.strategyOf(e)); strategy != nil {
		strategies, unnamed = []*credmock.Strategy{strategy}, false
	}
	var forms []*openapi3.Schema
	for _, strategy := range strategies {
		form := *strategy.Shown.Schema
		if name := strategy.Shown.Role(credmock.RoleStrategy); unnamed && name != nil { // docs/contract.md#strategy-in-answers
			form.Required = slices.DeleteFunc(slices.Clone(form.Required), func(required string) bool { return required == name.Name })
		}
		whole := *schema
		whole.Properties = maps.Clone(schema.Properties)
		whole.Properties["payload"] = openapi3.NewSchemaRef("", &form)
		forms = append(forms, &whole)
	}
	return forms
}

// strategyOf returns the strategy that an answer names, or the one of the request.
func (j *judged) strategyOf(e *one) string {
	name := j.Spec.Strategies[0].Shown.Role(credmock.RoleStrategy).Name
	if shown := jsonvalue.Text(jsonvalue.Member(e.value, "payload", name)); shown != "" {
		return shown
	}
	if shown := jsonvalue.Text(jsonvalue.Member(e.value, "payload", "credential", name)); shown != "" {
		return shown
	}
	return ""
}

// words say what a value should be, in the words of the document.
func words(broken view.Break) string {
	schema := broken.Schema
	switch {
	case schema == nil:
		return "the form that the document describes"
	case broken.Rule == "required":
		return "a member that must be there"
	case broken.Rule == "type" && schema.Type != nil:
		return "a value of type " + strings.Join(schema.Type.Slice(), " or ")
	case broken.Rule == "enum":
		return fmt.Sprintf("one of %v", schema.Enum)
	case broken.Rule == "pattern":
		return "a value that matches " + schema.Pattern
	case broken.Rule == "format":
		return "a value of the format " + schema.Format
	}
	return "a value that keeps the rule " + broken.Rule
}
