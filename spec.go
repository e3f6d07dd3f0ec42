package credmock

import (
	"github.com/getkin/kin-openapi/openapi3"
)

// Spec is a loaded document. It is immutable.
type Spec struct {
	// Version is what `meta.version` of every answer says: the document's info.version.
	Version string
	// Operations stand in the order of the document.
	Operations []*Operation
	// Strategies stand in the order in which create names them.
	Strategies []*Strategy
	// OpenAPI is the document in the terms of OpenAPI 3.0, for programs that need more than this package answers.
	OpenAPI *openapi3.T
}

// Evidence tells how sure a statement of the contract is.
type Evidence string

// The kinds of evidence, as the document's x-evidence spells them.
const (
	Documented Evidence = "documented" // the vendor says so
	Inferred   Evidence = "inferred"   // no other reading of the vendor's pages makes sense
	Ruled      Evidence = "ruled"      // nothing is documented; this project decided
)

// Level tells how a broken statement counts in the verdict.
type Level string

// The levels of RFC 2119 that the suite uses.
const (
	Must   Level = "must"
	Should Level = "should"
)

// Basis is the evidence and the level of a statement of the document.
type Basis struct {
	Evidence Evidence
	Level    Level
}

// Role is the purpose of a property, as the document's x-role spells it.
type Role string

// The roles that a property can have.
const (
	RoleID           Role = "id"
	RoleName         Role = "name"
	RoleOrganization Role = "organization"
	RoleEnvironment  Role = "environment"
	RoleCredential   Role = "credential"
	RoleStrategy     Role = "strategy"
	RoleCreationTime Role = "creation-time"
	RoleUpdateTime   Role = "update-time"
)

// Operation is one method of one path.
type Operation struct {
	ID       string
	Method   string // upper case
	Path     string // the escaped template below Prefix, such as "/v1/authcredentials/{id}"
	Prefix   string // the escaped path of the operation's server, such as "/platform"; empty at the host's root
	Resource string // x-resource: credential, destination, environment or token
	Action   string // x-action: strategies, list, get, create, update, delete or verify
	Summary  string
	Public   bool // no bearer token is asked for
	Basis
	// Body is the request body of an operation that takes one form of it; nil where it takes none or one
	// for each strategy (see Strategy).
	Body *Object
	// BodyRequired tells whether a request without a body is refused.
	BodyRequired bool
	// MediaType is the one that the body must have; empty where the operation takes no body.
	MediaType string
	// Member is the one member of payload that holds the answer, such as "credentials"; empty where the
	// payload is the answer itself.
	Member string
	// Item is what Member holds (an item of it, where it is an array); nil for one form for each strategy.
	Item *Object
	// Status is the one with which the operation succeeds, such as 201 for a create if the document describes it.
	Status int
	// Servers are the URLs of the operation's servers, variables replaced by their defaults. Prefix is the path of the first.
	Servers []string
	// Source is the operation as the document has it, in the terms of OpenAPI 3.0.
	Source *openapi3.Operation

	bodies, payloads []form
	answers          map[string]*openapi3.Schema // of the answers in JSON, by status
}

// Strategy is one way to authenticate: its fields, and their forms in the bodies and in the answer.
type Strategy struct {
	Name string // exact
	Basis
	// ImpliedBy is the property whose presence in a body that names no strategy means this one; may be empty.
	ImpliedBy string
	// Request is the kind of requests that a credential describes: oauth, assertion, exchange or signature; empty if it describes none.
	Request string
	// Fields are the strategy's own, in document order, without flags and without what every credential has.
	Fields []*Property
	// Secrets are those Fields that are never shown.
	Secrets []*Property
	// AvailableFields are the names that the list of strategies gives, in document order.
	AvailableFields []string
	// Create and Update are the bodies that may be sent, Shown is the credential in an answer.
	Create, Update, Shown *Object
}

// Object is an object schema with its allOf parts folded into one.
type Object struct {
	// Properties stand in document order, part by part.
	Properties []*Property
	// Required stand in the order in which the document lists them.
	Required []Requirement
	// UnknownMembersRefused tells that a body with a further member is refused.
	UnknownMembersRefused bool
	// Schema is the folded schema, for validation.
	Schema *openapi3.Schema

	byName     map[string]*Property
	closed     []*openapi3.Schema // the parts with additionalProperties: false
	requiredBy map[string]*openapi3.Origin
}

// Property returns the property of that name, or nil.
func (o *Object) Property(name string) *Property { return o.byName[name] }

// Role returns the property that has the role, or nil.
func (o *Object) Role(role Role) *Property {
	for _, property := range o.Properties {
		if property.Role == role {
			return property
		}
	}
	return nil
}

// Requires returns the requirement of the property of that name, if there is one.
func (o *Object) Requires(name string) (Requirement, bool) {
	for _, requirement := range o.Required {
		if requirement.Name == name {
			return requirement, true
		}
	}
	return Requirement{}, false
}

// Requirement says that a property must be there, and on what that stands.
type Requirement struct {
	Name string
	Basis
}

// Property is one property of an object.
type Property struct {
	Name string
	Role Role // may be empty
	Basis
	// RequestRole is the purpose of the field in a request that a credential describes; may be empty.
	RequestRole string
	Secret      bool   // writeOnly: taken and kept, never shown
	Flag        string // of a secret of a strategy: the boolean that is shown in its place
	FlagOf      string // of a flag: the secret that it stands for
	ReadOnly    bool   // the server owns it
	Immutable   bool   // fixed at creation
	Unlisted    bool   // not one of availableFields
	Nullable    bool   // null clears it
	Schema      *openapi3.Schema
}

// Types returns the JSON types that the property may have, without null.
func (p *Property) Types() []string { return schemaTypes(p.Schema) }

// Operation returns the operation that does action to resource, or nil.
func (s *Spec) Operation(resource, action string) *Operation {
	for _, operation := range s.Operations {
		if operation.Resource == resource && operation.Action == action {
			return operation
		}
	}
	return nil
}

// BasePath returns the path at which the API begins, such as "/platform", or "" for the host's root. It is the prefix of the
// operation that gets a credential.
func (s *Spec) BasePath() string { return s.Operation("credential", "get").Prefix }

// Strategy returns the strategy of that exact name, or nil.
func (s *Spec) Strategy(name string) *Strategy {
	for _, strategy := range s.Strategies {
		if strategy.Name == name {
			return strategy
		}
	}
	return nil
}

// ImpliedStrategy returns the strategy of a body that names none, or nil.
func (s *Spec) ImpliedStrategy(body map[string]any) *Strategy {
	for _, strategy := range s.Strategies {
		if strategy.ImpliedBy == "" {
			continue
		}
		if _, there := body[strategy.ImpliedBy]; there {
			return strategy
		}
	}
	return nil
}

// Secrets returns the names of all secrets of the document, each once.
func (s *Spec) Secrets() []string {
	var names []string
	seen := map[string]bool{}
	add := func(properties []*Property) {
		for _, property := range properties {
			if property.Secret && !seen[property.Name] {
				seen[property.Name] = true
				names = append(names, property.Name)
			}
		}
	}
	for _, strategy := range s.Strategies {
		add(strategy.Secrets)
	}
	for _, operation := range s.Operations {
		if operation.Body != nil {
			add(operation.Body.Properties)
		}
	}
	return names
}
