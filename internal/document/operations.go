package document

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// paths reads the path items in the order of the document.
func (r *reader) paths(at *spot) *openapi3.Paths {
	paths := openapi3.NewPathsWithCapacity(len(at.node.Content) / 2)
	if !r.isMapping(at) {
		return paths
	}
	at.each(func(path string, member *spot) {
		switch {
		case strings.HasPrefix(path, "x-"), member.isNull() && strings.HasPrefix(path, "/"):
		case !strings.HasPrefix(path, "/"):
			r.mistake(member, "a path begins with /")
		default:
			paths.Set(path, r.pathItem(member))
		}
	})
	return paths
}

func pathItemTable() table[openapi3.PathItem] {
	known := table[openapi3.PathItem]{
		reference:     skipped[openapi3.PathItem],
		"summary":     func(r *reader, item *openapi3.PathItem, at *spot) { item.Summary = r.text(at) },
		"description": func(r *reader, item *openapi3.PathItem, at *spot) { item.Description = r.text(at) },
		"servers":     func(r *reader, item *openapi3.PathItem, at *spot) { item.Servers = r.servers(at) },
		"parameters":  func(r *reader, item *openapi3.PathItem, at *spot) { item.Parameters = r.parameters(at) },
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions,
		http.MethodHead, http.MethodPatch, http.MethodTrace} {
		known[strings.ToLower(method)] = func(r *reader, item *openapi3.PathItem, at *spot) { item.SetOperation(method, r.operation(at)) }
	}
	return known
}

// pathItem reads a path item. What stands beside its reference goes before what the target has.
func (r *reader) pathItem(at *spot) *openapi3.PathItem {
	item := &openapi3.PathItem{}
	if !r.enter(at) {
		return item
	}
	defer r.leave()
	if at.member(reference) != nil {
		if target, _ := r.follow(at); target != nil {
			*item = *r.pathItem(target)
		}
	}
	item.Extensions = members(r, at, r.tables.pathItem, item)
	item.Origin = at.origin()
	return item
}

// enter notes that an object is being read. It is a mistake if the object is within itself.
func (r *reader) enter(at *spot) bool {
	if slices.Contains(r.open, at.node) {
		r.mistake(at, "it holds itself")
		return false
	}
	r.open = append(r.open, at.node)
	return true
}

func (r *reader) leave() { r.open = r.open[:len(r.open)-1] }

func operationTable() table[openapi3.Operation] {
	return table[openapi3.Operation]{
		"tags":         func(r *reader, one *openapi3.Operation, at *spot) { one.Tags = r.texts(at) },
		"summary":      func(r *reader, one *openapi3.Operation, at *spot) { one.Summary = r.text(at) },
		"description":  func(r *reader, one *openapi3.Operation, at *spot) { one.Description = r.text(at) },
		"operationId":  func(r *reader, one *openapi3.Operation, at *spot) { one.OperationID = r.text(at) },
		"deprecated":   func(r *reader, one *openapi3.Operation, at *spot) { one.Deprecated = r.truth(at) },
		"externalDocs": func(r *reader, one *openapi3.Operation, at *spot) { one.ExternalDocs = r.externalDocs(at) },
		"parameters":   func(r *reader, one *openapi3.Operation, at *spot) { one.Parameters = r.parameters(at) },
		"callbacks":    skipped[openapi3.Operation],
		"requestBody":  func(r *reader, one *openapi3.Operation, at *spot) { one.RequestBody = r.body(at) },
		"responses":    func(r *reader, one *openapi3.Operation, at *spot) { one.Responses = r.responses(at) },
		"security": func(r *reader, one *openapi3.Operation, at *spot) {
			security := r.security(at)
			one.Security = &security
		},
		"servers": func(r *reader, one *openapi3.Operation, at *spot) {
			servers := r.servers(at)
			one.Servers = &servers
		},
	}
}

