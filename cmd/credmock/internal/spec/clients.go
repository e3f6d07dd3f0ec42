package spec

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/source"
)

const componentPrefix = "#/components/schemas/"

// key names a component in one mode.
type key struct {
	name string
	mode mode
}

// flattener makes the document for client generators from the tree of another.
type flattener struct {
	root       *yaml.Node
	siblings   bool // keywords beside a $ref count, as OpenAPI 3.1 has it
	made       map[key]*yaml.Node
	order      []key
	references map[key][]*yaml.Node // the texts of all references to a component, whose names are known at the end
	depth      int
	err        error
}

// maxDepth bounds how deep schemas may be nested.
const maxDepth = 200

func (f *flattener) enter() {
	if f.depth++; f.depth > maxDepth && f.err == nil {
		f.err = errors.New("its schemas are nested too deeply")
	}
}

func (f *flattener) leave() { f.depth-- }

// forClients returns a document that says the same in the plainest words of OpenAPI, since generators do not read all of them: every
// allOf folded, bodies without what the server owns, answers without secrets, the strategy always named, an update as one object, one
// server and whole paths, and no extensions. spec is the loaded document.
func forClients(document []byte, spec *credmock.Spec) (*yaml.Node, error) {
	root, err := source.Read(document)
	if err != nil {
		return nil, err
	}
	host, err := hostOf(spec)
	if err != nil {
		return nil, err
	}
	f := &flattener{
		root: root, siblings: !strings.HasPrefix(word(root, "openapi"), "3.0"), made: map[key]*yaml.Node{}, references: map[key][]*yaml.Node{},
	}
	made := mapping("openapi", word(root, "openapi"), "info", cleaned(get(root, "info"), "info"),
		"servers", list(mapping("url", host)))
	for _, name := range []string{"tags", "security", "externalDocs"} {
		if value := get(root, name); value != nil {
			set(made, name, cleaned(value, name))
		}
	}
	set(made, "paths", f.paths(spec))
	set(made, "components", f.components())
	return made, f.err
}

// hostOf returns the URL of the one host of a document, without a path.
func hostOf(spec *credmock.Spec) (string, error) {
	host, owner := "", ""
	for _, operation := range spec.Operations {
		one, err := hostOfOperation(spec, operation)
		switch {
		case err != nil:
			return "", err
		case owner != "" && one != host:
			return "", fmt.Errorf("%s is at %q and %s at %q, and a document for clients has one host", owner, host, operation.ID, one)
		}
		host, owner = one, operation.ID
	}
	if host == "" {
		host = "/"
	}
	return host, nil
}

func hostOfOperation(spec *credmock.Spec, operation *credmock.Operation) (string, error) {
	servers := spec.OpenAPI.Servers
	if item := spec.OpenAPI.Paths.Value(operation.Path); item != nil && len(item.Servers) > 0 {
		servers = item.Servers
	}
	if own := operation.Source.Servers; own != nil && len(*own) > 0 {
		servers = *own
	}
	if len(servers) == 0 {
		return "", nil
	}
	address := servers[0].URL
	for name, variable := range servers[0].Variables {
		address = strings.ReplaceAll(address, "{"+name+"}", variable.Default)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the server of " + operation.ID + " has no valid URL")
	}
	if parsed.Host == "" {
		return "", nil
	}
	return parsed.Scheme + "://" + parsed.Host, nil
}

// resolve returns the node that a reference within the document leads to.
func (f *flattener) resolve(reference string) *yaml.Node {
	at := f.root
	for step := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if unescaped, err := url.PathUnescape(step); err == nil {
			step = unescaped
		}
		if index, err := strconv.Atoi(step); err == nil && at != nil && at.Kind == yaml.SequenceNode {
			at = plain(slices.Concat(at.Content, []*yaml.Node{nil})[min(max(index, 0), len(at.Content))])
			continue
		}
		at = get(at, step)
	}
	if at == nil && f.err == nil {
		f.err = errors.New("the reference leads nowhere: " + reference)
	}
	return at
}

// target resolves the reference of an object that is no schema, if it is one.
func (f *flattener) target(node *yaml.Node) *yaml.Node {
	for range maxDepth {
		reference := word(node, "$ref")
		if reference == "" {
			return node
		}
		node = f.resolve(reference)
	}
	return node
}

// reference returns a reference to a component, and makes the component when it is needed for the first time.
func (f *flattener) reference(k key) *yaml.Node {
	node := f.resolve(componentPrefix + k.name)
	if f.err != nil {
		return mapping()
	}
	if o := f.gather(node); k.mode == changed && len(o.unions) == 0 && f.strategyProperty(o) == "" {
		k.mode = sent
	}
	if k.mode == sent && !f.sided(node, map[*yaml.Node]bool{}) {
		k.mode = shown
	}
	if f.made[k] == nil {
		f.made[k] = mapping() // while it is under way
		f.order = append(f.order, k)
		f.made[k] = f.fold(node, k.mode, k.name)
	}
	return f.referenceTo(k)
}

func (f *flattener) referenceTo(k key) *yaml.Node {
	made := text("")
	f.references[k] = append(f.references[k], made)
	return mapping("$ref", made)
}

// lift makes a component of a schema that had no name, and returns the reference to it.
func (f *flattener) lift(k key, schema *yaml.Node) *yaml.Node {
	for number := 2; f.made[k] != nil || get(get(get(f.root, "components"), "schemas"), k.name) != nil; number++ {
		k.name = strings.TrimRight(k.name, "0123456789") + strconv.Itoa(number)
	}
	f.made[k] = schema
	f.order = append(f.order, k)
	return f.referenceTo(k)
}

// schemas returns the components that were made, each under its name. A name that stands for two forms is the answer's.
func (f *flattener) schemas() *yaml.Node {
	taken := map[string]bool{}
	for _, k := range f.order {
		taken[k.name] = true
	}
	schemas := mapping()
	for _, k := range f.order {
		name := k.name
		for mode, suffix := range map[mode]string{sent: "Body", changed: "Change"} {
			if k.mode == mode && (f.made[key{k.name, shown}] != nil || mode == changed && f.made[key{k.name, sent}] != nil) {
				for name += suffix; taken[name]; {
					name += "2"
				}
				taken[name] = true
			}
		}
		for _, reference := range f.references[k] {
			reference.Value = componentPrefix + name
		}
		set(schemas, name, f.made[k])
	}
	return schemas
}
