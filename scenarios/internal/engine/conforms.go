package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// conforms checks the last answer by the document.
func (s *scene) conforms(ts *testscript.TestScript, negative bool, _ []string) {
	answer := s.answered(ts)
	violations := s.violations(answer)
	switch {
	case len(violations) > 0 && !negative:
		ts.Fatalf("%s does not keep the document:\n\t%s", answer, strings.Join(firstOf(violations), "\n\t"))
	case len(violations) == 0 && negative:
		ts.Fatalf("%s keeps the document, owed that it does not", answer)
	}
}

// firstOf returns as many violations as a message tells, and counts the rest.
func firstOf(violations []string) []string {
	if more := len(violations) - bound.MostTold; more > 0 {
		return append(violations[:bound.MostTold:bound.MostTold], fmt.Sprintf("and %d more", more))
	}
	return violations
}

// violations returns each way in which an answer breaks the document, without any value of it.
func (s *scene) violations(answer *answer) []string {
	response, operation, violation := s.describedResponse(answer)
	if violation != "" {
		return []string{violation}
	}
	media := response.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(answer.header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return []string{"its Content-Type is not application/json"}
	}
	body, err := answer.json()
	if err != nil {
		return []string{"its body is not a JSON value: " + err.Error()}
	}
	shown := s.shownBy(operation, answer, body)
	violations := s.schemaViolations(operation.AnswerSchema(answer.status), shown, answer)
	return append(violations, s.secretViolations(shown, body, answer)...)
}

// describedResponse returns the document's response for an answer, or why there is none.
func (s *scene) describedResponse(answer *answer) (*openapi3.Response, *credmock.Operation, string) {
	var operation *credmock.Operation
	for _, candidate := range s.byPath(answer.path) {
		if candidate.Method == answer.method {
			operation = candidate
			break
		}
		if answer.status == http.StatusMethodNotAllowed {
			operation = candidate
		}
	}
	if operation == nil {
		return nil, nil, fmt.Sprintf("the document describes no %s %s", answer.method, bound.Brief(answer.path))
	}
	response := operation.Answer(answer.status)
	if response == nil {
		documented := strings.Join(slices.Sorted(maps.Keys(operation.Source.Responses.Map())), ", ")
		return nil, operation, fmt.Sprintf("status %d is not documented for %s, only %s", answer.status, operation.ID, documented)
	}
	return response, operation, ""
}

// byPath returns the operations of a path. A template without parameters wins.
func (s *scene) byPath(path string) []*credmock.Operation {
	var found []*credmock.Operation
	for _, operation := range s.spec.Operations {
		if matches(operation.Path, path) {
			found = append(found, operation)
		}
	}
	slices.SortStableFunc(found, func(a, b *credmock.Operation) int {
		return len(pathtemplate.Parameter(a.Path)) - len(pathtemplate.Parameter(b.Path))
	})
	return slices.DeleteFunc(found, func(operation *credmock.Operation) bool { return operation.Path != found[0].Path })
}

// shownBy returns the strategies of which a credential in the payload may be: the one that it names, or all where it
// names none. It is nil where the payload is something else.
func (s *scene) shownBy(operation *credmock.Operation, answer *answer, body any) []*credmock.Strategy {
	single := slices.Contains([]string{"get", "create", "update"}, operation.Action)
	if operation.Resource != "credential" || !single || answer.status > 299 {
		return nil
	}
	property := s.spec.Strategies[0].Shown.Role(credmock.RoleStrategy)
	name, err := ordered.Resolve(body, ordered.At("payload", property.Name))
	if err != nil {
		return s.spec.Strategies
	}
	if strategy := s.spec.Strategy(asText(name)); strategy != nil {
		return []*credmock.Strategy{strategy}
	}
	return s.spec.Strategies
}

// schemaViolations validates a body. Where it is a credential, it is held to the form of its own strategy: told of all
// forms, nobody finds the violation.
func (s *scene) schemaViolations(schema *openapi3.Schema, strategies []*credmock.Strategy, answer *answer) []string {
	var body any
	if err := json.Unmarshal(answer.body, &body); err != nil {
		return []string{"its body is not a JSON value"}
	}
	if len(strategies) == 0 {
		return visit(schema, body, answer.values <= bound.MostWalked)
	}
	var fewest []string
	for i, strategy := range strategies {
		violations := visit(withPayload(schema, strategy, len(strategies) > 1), body, answer.values <= bound.MostWalked)
		if i == 0 || len(violations) < len(fewest) {
			fewest = violations
		}
	}
	return fewest
}

// withPayload returns the schema with one strategy's form as its payload. The strategy's name may be missing from a
// credential (docs/contract.md#strategy-in-answers); then it is not asked for.
func withPayload(schema *openapi3.Schema, strategy *credmock.Strategy, unnamed bool) *openapi3.Schema {
	form := strategy.Shown.Schema
	if unnamed {
		copied := *form
		name := strategy.Shown.Role(credmock.RoleStrategy).Name
		copied.Required = slices.DeleteFunc(slices.Clone(form.Required), func(required string) bool { return required == name })
		form = &copied
	}
	whole := *schema
	whole.Properties = maps.Clone(schema.Properties)
	whole.Properties["payload"] = openapi3.NewSchemaRef("", form)
	return &whole
}

// secretViolations finds secrets by name and, those that the script sent, by value.
func (s *scene) secretViolations(strategies []*credmock.Strategy, body any, answer *answer) []string {
	secrets := slices.DeleteFunc(s.spec.Secrets(), func(name string) bool {
		return len(strategies) == 1 && strategies[0].Shown.Property(name) != nil && !strategies[0].Shown.Property(name).Secret
	})
	var violations []string
	ordered.Walk(body, nil, func(names []string) {
		if !slices.Contains(secrets, names[len(names)-1]) {
			return
		}
		violation := "" // only counted
		if len(violations) < bound.MostTold {
			violation = bound.Brief(ordered.At(names...)).String() + ": a secret's own key must not be there"
		}
		violations = append(violations, violation)
	})
	if s.sent.Holds(answer.raw()) {
		violations = append(violations, "it holds a secret that this script sent")
	}
	return violations
}