func (r *reader) operation(at *spot) *openapi3.Operation {
	operation := &openapi3.Operation{Origin: at.origin()}
	operation.Extensions = members(r, at, r.tables.operation, operation)
	if operation.Responses == nil {
		operation.Responses = openapi3.NewResponsesWithCapacity(0)
		if at.node.Kind == yaml.MappingNode {
			r.mistake(at, "it has no responses; add the answers that a client can meet")
		}
	}
	return operation
}

// parameters reads a list of parameters.
func (r *reader) parameters(at *spot) openapi3.Parameters {
	var parameters openapi3.Parameters
	for _, item := range r.list(at) {
		parameters = append(parameters, r.parameter(item))
	}
	return parameters
}

func (r *reader) parameter(at *spot) *openapi3.ParameterRef {
	read, ref, found := target(r, at, r.tables.parameter)
	if found != nil && read.In == openapi3.ParameterInPath && !read.Required {
		r.mistake(found, "a parameter of a path needs required: true")
	}
	return &openapi3.ParameterRef{Ref: named(ref, "parameters"), Value: read}
}

func parameterTable() table[openapi3.Parameter] {
	return table[openapi3.Parameter]{
		"name":            func(r *reader, one *openapi3.Parameter, at *spot) { one.Name = r.text(at) },
		"in":              func(r *reader, one *openapi3.Parameter, at *spot) { one.In = r.text(at) },
		"description":     func(r *reader, one *openapi3.Parameter, at *spot) { one.Description = r.text(at) },
		"style":           func(r *reader, one *openapi3.Parameter, at *spot) { one.Style = r.text(at) },
		"allowEmptyValue": func(r *reader, one *openapi3.Parameter, at *spot) { one.AllowEmptyValue = r.truth(at) },
		"allowReserved":   func(r *reader, one *openapi3.Parameter, at *spot) { one.AllowReserved = r.truth(at) },
		"deprecated":      func(r *reader, one *openapi3.Parameter, at *spot) { one.Deprecated = r.truth(at) },
		"required":        func(r *reader, one *openapi3.Parameter, at *spot) { one.Required = r.truth(at) },
		"schema":          func(r *reader, one *openapi3.Parameter, at *spot) { one.Schema = r.schema(at) },
		"example":         func(r *reader, one *openapi3.Parameter, at *spot) { one.Example = r.value(at) },
		"examples":        func(r *reader, one *openapi3.Parameter, at *spot) { one.Examples = r.examples(at) },
		"content":         func(r *reader, one *openapi3.Parameter, at *spot) { one.Content = r.content(at) },
		"explode": func(r *reader, one *openapi3.Parameter, at *spot) {
			explode := r.truth(at)
			one.Explode = &explode
		},
	}
}

func bodyTable() table[openapi3.RequestBody] {
	return table[openapi3.RequestBody]{
		"description": func(r *reader, body *openapi3.RequestBody, at *spot) { body.Description = r.text(at) },
		"required":    func(r *reader, body *openapi3.RequestBody, at *spot) { body.Required = r.truth(at) },
		"content":     func(r *reader, body *openapi3.RequestBody, at *spot) { body.Content = r.content(at) },
	}
}

func (r *reader) body(at *spot) *openapi3.RequestBodyRef {
	before := len(r.mistakes)
	read, ref, found := target(r, at, r.tables.body)
	if len(read.Content) == 0 && len(r.mistakes) == before {
		r.mistake(found, "the body has no content; describe it by its media type")
	}
	return &openapi3.RequestBodyRef{Ref: named(ref, "requestBodies"), Value: read}
}

func (r *reader) responses(at *spot) *openapi3.Responses {
	responses := openapi3.NewResponsesWithCapacity(len(at.node.Content) / 2)
	r.entries(at, func(status string, member *spot) {
		if strings.HasPrefix(status, "x-") {
			return
		}
		if len(status) == 3 && strings.HasSuffix(strings.ToUpper(status), "XX") {
			status = strings.ToUpper(status)
		}
		if !isStatus(status) {
			r.mistake(member, "a response stands under a status such as '200', under a class such as '2XX', or under default")
			return
		}
		responses.Set(status, r.response(member))
	})
	return responses
}

