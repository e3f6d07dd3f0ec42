// Package credmock holds the contract of the auth-credential API as one OpenAPI document, and answers questions about it:
// which operations it has, which strategies, and which of their fields are secret.
//
// The document is the domain model. The mock (package mockserver) interprets it and the conformance suite
// (package contract) plans its checks from it, each on its own; neither knows a field, a strategy or a route by name.
package credmock

import (
	_ "embed"
	"sync"
)

// ToolVersion is the version of credmock itself, as `credmock version` and the reports say it.
const ToolVersion = "0.1.0"

//go:embed openapi.yaml
var embedded []byte

// Document returns a copy of the embedded document, as YAML.
func Document() []byte { return append([]byte(nil), embedded...) }

// Default returns the embedded document, loaded once. It is read-only and safe for concurrent use.
func Default() *Spec { return loadDefault() }

var loadDefault = sync.OnceValue(func() *Spec {
	spec, err := compileKnown(embedded)
	if err != nil {
		panic("credmock: the embedded document does not load: " + err.Error())
	}
	return spec
})
