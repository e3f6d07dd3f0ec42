package credmock

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// flagPrefix begins the name of every flag (docs/contract.md#flags).
const flagPrefix = "has"

// FlagName returns the name of the boolean that is shown in place of a secret: "has" and the secret's name with
// its first letter in upper case (docs/contract.md#flags).
func FlagName(secret string) string {
	first, size := utf8.DecodeRuneInString(secret)
	return flagPrefix + string(unicode.ToUpper(first)) + secret[size:]
}

// compileStrategies reads the strategies from the forms that create, update and get give them.
func compileStrategies(spec *Spec) ([]*Strategy, error) {
	create, update, get := spec.Operation("credential", "create"), spec.Operation("credential", "update"), spec.Operation("credential", "get")
	if create == nil || update == nil || get == nil {
		return nil, errors.New("the document needs an operation with x-resource: credential for each of x-action: create, update and get")
	}
	var strategies []*Strategy
	var mistakes []error
	updates, shown := bodyForms(update), payloadForms(get)
	for _, reference := range bodyForms(create) {
		object := fold(reference.Value)
		name, err := strategyName(object)
		if err != nil {
			mistakes = append(mistakes, mistake(reference.Value.Origin, reference.Ref, "%v", err))
			continue
		}
		strategy := &Strategy{Name: name, Create: object, Update: formOf(name, updates), Shown: formOf(name, shown)}
		if strategy.Update == nil || strategy.Shown == nil {
			mistakes = append(mistakes, mistake(reference.Value.Origin, reference.Ref,
				"strategy %s has no form in the body of %s or in the answer of %s; add one to each", name, update.ID, get.ID))
			continue
		}
		strategy.describe(reference.Value)
		strategies = append(strategies, strategy)
	}
	return strategies, errors.Join(mistakes...)
}

// bodyForms returns the schemas, one for each strategy, of which the operation's body has one.
func bodyForms(operation *Operation) openapi3.SchemaRefs {
	if operation.Source.RequestBody == nil {
		return nil
	}
	media := operation.Source.RequestBody.Value.Content.Get(operation.MediaType)
	if media == nil {
		return nil
	}
	return alternatives(media.Schema.Value)
}

// payloadForms returns the schemas, one for each strategy, of which the operation's payload has one.
func payloadForms(operation *Operation) openapi3.SchemaRefs {
	schema := success(operation.Source)
	if schema == nil || schema.Properties["payload"] == nil {
		return nil
	}
	return alternatives(schema.Properties["payload"].Value)
}

func formOf(strategy string, forms openapi3.SchemaRefs) *Object {
	for _, form := range forms {
		object := fold(form.Value)
		if name, err := strategyName(object); err == nil && name == strategy {
			return object
		}
	}
	return nil
}

// strategyName reads the name from the only value that the property with the role strategy may have.
func strategyName(object *Object) (string, error) {
	property := object.Role(RoleStrategy)
	if property == nil {
		return "", errors.New("no property has x-role: strategy")
	}
	if len(property.Schema.Enum) != 1 {
		return "", errors.New(property.Name + " must have an enum with exactly one value, the strategy's name")
	}
	name, isString := property.Schema.Enum[0].(string)
	if !isString || name == "" {
		return "", errors.New("the value in the enum of " + property.Name + " must be a string")
	}
	return name, nil
}

// describe fills in the fields from the strategy's own schema: the part of the create form that also names the strategy.
func (s *Strategy) describe(create *openapi3.Schema) {
	own := ownSchema(s.Name, create)
	s.Basis = basisOf(own.Extensions, Basis{Ruled, Should})
	s.ImpliedBy = text(own.Extensions, extensionImpliedBy)
	s.SignsAssertions = text(own.Extensions, extensionTokenRequest) == tokenRequestAssertion
	for _, property := range fold(own).Properties {
		described := s.Create.Property(property.Name)
		if described.Role != "" || described.ReadOnly {
			continue
		}
		s.Fields = append(s.Fields, described)
		if described.Secret {
			s.Secrets = append(s.Secrets, described)
		}
		if !described.Unlisted {
			s.AvailableFields = append(s.AvailableFields, described.Name)
		}
	}
}

// ownSchema returns the innermost part of a form that says which strategy it is.
func ownSchema(name string, schema *openapi3.Schema) *openapi3.Schema {
	for _, part := range schema.AllOf {
		for _, property := range fold(part.Value).Properties {
			enum := property.Schema.Enum
			if len(enum) == 1 && enum[0] == name {
				return ownSchema(name, part.Value)
			}
		}
	}
	return schema
}

// isFlagName tells whether a name is one that a flag would have.
func isFlagName(name string) bool {
	rest, found := strings.CutPrefix(name, flagPrefix)
	first, _ := utf8.DecodeRuneInString(rest)
	return found && unicode.IsUpper(first)
}
