package document

import (
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock/internal/lazy"
)

func serverTable() table[openapi3.Server] {
	return table[openapi3.Server]{
		"url":         func(r *reader, server *openapi3.Server, at *spot) { server.URL = r.text(at) },
		"description": func(r *reader, server *openapi3.Server, at *spot) { server.Description = r.text(at) },
		"name":        skipped[openapi3.Server],
		"variables": func(r *reader, server *openapi3.Server, at *spot) {
			server.Variables = openapi3.ServerVariables{}
			r.entries(at, func(name string, member *spot) {
				variable := &openapi3.ServerVariable{}
				variable.Extensions = members(r, member, r.tables.variable, variable)
				if member.member("default") == nil {
					r.mistake(member, "the variable has no default; add one")
				}
				server.Variables[name] = variable
			})
		},
	}
}

func variableTable() table[openapi3.ServerVariable] {
	return table[openapi3.ServerVariable]{
		"enum":        func(r *reader, variable *openapi3.ServerVariable, at *spot) { variable.Enum = r.texts(at) },
		"default":     func(r *reader, variable *openapi3.ServerVariable, at *spot) { variable.Default = r.text(at) },
		"description": func(r *reader, variable *openapi3.ServerVariable, at *spot) { variable.Description = r.text(at) },
	}
}

var variableInURL = lazy.Regexp(`\{([^{}]*)\}`)

// servers reads the servers, their variables replaced by the defaults.
func (r *reader) servers(at *spot) openapi3.Servers {
	var servers openapi3.Servers
	for _, item := range r.list(at) {
		server := &openapi3.Server{}
		before := len(r.mistakes)
		server.Extensions = members(r, item, r.tables.server, server)
		if len(r.mistakes) == before {
			r.fillIn(item, server)
		}
		servers = append(servers, server)
	}
	return servers
}

func (r *reader) fillIn(at *spot, server *openapi3.Server) {
	if server.URL == "" {
		r.mistake(at, "a server needs a url, such as https://api.example.com or /")
		return
	}
	place := at.member("url")
	server.URL = variableInURL().ReplaceAllStringFunc(server.URL, func(found string) string {
		variable := server.Variables[found[1:len(found)-1]]
		if variable == nil {
			r.mistake(place, "the variable %s is not described; add it under variables, with a default", found)
			return ""
		}
		return variable.Default
	})
	server.Variables = nil
	if parsed, err := url.Parse(server.URL); err != nil || strings.ContainsAny(server.URL, "{}") {
		r.mistake(place, "this is no URL; write one such as https://api.example.com or /")
	} else if parsed.Path != "" && parsed.Host == "" && !strings.HasPrefix(parsed.Path, "/") {
		server.URL = "/" + server.URL // relative to the document, which stands at the root
	}
}
