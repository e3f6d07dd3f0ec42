package credmock

import (
	"cmp"
	"errors"
	"fmt"
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

// strategies reads the strategies from the forms that create, update and get give them.
func (c *compiler) strategies(spec *Spec) ([]*Strategy, error) {
	create, update, get := spec.Operation("credential", "create"), spec.Operation("credential", "update"), spec.Operation("credential", "get")
	if create == nil || update == nil || get == nil {
		return nil, errors.New("the document needs an operation with x-resource: credential for each of x-action: create, update and get")
	}
	var strategies []*Strategy
	var mistakes []error
	updates, shown := c.byStrategy(update.bodies, readOnly), c.byStrategy(get.payloads, writeOnly)
	for _, form := range create.bodies {
		object := c.fold(form.schema).without(readOnly)
		name, err := strategyName(object)
		if err != nil {
			mistakes = append(mistakes, mistake(form.schema.Origin, form.ref, "%v", err))
			continue
		}
		strategy := &Strategy{Name: name, Create: object, Update: updates[name], Shown: shown[name]}
		if reason := strategy.incomplete(update, get); reason != "" {
			mistakes = append(mistakes, mistake(form.schema.Origin, form.ref, "%s", reason))
			continue
		}
		c.describe(strategy, form.schema, spec.Operation("credential", "list"))
		if reason := strategy.unusableRequest(); reason != "" {
			mistakes = append(mistakes, mistake(form.schema.Origin, form.ref, "%s", reason))
		}
		strategies = append(strategies, strategy)
	}
	return strategies, errors.Join(mistakes...)
}

// byStrategy returns the objects of the forms that name a strategy. What is optional is not required.
func (c *compiler) byStrategy(forms []form, optional func(*Property) bool) map[string]*Object {
	objects := map[string]*Object{}
	for _, form := range forms {
		object := c.fold(form.schema)
		if name, err := strategyName(object); err == nil {
			objects[name] = object.without(optional)
		}
	}
	return objects
}

// incomplete returns the reason why a strategy cannot be used, or "".
func (s *Strategy) incomplete(update, get *Operation) string {
	const form = "strategy %s has no form in %s of %s; add one whose property with x-role: strategy has %q as its only value"
	switch {
	case s.Update == nil:
		return fmt.Sprintf(form, s.Name, "the body", update.ID, s.Name)
	case s.Shown == nil && unanswerable(get) != "":
		return get.ID + ": " + unanswerable(get)
	case s.Shown == nil:
		return fmt.Sprintf(form, s.Name, "the payload", get.ID, s.Name)
	}
	return ""
}

// namesStrategy reports whether a form is that of a strategy.
func (c *compiler) namesStrategy(schema *openapi3.Schema) bool {
	_, err := strategyName(c.fold(schema))
	return err == nil
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

// describe fills in the fields: all that create takes, without what every credential has, which is what a list shows.
func (c *compiler) describe(strategy *Strategy, create *openapi3.Schema, list *Operation) {
	strategy.Basis = Basis{Ruled, Should}
	for _, part := range c.pathToName(strategy.Name, create) {
		strategy.Basis = basisOf(part.Extensions, strategy.Basis)
		strategy.ImpliedBy = cmp.Or(text(part.Extensions, extensionImpliedBy), strategy.ImpliedBy)
		strategy.Request = cmp.Or(text(part.Extensions, extensionTokenRequest), strategy.Request)
	}
	for _, property := range strategy.Create.Properties {
		if property.Role != "" || property.ReadOnly || list != nil && list.Item != nil && list.Item.Property(property.Name) != nil {
			continue
		}
		strategy.Fields = append(strategy.Fields, property)
		if property.Secret {
			strategy.Secrets = append(strategy.Secrets, property)
		}
		if !property.Unlisted {
			strategy.AvailableFields = append(strategy.AvailableFields, property.Name)
		}
	}
}

// pathToName returns a form and its parts down to the one that says which strategy it is.
func (c *compiler) pathToName(name string, schema *openapi3.Schema) []*openapi3.Schema {
	path := []*openapi3.Schema{schema}
	for _, part := range schema.AllOf {
		for _, property := range c.fold(part.Value).Properties {
			if enum := property.Schema.Enum; len(enum) == 1 && enum[0] == name {
				return append(path, c.pathToName(name, part.Value)...)
			}
		}
	}
	return path
}

// isFlagName tells whether a name is one that a flag would have.
func isFlagName(name string) bool {
	rest, found := strings.CutPrefix(name, flagPrefix)
	first, _ := utf8.DecodeRuneInString(rest)
	return found && unicode.IsUpper(first)
}
