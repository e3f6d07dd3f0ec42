package spec

import (
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// schema returns the flat form of a schema: a reference to a component, or the schema itself.
func (f *flattener) schema(node *yaml.Node, mode mode) *yaml.Node {
	if f.enter(); f.err != nil {
		return mapping()
	}
	defer f.leave()
	node = plain(node)
	reference := word(node, "$ref")
	name, isComponent := strings.CutPrefix(reference, componentPrefix)
	switch {
	case reference != "" && f.siblings && len(node.Content) > 2, reference == "":
		return f.fold(node, mode, "")
	case isComponent && !strings.Contains(name, "/"):
		return f.reference(key{name, mode})
	}
	return f.schema(f.resolve(reference), mode)
}

// fold returns a schema without allOf. base begins the names of the components that a union without names needs.
func (f *flattener) fold(node *yaml.Node, mode mode, base string) *yaml.Node {
	o := f.gather(node)
	switch {
	case mode == changed && len(o.unions) == 1:
		return f.merge(o)
	case len(o.unions) > 1 || len(o.unions) == 1 && len(o.names) > 0:
		return f.distribute(node, o, mode, base)
	}
	made := mapping()
	for _, part := range o.parts {
		members(part, func(name string, value *yaml.Node) {
			if folded := f.keyword(name, value, mode); folded != nil {
				set(made, name, folded)
			}
		})
	}
	if refusal := f.says([]*yaml.Node{node}, "x-unknown-members"); refusal != nil && refusal.Value == refused && mode != shown {
		set(made, "additionalProperties", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"})
	}
	f.addProperties(made, o, mode)
	if len(o.unions) == 1 {
		f.addUnion(made, o.unions[0], mode, base)
	}
	return made
}

// keyword returns the flat form of one keyword of a schema, or nil for one that goes or is made elsewhere.
func (f *flattener) keyword(name string, value *yaml.Node, mode mode) *yaml.Node {
	switch name {
	case "properties", "required", "oneOf", "anyOf", "discriminator", "readOnly", "writeOnly", "$defs":
		return nil
	case "items", "not", "additionalProperties":
		if value.Kind == yaml.MappingNode {
			return f.schema(value, inner(mode))
		}
	}
	if strings.HasPrefix(name, "x-") {
		return nil
	}
	return cleaned(value, name)
}

// inner is the mode of what an object holds.
func inner(mode mode) mode {
	if mode == changed {
		return sent
	}
	return mode
}

func (f *flattener) addProperties(made *yaml.Node, o *object, mode mode) {
	properties, required := mapping(), []string(nil)
	for _, name := range o.names {
		if !f.isTrue(o.defined[name], mode.drops()) {
			set(properties, name, f.together(o.defined[name], mode))
		}
	}
	isDropped := func(name string) bool { return o.defined[name] != nil && get(properties, name) == nil }
	required = slices.DeleteFunc(slices.Clone(o.required), isDropped)
	if strategy := f.strategyProperty(o); strategy != "" && mode != changed && !slices.Contains(required, strategy) {
		required = append([]string{strategy}, required...)
	}
	if len(o.names) > 0 {
		if get(made, "type") == nil {
			set(made, "type", text("object"))
		}
	}
	if names := texts(required); names != nil {
		set(made, "required", names)
	}
	if len(properties.Content) > 0 {
		set(made, "properties", properties)
	}
}

// together returns the flat form of schemas that all hold of one value.
func (f *flattener) together(schemas []*yaml.Node, mode mode) *yaml.Node {
	if len(schemas) == 1 {
		return f.schema(schemas[0], inner(mode))
	}
	return f.schema(mapping("allOf", list(schemas...)), inner(mode))
}

// distribute returns a union whose alternatives have all that stands beside the union.
func (f *flattener) distribute(node *yaml.Node, o *object, mode mode, base string) *yaml.Node {
	var beside []*yaml.Node
	for _, part := range o.parts {
		beside = append(beside, without(part, "oneOf", "anyOf", "discriminator"))
	}
	for _, further := range o.unions[1:] {
		beside = append(beside, mapping(further.keyword, list(further.alternatives...)))
	}
	spread := union{keyword: o.unions[0].keyword}
	for _, alternative := range o.unions[0].alternatives {
		spread.alternatives = append(spread.alternatives, mapping("allOf", list(append(slices.Clone(beside), alternative)...)))
	}
	made := mapping("description", get(node, "description"))
	f.addUnion(made, spread, mode, base)
	return made
}

// addUnion adds the alternatives, with a discriminator if each is the form of a strategy.
func (f *flattener) addUnion(made *yaml.Node, all union, mode mode, base string) {
	property, strategies := "", []string(nil)
	for _, alternative := range all.alternatives {
		name, strategy := f.strategyOf(f.gather(alternative))
		if strategy != "" && !slices.Contains(strategies, strategy) {
			property, strategies = name, append(strategies, strategy)
		}
	}
	forms, mapped := list(), mapping()
	isDiscriminated := len(strategies) == len(all.alternatives)
	for i, alternative := range all.alternatives {
		form := f.schema(alternative, mode)
		if isDiscriminated {
			if get(form, "$ref") == nil {
				form = f.lift(key{base + inCapitals(strategies[i]), mode}, form)
			}
			set(mapped, strategies[i], get(form, "$ref"))
		}
		forms.Content = append(forms.Content, form)
	}
	if !isDiscriminated {
		set(made, all.keyword, forms)
		return
	}
	set(made, "oneOf", forms)
	set(made, "discriminator", mapping("propertyName", property, "mapping", mapped))
}

// inCapitals returns the letters and digits of a name, with a capital at the start of each word.
func inCapitals(name string) string {
	var capitals strings.Builder
	start := true
	for _, letter := range name {
		if !unicode.IsLetter(letter) && !unicode.IsDigit(letter) {
			start = true
			continue
		}
		if start {
			letter = unicode.ToUpper(letter)
		}
		capitals.WriteRune(letter)
		start = false
	}
	return capitals.String()
}
