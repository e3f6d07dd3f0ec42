package probe

import (
	"slices"

	"github.com/credmock/credmock"
)

// NameOf returns the name of an operation in an id: its action, with the resource before it unless that is the credential.
func NameOf(operation *credmock.Operation) string {
	if operation.Resource == "credential" {
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// Enveloped returns the operations with enveloped answers.
func Enveloped(spec *credmock.Spec) []*credmock.Operation {
	return slices.DeleteFunc(slices.Clone(spec.Operations), func(o *credmock.Operation) bool { return o.Resource == "token" })
}

// NeedsOf returns the capabilities without which the operation cannot be called.
func NeedsOf(operation *credmock.Operation) []Capability {
	switch operation.Resource {
	case "destination":
		return []Capability{CapabilityDestinations}
	case "environment":
		return []Capability{CapabilityEnvironments}
	}
	return nil
}

// Actions are the actions on credentials, in the order of a credential's life.
var Actions = []string{"create", "get", "list", "update", "delete"}
