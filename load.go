package credmock

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/document"
	"github.com/credmock/credmock/internal/source"
)

// Load reads a document in YAML or JSON and checks it by the house rules. The error names every mistake, one a line.
func Load(data []byte) (spec *Spec, err error) {
	defer func() {
		// A document may come from anybody, and the program may be serving others: a panic becomes an error.
		if recovered := recover(); recovered != nil {
			spec, err = nil, fmt.Errorf("the document makes credmock fail, which is a defect of credmock: %v", recovered)
		}
	}()
	return load(data)
}

func load(data []byte) (*Spec, error) {
	tree, err := source.Read(data)
	if err != nil {
		return nil, fmt.Errorf("the document does not parse: %w", err)
	}
	if _, err := source.JSON(tree); err != nil { // YAML can say more than a document
		return nil, fmt.Errorf("the document does not parse: %w", err)
	}
	return loadTree(tree)
}

// loadTree loads a document that is YAML and could be JSON.
func loadTree(tree *yaml.Node) (*Spec, error) {
	doc, err := document.Read(tree)
	if err != nil {
		return nil, err
	}
	if err := checkCircles(doc); err != nil {
		return nil, err
	}
	examples, err := validate(doc)
	if err != nil {
		return nil, invalid(tree, err)
	}
	spec, err := compileChecked(doc)
	if err == nil && examples != nil {
		// Last, for an example may fail only because a house rule is broken, and the rule says it better.
		err = invalid(tree, examples)
	}
	if err != nil {
		return nil, err
	}
	return spec, nil
}

// compileKnown compiles a document that is known to be valid OpenAPI: to validate the embedded one takes a third of the time of a load,
// and a test does it.
func compileKnown(data []byte) (*Spec, error) {
	tree, err := source.Read(data)
	if err != nil {
		return nil, err
	}
	doc, err := document.Read(tree)
	if err != nil {
		return nil, err
	}
	return compileChecked(doc)
}

// compileChecked compiles a document if its vocabulary is right.
func compileChecked(doc *openapi3.T) (*Spec, error) {
	if mistakes := checkVocabulary(doc); len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return compile(doc)
}

// validate returns the first mistake in the examples, and the first other one.
func validate(doc *openapi3.T) (examples, other error) {
	err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation())
	var unfit *openapi3.SchemaValueError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &unfit):
		return err, doc.Validate(context.Background(), openapi3.DisableExamplesValidation())
	}
	return nil, err
}

// invalid tells a mistake that kin-openapi found, without the schema and value dumps that it puts below its first line.
func invalid(tree *yaml.Node, err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return &source.Mistake{Line: source.Near(tree, first), Message: "the document is not valid OpenAPI: " + first}
}
