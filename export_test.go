package credmock

import (
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/document"
)

// LoadTree loads a document from its tree, so that a test can load many that differ little.
var LoadTree = loadTree

// LoadQuickly is LoadTree without the validation of kin-openapi, which takes longest. It loads some documents more.
func LoadQuickly(tree *yaml.Node) (*Spec, error) {
	doc, err := document.Read(tree)
	if err != nil {
		return nil, err
	}
	if err := checkCircles(doc); err != nil {
		return nil, err
	}
	return compileChecked(doc)
}
