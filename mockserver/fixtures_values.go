package mockserver

import (
	"errors"
	"math"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/view"
)

// item reads the members of something that the document describes. Where that is no mapping, there are none.
func (f *fixtureFaults) item(at fixturePlace) fixtureItem {
	made := fixtureItem{place: at}
	if at.resolve().Kind != yaml.MappingNode {
		f.add(at, "this must be a mapping")
		return made
	}
	made.values = map[string]any{}
	var values map[string]any
	if err := at.resolve().Decode(&values); err != nil {
		f.broken(err)
	}
	for name, value := range values {
		converted, ok := asJSON(value)
		if !ok {
			f.add(at.find("/"+view.EscapePointer(name)), "the value has no form in JSON")
		}
		made.values[name] = converted
	}
	return made
}

var errNoJSON = errors.New("no form in JSON")

// asJSON turns a value of YAML into what decoding JSON would have given: every number is a float64. The second result is
// false for a value that JSON does not have.
func asJSON(value any) (any, bool) {
	converted, err := convert(value)
	return converted, err == nil
}

func convert(value any) (any, error) {
	switch value := value.(type) {
	case nil, string, bool:
		return value, nil
	case int:
		return float64(value), nil
	case int64:
		return float64(value), nil
	case uint64:
		return float64(value), nil
	case float64:
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			return value, nil
		}
	case []any:
		var err error
		for i := range value {
			var fault error
			value[i], fault = convert(value[i])
			err = errors.Join(err, fault)
		}
		return value, err
	case map[string]any:
		var err error
		for name := range value {
			var fault error
			value[name], fault = convert(value[name])
			err = errors.Join(err, fault)
		}
		return value, err
	}
	return nil, errNoJSON
}

// datesAsText makes strings of what YAML takes for dates: JSON has none, and whoever writes one means its text.
func datesAsText(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!timestamp" {
		node.Tag = "!!str"
	}
	for _, inner := range node.Content {
		datesAsText(inner)
	}
}
