package probe

import (
	"slices"

	"github.com/credmock/credmock"
)

// NameOf names an operation in an id: by its action, with the resource before it for the neighbours of credentials.
func NameOf(operation *credmock.Operation) string {
	if operation.Resource == "credential" {
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// Enveloped returns the operations whose successes come in the envelope.
func Enveloped(spec *credmock.Spec) []*credmock.Operation {
	return slices.DeleteFunc(slices.Clone(spec.Operations), func(o *credmock.Operation) bool { return o.Resource == "token" })
}

// NeedsOf returns what a target must have so that the operation can be called.
func NeedsOf(operation *credmock.Operation) []Capability {
	switch operation.Resource {
	case "destination":
		return []Capability{CapabilityDestinations}
	case "environment":
		return []Capability{CapabilityEnvironments}
	}
	return nil
}

// Actions are those of the credential operations, in the order of a credential's life.
var Actions = []string{"create", "get", "list", "update", "delete"}
