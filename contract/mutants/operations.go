package mutants

import (
	"net/http"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// operationOf returns the operation of a request and its path's parameter. A path without a parameter wins.
func operationOf(r *http.Request) (found *credmock.Operation, id string) {
	for _, operation := range credmock.Default().Operations {
		parameter, matches := pathtemplate.Match(operation.Prefix+operation.Path, r.URL.EscapedPath())
		if operation.Method != r.Method || !matches || found != nil && parameter != "" {
			continue
		}
		found, id = operation, parameter
	}
	return found, id
}

// pathOf returns the path of an operation with an id.
func pathOf(operation *credmock.Operation, id string) string {
	return pathtemplate.Fill(operation.Prefix+operation.Path, id)
}

// nameOf names an operation as the ids of checks do.
func nameOf(operation *credmock.Operation) string {
	switch {
	case operation == nil:
		return ""
	case operation.Resource == "credential":
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// isOnPath tells whether the path of a request is the one of a named operation, and returns its parameter. A path without a parameter
// wins.
func isOnPath(e *exchange, name string) (id string, matches bool) {
	best := ""
	for _, operation := range credmock.Default().Operations {
		parameter, fits := pathtemplate.Match(operation.Prefix+operation.Path, e.request.URL.EscapedPath())
		if fits && (best == "" || parameter == "") {
			best, id = operation.Path, parameter
		}
	}
	for _, operation := range credmock.Default().Operations {
		if nameOf(operation) == name {
			return id, operation.Path == best
		}
	}
	return "", false
}
