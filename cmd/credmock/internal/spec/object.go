package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mode is the direction in which a value of a schema travels.
type mode int

const (
	shown   mode = iota // in an answer: without secrets
	sent                // in a body: without what the server owns
	changed             // in the body of an update: as sent, and the strategy is known without its name
)

// drops is the keyword of the properties that a mode leaves out.
func (m mode) drops() string {
	if m == shown {
		return "writeOnly"
	}
	return "readOnly"
}

const (
	roleOfStrategy = "strategy"
	refused        = "refused"
)

// object is a schema with its allOf parts gathered.
type object struct {
	parts    []*yaml.Node // without allOf and references; the schema's own keywords come last
	names    []string     // of the properties, in order
	defined  map[string][]*yaml.Node
	required []string
	unions   []union
}

// union is a oneOf or an anyOf.
type union struct {
	keyword      string
	alternatives []*yaml.Node
}

func (f *flattener) gather(node *yaml.Node) *object {
	o := &object{parts: f.partsOf(node), defined: map[string][]*yaml.Node{}}
	for _, part := range o.parts {
		members(get(part, "properties"), func(name string, schema *yaml.Node) {
			if o.defined[name] == nil {
				o.names = append(o.names, name)
			}
			o.defined[name] = append(o.defined[name], schema)
		})
		for _, name := range words(get(part, "required")) {
			if !slices.Contains(o.required, name) {
				o.required = append(o.required, name)
			}
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			if alternatives := items(get(part, keyword)); len(alternatives) > 0 {
				o.unions = append(o.unions, union{keyword, alternatives})
			}
		}
	}
	return o
}

// partsOf returns the schemas that all hold of a value, those of allOf before the schema's own keywords.
func (f *flattener) partsOf(node *yaml.Node) []*yaml.Node {
	if f.enter(); f.err != nil {
		return nil
	}
	defer f.leave()
	node = plain(node)
	if reference := word(node, "$ref"); reference != "" {
		parts := f.partsOf(f.resolve(reference))
		if f.siblings && len(node.Content) > 2 {
			parts = append(parts, without(node, "$ref"))
		}
		return parts
	}
	var parts []*yaml.Node
	for _, part := range items(get(node, "allOf")) {
		parts = append(parts, f.partsOf(part)...)
	}
	if own := without(node, "allOf"); len(own.Content) > 0 {
		parts = append(parts, own)
	}
	return parts
}

func without(node *yaml.Node, names ...string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return &yaml.Node{Kind: yaml.MappingNode}
	}
	rest := &yaml.Node{Kind: node.Kind, Style: node.Style}
	members(node, func(name string, value *yaml.Node) {
		if !slices.Contains(names, name) {
			rest.Content = append(rest.Content, text(name), value)
		}
	})
	return rest
}

// says returns the last value of a keyword in the parts of schemas that all hold, or nil.
func (f *flattener) says(schemas []*yaml.Node, keyword string) *yaml.Node {
	var last *yaml.Node
	for _, schema := range schemas {
		for _, part := range f.partsOf(schema) {
			if value := get(part, keyword); value != nil {
				last = value
			}
		}
	}
	return last
}

func (f *flattener) isTrue(schemas []*yaml.Node, keyword string) bool {
	value := f.says(schemas, keyword)
	return value != nil && value.Value == "true"
}

// strategyProperty returns the name of the property that names the strategy, or "".
func (f *flattener) strategyProperty(o *object) string {
	for _, name := range o.names {
		if role := f.says(o.defined[name], "x-role"); role != nil && role.Value == roleOfStrategy {
			return name
		}
	}
	return ""
}

// strategyOf returns the property that names the strategy and its only value, or "" for both.
func (f *flattener) strategyOf(o *object) (property, strategy string) {
	property = f.strategyProperty(o)
	if property == "" {
		return "", ""
	}
	if only := f.says(o.defined[property], "const"); only != nil {
		return property, only.Value
	}
	if values := words(f.says(o.defined[property], "enum")); len(values) == 1 {
		return property, values[0]
	}
	return "", ""
}

// sided tells whether a schema differs between a body and an answer.
func (f *flattener) sided(node *yaml.Node, seen map[*yaml.Node]bool) bool {
	if node = plain(node); node == nil || seen[node] {
		return false
	}
	seen[node] = true
	if reference := word(node, "$ref"); reference != "" && f.sided(f.resolve(reference), seen) {
		return true
	}
	differs := false
	members(node, func(name string, value *yaml.Node) {
		switch {
		case name == "readOnly", name == "writeOnly":
			differs = differs || value.Value == "true"
		case name == "x-unknown-members":
			differs = true
		case !slices.Contains(verbatim, name) && !strings.HasPrefix(name, "x-"):
			differs = differs || f.sidedWithin(value, seen)
		}
	})
	return differs
}

func (f *flattener) sidedWithin(value *yaml.Node, seen map[*yaml.Node]bool) bool {
	if value.Kind == yaml.MappingNode {
		return f.sided(value, seen)
	}
	return slices.ContainsFunc(items(value), func(item *yaml.Node) bool { return f.sided(item, seen) })
}
