// Package document reads the tree of an OpenAPI document. OpenAPI 3.0 and 3.1 write many facts in several ways. The package turns
// each into the form of OpenAPI 3.0, so that other packages know only that.
package document

import (
	"errors"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/source"
)

// Read returns the document of a tree that [source.JSON] accepts. It does not change the tree. The error joins all mistakes.
func Read(tree *yaml.Node) (*openapi3.T, error) {
	r := &reader{root: spotOf(nil, "", tree, tree), tables: newTables(), schemas: map[*yaml.Node]*openapi3.Schema{},
		others: map[*yaml.Node]any{}}
	if err := r.version(); err != nil {
		return nil, err
	}
	doc := &openapi3.T{}
	doc.Extensions = members(r, r.root, r.tables.document, doc)
	doc.OpenAPI = written // what is read here is written so
	if doc.Info == nil {
		r.mistake(r.root, "it has no info; add one with title and version")
	}
	if doc.Paths == nil {
		doc.Paths = openapi3.NewPaths()
		r.mistake(r.root, "it has no paths; add the operations")
	}
	return doc, source.Join(r.mistakes)
}

// written is the version of OpenAPI in whose terms a document is returned.
const written = "3.0.3"

// reader reads one document.
type reader struct {
	root     *spot
	tables   tables
	modern   bool // OpenAPI 3.1 or later, whose schemas are those of JSON Schema
	mistakes []error
	schemas  map[*yaml.Node]*openapi3.Schema // each is read once
	others   map[*yaml.Node]any              // what other references lead to, each read once
	open     []*yaml.Node                    // the path items and schemas that are being read
}

var versionForm = lazy.Regexp(`^3\.[0-9]+(\.[0-9]+)?(-.*)?$`)

// version finds out which version of which format the document has.
func (r *reader) version() error {
	if r.root.node.Kind != yaml.MappingNode {
		return r.root.mistake("this is %s and no OpenAPI document, which is a mapping with the members openapi, info and paths", r.root.kind())
	}
	if swagger := r.root.member("swagger"); swagger != nil {
		return swagger.mistake("this is a document of Swagger 2.0; OpenAPI 3.0 and 3.1 are read here, and " +
			"`npx swagger2openapi FILE` converts it")
	}
	version := r.root.member("openapi")
	if version == nil {
		return r.root.mistake("the member openapi is missing, so this is no OpenAPI document; OpenAPI 3.0 and 3.1 are read here")
	}
	text := r.text(version)
	if len(r.mistakes) > 0 {
		return errors.Join(r.mistakes...)
	}
	if !versionForm().MatchString(text) {
		return version.mistake("OpenAPI 3.0 and 3.1 are read here; write openapi: %s", written)
	}
	minor, _, _ := strings.Cut(strings.TrimPrefix(text, "3."), ".")
	number, err := strconv.Atoi(minor)
	r.modern = err != nil || number > 0
	return nil
}

func (r *reader) mistake(at *spot, format string, arguments ...any) {
	r.mistakes = append(r.mistakes, at.mistake(format, arguments...))
}

// table has the members of one kind of object: how each is read. Members that begin with x- are extensions and stand in none.
type table[T any] map[string]func(r *reader, into *T, at *spot)

// members reads the members of an object and returns its extensions. A member without a value counts as left out.
func members[T any](r *reader, at *spot, known table[T], into *T) map[string]any {
	return membersBut(r, at, known, into, "", false)
}

// membersBut is members for an object whose member of the name skip was read already, and which may have unknown members if lenient is set.
func membersBut[T any](r *reader, at *spot, known table[T], into *T, skip string, lenient bool) map[string]any {
	if !r.isMapping(at) {
		return nil
	}
	var extensions map[string]any
	at.each(func(name string, member *spot) {
		read := known[name]
		switch {
		case strings.HasPrefix(name, "x-"):
			if extensions == nil {
				extensions = map[string]any{}
			}
			extensions[name] = r.value(member)
		case name == skip, member.isNull() && (read != nil || lenient):
		case read != nil:
			read(r, into, member)
		default:
			r.unknown(member, keys(known), lenient)
		}
	})
	return extensions
}

// target reads what a reference leads to, or the object itself if it refers to nothing. The same place is read once.
func target[T any](r *reader, at *spot, known table[T]) (read *T, ref string, found *spot) {
	read = new(T)
	if found, ref = r.follow(at); found == nil {
		return read, "", nil
	}
	if earlier, done := r.others[found.node].(*T); done {
		return earlier, ref, found
	}
	r.others[found.node] = read
	setExtensions(read, members(r, found, known, read))
	return read, ref, found
}

// setExtensions keeps the extensions of an object.
func setExtensions(object any, extensions map[string]any) {
	switch object := object.(type) {
	case *openapi3.Parameter:
		object.Extensions = extensions
	case *openapi3.RequestBody:
		object.Extensions = extensions
	case *openapi3.Response:
		object.Extensions = extensions
	case *openapi3.MediaType:
		object.Extensions = extensions
	case *openapi3.Example:
		object.Extensions = extensions
	case *openapi3.SecurityScheme:
		object.Extensions = extensions
	}
}
