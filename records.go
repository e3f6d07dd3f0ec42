package credmock

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/pathtemplate"
)

// checkRecord checks the forms in which a resource is created against those in which its records are shown.
func checkRecord(spec *Spec, create *Operation) []error {
	if create.Action != "create" || create.Resource == "token" {
		return nil
	}
	var mistakes []error
	bodies := bodiesOf(spec, create)
	for _, name := range sortedKeys(bodies) {
		mistakes = append(mistakes, checkEnvironment(create, name, bodies[name])...)
	}
	for _, operation := range spec.Operations {
		if operation.Resource != create.Resource || operation.Item == nil {
			continue
		}
		for _, name := range sortedKeys(bodies) {
			mistakes = append(mistakes, checkShown(name, bodies[name], operation.Item)...)
		}
	}
	return mistakes
}

// bodiesOf returns the bodies of a create by strategy, or by the resource if it has no strategies.
func bodiesOf(spec *Spec, create *Operation) map[string]*Object {
	if create.Body != nil {
		return map[string]*Object{create.Resource: create.Body}
	}
	bodies := map[string]*Object{}
	for _, strategy := range spec.Strategies {
		bodies[strategy.Name] = strategy.Create
	}
	return bodies
}

// checkEnvironment finds a body that leaves open in which environment the record is.
func checkEnvironment(create *Operation, name string, body *Object) []error {
	property := body.Role(RoleEnvironment)
	switch {
	case pathtemplate.Parameter(create.Path) != "":
		return nil
	case property == nil:
		return []error{mistake(create.Source.Origin, name,
			"the environment is neither in the path of create nor, with x-role: environment, in its body")}
	}
	if _, required := body.Requires(property.Name); !required {
		return []error{mistake(create.Source.Origin, name+"/"+property.Name,
			"create may leave out the environment, so that the record has none; require it")}
	}
	return nil
}

// checkShown finds what every answer must show and what a record may lack, so that an answer to a request that the document allows
// would break the document.
func checkShown(name string, create, shown *Object) []error {
	var mistakes []error
	for _, requirement := range shown.Required {
		property := shown.Property(requirement.Name)
		if property == nil {
			continue // another rule says it better
		}
		_, sent := create.Requires(property.Name)
		if sent && create.Property(property.Name) != nil || property.FlagOf != "" || setByServer[property.Role] {
			continue
		}
		mistakes = append(mistakes, mistake(property.Schema.Origin, name+"/"+property.Name,
			"every answer must show it, and a create may leave it out; require it on create, or not in the answer, or say with x-role that "+
				"the server sets it"))
	}
	return mistakes
}

// setByServer are the roles of the properties that the server sets where a body does not.
var setByServer = map[Role]bool{RoleID: true, RoleOrganization: true, RoleEnvironment: true, RoleStrategy: true, RoleCreationTime: true,
	RoleUpdateTime: true}

// typical are values that the mock makes for properties of a role.
var typical = map[Role]string{RoleID: "0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", RoleCreationTime: "2026-01-15T09:30:00.000Z",
	RoleUpdateTime: "2026-01-15T09:30:00.000Z"}

// checkMade finds the properties of an answer for which the mock can make no value that the document allows.
func checkMade(spec *Spec, name string, shown *Object) []error {
	var mistakes []error
	for _, property := range shown.Properties {
		if example := typical[property.Role]; example != "" && property.Schema.VisitJSON(example) != nil {
			mistakes = append(mistakes, mistake(property.Schema.Origin, name+"/"+property.Name,
				"the mock sets it to a text such as %s, which is not allowed here", example))
		}
		for _, member := range unknownMembers(spec, property) {
			mistakes = append(mistakes, mistake(property.Schema.Origin, name+"/"+property.Name,
				"the mock sets it, and cannot know its member %s: %s; do not require it", member, knownMembers[property.Role]))
		}
	}
	return mistakes
}

var knownMembers = map[Role]string{
	RoleOrganization: "an organization has one member here, its number",
	RoleEnvironment:  "no answer shows each environment with such a member of that type",
}

// unknownMembers returns the members that a reference to an organization or an environment requires, and that these do not have.
func unknownMembers(spec *Spec, property *Property) []string {
	required := property.Schema.Required
	if !isReference(property.Schema) {
		return nil
	}
	switch property.Role { //nolint:exhaustive // the mock sets no other object
	case RoleOrganization:
		if len(required) > 1 {
			return required[1:]
		}
	case RoleEnvironment:
		list := spec.Operation("environment", "list")
		if list == nil || list.Item == nil {
			return nil // the fixtures alone say what an environment has
		}
		return slices.DeleteFunc(slices.Clone(required), func(name string) bool {
			known := list.Item.Property(name)
			_, always := list.Item.Requires(name)
			return known != nil && always && agree(known.Schema, property.Schema.Properties[name])
		})
	}
	return nil
}

// isReference reports whether a schema is that of an object with several members.
func isReference(schema *openapi3.Schema) bool {
	names := map[string]bool{}
	for name := range schema.Properties {
		names[name] = true
	}
	for _, name := range schema.Required {
		names[name] = true
	}
	return (schema.Type.Is("object") || schema.Type == nil) && len(names) > 1
}

// agree reports whether two schemas have a type in common. The second may be nil, which allows any.
func agree(one *openapi3.Schema, other *openapi3.SchemaRef) bool {
	if other == nil {
		return true
	}
	first, second := schemaTypes(one), schemaTypes(other.Value)
	return len(first) == 0 || len(second) == 0 || slices.ContainsFunc(first, func(name string) bool {
		return slices.Contains(second, name) || name == "integer" && slices.Contains(second, "number")
	})
}
