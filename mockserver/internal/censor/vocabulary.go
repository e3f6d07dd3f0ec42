package censor

import (
	"github.com/credmock/credmock"
)

// Vocabulary holds every name that the document gives to a member of a body or an answer. Any other name comes from a
// client and may be a secret that was pasted in the wrong place.
type Vocabulary map[string]word

// word is the use of one name.
type word struct {
	secret bool // secret in some object of the document
	types  jsonTypes
}

// jsonTypes is a set of JSON types, a bit each.
type jsonTypes uint8

const (
	jsonString jsonTypes = 1 << iota
	jsonNumber
	jsonBoolean
	jsonArray
	jsonObject
)

var typeNames = map[string]jsonTypes{
	"string": jsonString, "number": jsonNumber, "integer": jsonNumber, "boolean": jsonBoolean, "array": jsonArray, "object": jsonObject,
}

// NewVocabulary returns the names of a document.
func NewVocabulary(spec *credmock.Spec) Vocabulary {
	made := Vocabulary{}
	for _, strategy := range spec.Strategies {
		made.add(strategy.Create)
		made.add(strategy.Update)
		made.add(strategy.Shown)
	}
	for _, operation := range spec.Operations {
		made.add(operation.Body)
		made.add(operation.Item)
	}
	return made
}

// add adds the names of an object's properties.
func (v Vocabulary) add(object *credmock.Object) {
	if object == nil {
		return
	}
	for _, property := range object.Properties {
		known := v[property.Name]
		for _, name := range property.Types() {
			known.types |= typeNames[name]
		}
		known.secret = known.secret || property.Secret
		v[property.Name] = known
	}
}
