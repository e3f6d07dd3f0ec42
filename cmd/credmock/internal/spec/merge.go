package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// merge returns one object with the properties of all alternatives of an update's body. A generated client can then name the
// fields that change without saying of which strategy the credential is.
func (f *flattener) merge(o *object) *yaml.Node {
	merged, needs := mapping(), []string(nil)
	var required []string
	isStrict := true
	for i, alternative := range f.besides(o) {
		form := f.gather(alternative)
		flat := f.fold(alternative, changed, "")
		_, strategy := f.strategyOf(form)
		isStrict = isStrict && get(flat, "additionalProperties") != nil && word(flat, "additionalProperties") == "false"
		own := words(get(flat, "required"))
		if i == 0 {
			required = own
		}
		required = slices.DeleteFunc(slices.Clone(required), func(name string) bool { return !slices.Contains(own, name) })
		if len(own) > 0 {
			needs = append(needs, strategy+" needs "+strings.Join(own, " and ")+".")
		}
		members(get(flat, "properties"), func(name string, schema *yaml.Node) {
			if earlier := get(merged, name); earlier != nil {
				schema = joined(earlier, schema, strategy)
			}
			set(merged, name, schema)
		})
	}
	description := word(last(o.parts), "description")
	if len(required) == 0 {
		description = strings.TrimSpace(description + " " + strings.Join(needs, " "))
	}
	made := mapping("type", "object")
	if description != "" {
		set(made, "description", text(description))
	}
	if isStrict {
		set(made, "additionalProperties", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"})
	}
	if names := texts(required); names != nil {
		set(made, "required", names)
	}
	set(made, "properties", merged)
	return made
}

// besides returns the alternatives of an object's union, each with what stands beside the union.
func (f *flattener) besides(o *object) []*yaml.Node {
	var beside []*yaml.Node
	for _, part := range o.parts {
		if rest := without(part, "oneOf", "anyOf", "discriminator", "description", "title"); len(rest.Content) > 0 {
			beside = append(beside, rest)
		}
	}
	var alternatives []*yaml.Node
	for _, alternative := range o.unions[0].alternatives {
		if len(beside) > 0 {
			alternative = mapping("allOf", list(append(slices.Clone(beside), alternative)...))
		}
		alternatives = append(alternatives, alternative)
	}
	return alternatives
}

func last(nodes []*yaml.Node) *yaml.Node {
	if len(nodes) == 0 {
		return nil
	}
	return nodes[len(nodes)-1]
}

// annotations are the keywords that do not say which values are valid.
var annotations = []string{"description", "title", "example", "examples", "default", "deprecated", "nullable", "enum", "const"}

// joined returns a schema that is valid for what either of two schemas of one property is valid for. The second is of a strategy.
func joined(first, second *yaml.Node, strategy string) *yaml.Node {
	isAlike := written(without(first, annotations...)) == written(without(second, annotations...))
	if !isAlike {
		alternatives := items(get(first, "anyOf"))
		if alternatives == nil {
			alternatives = []*yaml.Node{first}
		}
		isSecond := func(one *yaml.Node) bool { return written(one) == written(second) }
		if slices.ContainsFunc(alternatives, isSecond) {
			return first
		}
		return mapping("anyOf", list(append(slices.Clone(alternatives), second)...))
	}
	made := copied(first)
	if nullable := get(second, "nullable"); nullable != nil && nullable.Value == "true" {
		set(made, "nullable", copied(nullable))
	}
	if here, there := word(first, "description"), word(second, "description"); !strings.Contains(here, there) {
		set(made, "description", text(here+" For "+strategy+": "+there))
	}
	return withValues(made, valuesOf(first), valuesOf(second))
}

func valuesOf(schema *yaml.Node) []*yaml.Node {
	if only := get(schema, "const"); only != nil {
		return []*yaml.Node{only}
	}
	return items(get(schema, "enum"))
}

// withValues gives a schema the values of two others; a schema without an enum has all.
func withValues(made *yaml.Node, first, second []*yaml.Node) *yaml.Node {
	if made = without(made, "enum", "const"); len(first) == 0 || len(second) == 0 {
		return made
	}
	values := list(first...)
	for _, value := range second {
		isValue := func(one *yaml.Node) bool { return written(one) == written(value) }
		if !slices.ContainsFunc(values.Content, isValue) {
			values.Content = append(values.Content, value)
		}
	}
	values.Style = yaml.FlowStyle
	set(made, "enum", values)
	return made
}

// written returns a text that equal nodes have in common.
func written(node *yaml.Node) string {
	encoded, err := yaml.Marshal(copied(node))
	if err != nil {
		return ""
	}
	return string(encoded)
}
