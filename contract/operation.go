package contract

import (
	"slices"

	"github.com/credmock/credmock"
)

// nameOf names an operation in an id: by its action, with the resource before it for the neighbours of credentials.
func nameOf(operation *credmock.Operation) string {
	if operation.Resource == "credential" {
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// enveloped returns the operations whose successes come in the envelope.
func enveloped(spec *credmock.Spec) []*credmock.Operation {
	return slices.DeleteFunc(slices.Clone(spec.Operations), func(o *credmock.Operation) bool { return o.Resource == "token" })
}

// needsOf returns what a target must have so that the operation can be called.
func needsOf(operation *credmock.Operation) []capability {
	switch operation.Resource {
	case "destination":
		return []capability{capabilityDestinations}
	case "environment":
		return []capability{capabilityEnvironments}
	}
	return nil
}

// actions are those of the credential operations, in the order of a credential's life.
var actions = []string{"create", "get", "list", "update", "delete"}
