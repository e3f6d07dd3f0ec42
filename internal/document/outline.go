package document

import (
	"github.com/getkin/kin-openapi/openapi3"
)

// tables holds the members of each kind of object.
type tables struct {
	document      table[openapi3.T]
	info          table[openapi3.Info]
	contact       table[openapi3.Contact]
	license       table[openapi3.License]
	tag           table[openapi3.Tag]
	externalDocs  table[openapi3.ExternalDocs]
	server        table[openapi3.Server]
	variable      table[openapi3.ServerVariable]
	components    table[openapi3.Components]
	scheme        table[openapi3.SecurityScheme]
	pathItem      table[openapi3.PathItem]
	operation     table[openapi3.Operation]
	parameter     table[openapi3.Parameter]
	body          table[openapi3.RequestBody]
	response      table[openapi3.Response]
	media         table[openapi3.MediaType]
	example       table[openapi3.Example]
	schema        table[openapi3.Schema]
	discriminator table[openapi3.Discriminator]
}

func newTables() tables {
	return tables{
		document: documentTable(), info: infoTable(), contact: contactTable(), license: licenseTable(), tag: tagTable(),
		externalDocs: externalDocsTable(), server: serverTable(), variable: variableTable(), components: componentsTable(),
		scheme: schemeTable(), pathItem: pathItemTable(), operation: operationTable(), parameter: parameterTable(), body: bodyTable(),
		response: responseTable(), media: mediaTable(), example: exampleTable(), schema: schemaTable(), discriminator: discriminatorTable(),
	}
}

// skipped reads a member that means nothing to credmock.
func skipped[T any](*reader, *T, *spot) {}

func documentTable() table[openapi3.T] {
	return table[openapi3.T]{
		"openapi":           skipped[openapi3.T],
		"jsonSchemaDialect": skipped[openapi3.T],
		"webhooks":          skipped[openapi3.T],
		"info":              func(r *reader, doc *openapi3.T, at *spot) { doc.Info = r.info(at) },
		"servers":           func(r *reader, doc *openapi3.T, at *spot) { doc.Servers = r.servers(at) },
		"paths":             func(r *reader, doc *openapi3.T, at *spot) { doc.Paths = r.paths(at) },
		"components":        func(r *reader, doc *openapi3.T, at *spot) { doc.Components = r.components(at) },
		"security":          func(r *reader, doc *openapi3.T, at *spot) { doc.Security = r.security(at) },
		"tags":              func(r *reader, doc *openapi3.T, at *spot) { doc.Tags = r.tags(at) },
		"externalDocs":      func(r *reader, doc *openapi3.T, at *spot) { doc.ExternalDocs = r.externalDocs(at) },
	}
}

func infoTable() table[openapi3.Info] {
	return table[openapi3.Info]{
		"title":          func(r *reader, info *openapi3.Info, at *spot) { info.Title = r.text(at) },
		"summary":        skipped[openapi3.Info],
		"description":    func(r *reader, info *openapi3.Info, at *spot) { info.Description = r.text(at) },
		"version":        func(r *reader, info *openapi3.Info, at *spot) { info.Version = r.text(at) },
		"termsOfService": func(r *reader, info *openapi3.Info, at *spot) { info.TermsOfService = r.text(at) },
		"contact": func(r *reader, info *openapi3.Info, at *spot) {
			info.Contact = &openapi3.Contact{}
			info.Contact.Extensions = members(r, at, r.tables.contact, info.Contact)
		},
		"license": func(r *reader, info *openapi3.Info, at *spot) {
			info.License = &openapi3.License{}
			info.License.Extensions = members(r, at, r.tables.license, info.License)
		},
	}
}

func (r *reader) info(at *spot) *openapi3.Info {
	info := &openapi3.Info{}
	before := len(r.mistakes)
	info.Extensions = members(r, at, r.tables.info, info)
	if len(r.mistakes) > before {
		return info
	}
	for _, required := range []struct{ name, value string }{{"title", info.Title}, {"version", info.Version}} {
		if required.value == "" {
			r.mistake(at, "%s is missing or empty; add it", required.name)
		}
	}
	return info
}

func contactTable() table[openapi3.Contact] {
	return table[openapi3.Contact]{
		"name":  func(r *reader, contact *openapi3.Contact, at *spot) { contact.Name = r.text(at) },
		"url":   func(r *reader, contact *openapi3.Contact, at *spot) { contact.URL = r.text(at) },
		"email": func(r *reader, contact *openapi3.Contact, at *spot) { contact.Email = r.text(at) },
	}
}

func licenseTable() table[openapi3.License] {
	return table[openapi3.License]{
		"name":       func(r *reader, license *openapi3.License, at *spot) { license.Name = r.text(at) },
		"url":        func(r *reader, license *openapi3.License, at *spot) { license.URL = r.text(at) },
		"identifier": skipped[openapi3.License],
	}
}

func tagTable() table[openapi3.Tag] {
	return table[openapi3.Tag]{
		"name":         func(r *reader, tag *openapi3.Tag, at *spot) { tag.Name = r.text(at) },
		"description":  func(r *reader, tag *openapi3.Tag, at *spot) { tag.Description = r.text(at) },
		"externalDocs": func(r *reader, tag *openapi3.Tag, at *spot) { tag.ExternalDocs = r.externalDocs(at) },
		"summary":      skipped[openapi3.Tag],
		"parent":       skipped[openapi3.Tag],
		"kind":         skipped[openapi3.Tag],
	}
}

func (r *reader) tags(at *spot) openapi3.Tags {
	var tags openapi3.Tags
	for _, item := range r.list(at) {
		tag := &openapi3.Tag{}
		tag.Extensions = members(r, item, r.tables.tag, tag)
		tags = append(tags, tag)
	}
	return tags
}

func externalDocsTable() table[openapi3.ExternalDocs] {
	return table[openapi3.ExternalDocs]{
		"description": func(r *reader, docs *openapi3.ExternalDocs, at *spot) { docs.Description = r.text(at) },
		"url":         func(r *reader, docs *openapi3.ExternalDocs, at *spot) { docs.URL = r.text(at) },
	}
}

func (r *reader) externalDocs(at *spot) *openapi3.ExternalDocs {
	docs := &openapi3.ExternalDocs{}
	docs.Extensions = members(r, at, r.tables.externalDocs, docs)
	return docs
}

// security reads the security requirements. An empty list means something else than none.
func (r *reader) security(at *spot) openapi3.SecurityRequirements {
	requirements := openapi3.SecurityRequirements{}
	for _, item := range r.list(at) {
		requirement := openapi3.SecurityRequirement{}
		r.entries(item, func(name string, scopes *spot) { requirement[name] = append([]string{}, r.texts(scopes)...) })
		requirements = append(requirements, requirement)
	}
	return requirements
}
