package document

import (
	"github.com/getkin/kin-openapi/openapi3"
)

func componentsTable() table[openapi3.Components] {
	return table[openapi3.Components]{
		"schemas": func(r *reader, all *openapi3.Components, at *spot) {
			all.Schemas = openapi3.Schemas{}
			r.entries(at, func(name string, member *spot) { all.Schemas[name] = r.schema(member) })
		},
		"parameters": func(r *reader, all *openapi3.Components, at *spot) {
			all.Parameters = openapi3.ParametersMap{}
			r.entries(at, func(name string, member *spot) { all.Parameters[name] = r.parameter(member) })
		},
		"headers": func(r *reader, all *openapi3.Components, at *spot) {
			all.Headers = openapi3.Headers{}
			r.entries(at, func(name string, member *spot) { all.Headers[name] = r.header(member) })
		},
		"requestBodies": func(r *reader, all *openapi3.Components, at *spot) {
			all.RequestBodies = openapi3.RequestBodies{}
			r.entries(at, func(name string, member *spot) { all.RequestBodies[name] = r.body(member) })
		},
		"responses": func(r *reader, all *openapi3.Components, at *spot) {
			all.Responses = openapi3.ResponseBodies{}
			r.entries(at, func(name string, member *spot) { all.Responses[name] = r.response(member) })
		},
		"securitySchemes": func(r *reader, all *openapi3.Components, at *spot) {
			all.SecuritySchemes = openapi3.SecuritySchemes{}
			r.entries(at, func(name string, member *spot) { all.SecuritySchemes[name] = r.securityScheme(member) })
		},
		"examples":   func(r *reader, all *openapi3.Components, at *spot) { all.Examples = r.examples(at) },
		"pathItems":  skipped[openapi3.Components], // each is read where it is referred to
		"mediaTypes": skipped[openapi3.Components],
		"links":      skipped[openapi3.Components],
		"callbacks":  skipped[openapi3.Components],
	}
}

func (r *reader) components(at *spot) *openapi3.Components {
	all := &openapi3.Components{}
	all.Extensions = members(r, at, r.tables.components, all)
	return all
}

func schemeTable() table[openapi3.SecurityScheme] {
	return table[openapi3.SecurityScheme]{
		"type":              func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.Type = r.text(at) },
		"description":       func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.Description = r.text(at) },
		"name":              func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.Name = r.text(at) },
		"in":                func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.In = r.text(at) },
		"scheme":            func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.Scheme = r.text(at) },
		"bearerFormat":      func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.BearerFormat = r.text(at) },
		"openIdConnectUrl":  func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.OpenIdConnectUrl = r.text(at) },
		"flows":             func(r *reader, scheme *openapi3.SecurityScheme, at *spot) { scheme.Flows = r.flows(at) },
		"oauth2MetadataUrl": skipped[openapi3.SecurityScheme],
		"deprecated":        skipped[openapi3.SecurityScheme],
	}
}

func (r *reader) securityScheme(at *spot) *openapi3.SecuritySchemeRef {
	read, ref, _ := target(r, at, r.tables.scheme)
	return &openapi3.SecuritySchemeRef{Ref: named(ref, "securitySchemes"), Value: read}
}

// flows reads the flows of an OAuth scheme.
func (r *reader) flows(at *spot) *openapi3.OAuthFlows {
	flows := &openapi3.OAuthFlows{}
	places := map[string]**openapi3.OAuthFlow{"implicit": &flows.Implicit, "password": &flows.Password,
		"clientCredentials": &flows.ClientCredentials, "authorizationCode": &flows.AuthorizationCode}
	r.entries(at, func(name string, member *spot) {
		if place := places[name]; place != nil && r.isMapping(member) {
			*place = r.flow(member)
		}
	})
	return flows
}

func (r *reader) flow(at *spot) *openapi3.OAuthFlow {
	flow := &openapi3.OAuthFlow{Scopes: map[string]string{}}
	for name, into := range map[string]*string{"authorizationUrl": &flow.AuthorizationURL, "tokenUrl": &flow.TokenURL,
		"refreshUrl": &flow.RefreshURL} {
		if member := at.member(name); member != nil {
			*into = r.text(member)
		}
	}
	if scopes := at.member("scopes"); scopes != nil {
		r.entries(scopes, func(name string, member *spot) { flow.Scopes[name] = r.text(member) })
	}
	return flow
}
