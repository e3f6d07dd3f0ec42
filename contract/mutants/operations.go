package mutants

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock"
)

// operationOf returns the operation of a request and its path's parameter. A path without a parameter wins.
func operationOf(r *http.Request) (found *credmock.Operation, id string) {
	for _, operation := range credmock.Default().Operations {
		parameter, matches := match(operation.Prefix+operation.Path, r.URL.EscapedPath())
		if operation.Method != r.Method || !matches || found != nil && parameter != "" {
			continue
		}
		found, id = operation, parameter
	}
	return found, id
}

// match compares a path with a template and returns the value of the template's parameter.
func match(template, path string) (parameter string, matches bool) {
	wanted, given := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return "", false
	}
	for i := range wanted {
		switch {
		case strings.HasPrefix(wanted[i], "{"):
			value, err := url.PathUnescape(given[i])
			if err != nil || value == "" {
				return "", false
			}
			parameter = value
		case wanted[i] != given[i]:
			return "", false
		}
	}
	return parameter, true
}

// pathOf fills the one parameter of an operation's path.
func pathOf(operation *credmock.Operation, id string) string {
	path := operation.Prefix + operation.Path
	if from, to := strings.IndexByte(path, '{'), strings.IndexByte(path, '}'); from >= 0 {
		path = path[:from] + url.PathEscape(id) + path[to+1:]
	}
	return path
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