func isStatus(status string) bool {
	if status == "default" {
		return true
	}
	isDigit := func(letter byte) bool { return '0' <= letter && letter <= '9' }
	return len(status) == 3 && '1' <= status[0] && status[0] <= '5' && (status[1:] == "XX" || isDigit(status[1]) && isDigit(status[2]))
}

func responseTable() table[openapi3.Response] {
	return table[openapi3.Response]{
		"summary": skipped[openapi3.Response],
		"description": func(r *reader, response *openapi3.Response, at *spot) {
			description := r.text(at)
			response.Description = &description
		},
		"headers": func(r *reader, response *openapi3.Response, at *spot) {
			response.Headers = openapi3.Headers{}
			r.entries(at, func(name string, member *spot) { response.Headers[name] = r.header(member) })
		},
		"content": func(r *reader, response *openapi3.Response, at *spot) { response.Content = r.content(at) },
		"links":   skipped[openapi3.Response],
	}
}

func (r *reader) response(at *spot) *openapi3.ResponseRef {
	read, ref, _ := target(r, at, r.tables.response)
	if read.Description == nil {
		read.Description = new(string) // OpenAPI 3.0 asks for one, and its text matters to nobody here
	}
	return &openapi3.ResponseRef{Ref: named(ref, "responses"), Value: read, Origin: at.origin()}
}

func (r *reader) header(at *spot) *openapi3.HeaderRef {
	read, ref, _ := target(r, at, r.tables.parameter)
	return &openapi3.HeaderRef{Ref: named(ref, "headers"), Value: &openapi3.Header{Parameter: *read}}
}

// content reads what stands under media types. Two that differ in parameters or case are the same one.
func (r *reader) content(at *spot) openapi3.Content {
	content := openapi3.Content{}
	first := map[string]*spot{}
	r.entries(at, func(name string, member *spot) {
		kind, _, err := mime.ParseMediaType(name)
		if err != nil || !strings.Contains(kind, "/") {
			r.mistake(member, "this is no media type; write one such as application/json")
			return
		}
		media, _, _ := target(r, member, r.tables.media)
		switch other := first[kind]; {
		case other == nil:
			first[kind], content[kind] = member, media
		case media.Schema == nil || content[kind].Schema == nil || media.Schema.Value != content[kind].Schema.Value:
			r.mistake(member, "the media type is there twice, with two descriptions; keep one (parameters do not make it another)")
		}
	})
	return content
}

func mediaTable() table[openapi3.MediaType] {
	return table[openapi3.MediaType]{
		"schema":     func(r *reader, media *openapi3.MediaType, at *spot) { media.Schema = r.schema(at) },
		"example":    func(r *reader, media *openapi3.MediaType, at *spot) { media.Example = r.value(at) },
		"examples":   func(r *reader, media *openapi3.MediaType, at *spot) { media.Examples = r.examples(at) },
		"encoding":   skipped[openapi3.MediaType],
		"itemSchema": skipped[openapi3.MediaType],
	}
}

func exampleTable() table[openapi3.Example] {
	return table[openapi3.Example]{
		"summary":       func(r *reader, example *openapi3.Example, at *spot) { example.Summary = r.text(at) },
		"description":   func(r *reader, example *openapi3.Example, at *spot) { example.Description = r.text(at) },
		"value":         func(r *reader, example *openapi3.Example, at *spot) { example.Value = r.value(at) },
		"externalValue": func(r *reader, example *openapi3.Example, at *spot) { example.ExternalValue = r.text(at) },
		"dataValue":     func(r *reader, example *openapi3.Example, at *spot) { example.Value = r.value(at) },
	}
}

func (r *reader) examples(at *spot) openapi3.Examples {
	examples := openapi3.Examples{}
	r.entries(at, func(name string, member *spot) {
		read, ref, _ := target(r, member, r.tables.example)
		examples[name] = &openapi3.ExampleRef{Ref: named(ref, "examples"), Value: read}
	})
	return examples
}
