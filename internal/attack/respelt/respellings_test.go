package respelt

import (
	"net/url"
	"slices"

	"go.yaml.in/yaml/v3"
)

// beside moves what stands beside allOf into a part of it.
func beside(first bool) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			parts := get(node, "allOf")
			if parts == nil {
				return
			}
			part := parse("{type: object}")
			for _, word := range []string{"properties", "required"} {
				if own := take(node, word); own != nil {
					put(part, word, own)
				}
			}
			if first {
				parts.Content = append([]*yaml.Node{part}, parts.Content...)
			} else {
				parts.Content = append(parts.Content, part)
			}
		})
	}
}

// wrapped puts each reference to a schema into a group of one.
func wrapped(word string) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		eachRef(tree, "schemas", func(node, _ *yaml.Node, _ string) {
			*node = *mapping(word, list(parse("{$ref: '"+get(node, "$ref").Value+"'}")))
		})
	}
}

func schemaOf(tree *yaml.Node, name string) *yaml.Node {
	return get(tree, "components", "schemas", name)
}

func createBody(tree *yaml.Node) *yaml.Node {
	return get(tree, "paths", "/v1/authcredentials", "post", "requestBody", "content", "application/json")
}

var respeltSchemas = []respelling{
	{"allOf: properties in a last part", beside(false), same},
	{"allOf: properties in a first part", beside(true), same},
	{"allOf: deeper", func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if parts := get(node, "allOf"); parts != nil {
				put(node, "allOf", list(mapping("allOf", list(mapping("allOf", parts)))))
			}
		})
	}, same},
	{"allOf: parts reversed", func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if parts := get(node, "allOf"); parts != nil {
				slices.Reverse(parts.Content)
			}
		})
	}, same},
	{"allOf: round a payload", func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			if payload := get(node, "payload"); payload != nil && get(payload, "properties") != nil {
				put(node, "payload", mapping("allOf", list(payload, parse("{type: object}"))))
			}
		})
	}, same},
	{"allOf: round a property", func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			if get(node, "type") != nil && get(node, "x-role") != nil && get(node, "properties") == nil {
				part := mapping("type", take(node, "type"))
				put(node, "allOf", list(part))
			}
		})
	}, same},
	{"a payload that requires nothing", func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			if payload := get(node, "payload"); payload != nil && get(payload, "properties") != nil {
				take(payload, "required")
			}
		})
	}, same},
	{"anyOf with one member", wrapped("anyOf"), same},
	{"oneOf with one member", wrapped("oneOf"), same},
	{"allOf with one member", wrapped("allOf"), same},
	{"unions in unions", func(tree *yaml.Node) {
		forms := get(createBody(tree), "schema", "oneOf")
		first, second := list(forms.Content[:2]...), list(forms.Content[2:]...)
		put(get(createBody(tree), "schema"), "oneOf", list(mapping("oneOf", first), mapping("oneOf", second)))
	}, same},
	{"a union in allOf", func(tree *yaml.Node) {
		schema := get(createBody(tree), "schema")
		put(createBody(tree), "schema", mapping("allOf", list(schema, parse("{type: object}"))))
	}, same},
	{"a named union with a discriminator", func(tree *yaml.Node) {
		schema := get(createBody(tree), "schema")
		put(schema, "discriminator", parse("{propertyName: authStrategy, mapping: {AwsSigv4: '#/components/schemas/AwsSigv4Create'}}"))
		take(createBody(tree), "examples")
		put(get(tree, "components", "schemas"), "AnyCreate", schema)
		put(createBody(tree), "schema", parse("{$ref: '#/components/schemas/AnyCreate'}"))
	}, same},
	{"oneOf for anyOf", func(tree *yaml.Node) {
		rename(get(tree, "paths", "/v1/authcredentials/{id}", "patch", "requestBody", "content", "application/json", "schema"), "anyOf", "oneOf")
		take(get(tree, "paths", "/v1/authcredentials/{id}", "patch", "requestBody", "content", "application/json"), "examples")
	}, same},
	{"common properties beside a union", func(tree *yaml.Node) {
		put(get(createBody(tree), "schema"), "allOf", parse("[{$ref: '#/components/schemas/CredentialCreate'}]"))
		eachRef(get(tree, "components"), "schemas", func(node, _ *yaml.Node, name string) {
			if name == "CredentialCreate" {
				put(node, "$ref", parse("'#/components/schemas/CredentialMetadata'"))
			}
		})
	}, same},
	{"one strategy alone", func(tree *yaml.Node) {
		for _, forms := range []*yaml.Node{
			get(createBody(tree), "schema", "oneOf"), get(schemaOf(tree, "CredentialEnvelope"), "properties", "payload", "anyOf"),
			get(tree, "paths", "/v1/authcredentials/{id}", "patch", "requestBody", "content", "application/json", "schema", "anyOf"),
		} {
			forms.Content = forms.Content[:1]
		}
		take(createBody(tree), "examples")
		take(get(tree, "paths", "/v1/authcredentials/{id}", "patch", "requestBody", "content", "application/json"), "examples")
	}, judged},
	{"readOnly members among the required of a body", func(tree *yaml.Node) {
		put(schemaOf(tree, "CredentialMetadata"), "required", parse("[id, createdAt]"))
		put(schemaOf(tree, "DestinationFields"), "required", parse("[id]"))
	}, served},
	{"secrets among the required of a schema for bodies and answers", func(tree *yaml.Node) {
		put(schemaOf(tree, "AwsSigv4"), "required", parse("[secretKey]"))
	}, judged},
	{"an environment in an answer that names no member", func(tree *yaml.Node) {
		take(get(schemaOf(tree, "DestinationFields"), "properties", "environment"), "properties")
	}, served},
	{"an organization in an answer with a member that is not known", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "Environment"), "properties", "organization", "properties"), "region", parse("{type: string}"))
	}, same},
	{"no further members, in words", func(tree *yaml.Node) {
		inline("schemas")(tree)
		take(schemaOf(tree, "DestinationUpdate"), "x-unknown-members")
		fields := get(get(schemaOf(tree, "DestinationUpdate"), "allOf").Content[0], "properties")
		*get(tree, "paths", "/v1/destinations/{destinationId}", "patch", "requestBody", "content", "application/json", "schema") =
			*mapping("properties", fields)
		schema := get(tree, "paths", "/v1/destinations/{destinationId}", "patch", "requestBody", "content", "application/json", "schema")
		put(schema, "type", parse("object"))
		put(schema, "x-evidence", parse("documented"))
		put(schema, "additionalProperties", parse("false"))
	}, same},
	{"further members allowed in words", func(tree *yaml.Node) {
		each(get(tree, "components", "schemas"), func(node *yaml.Node) {
			if get(node, "properties") != nil && get(node, "type") != nil {
				put(node, "additionalProperties", parse("true"))
			}
		})
	}, same},
	{"nullable beside allOf", func(tree *yaml.Node) {
		note := get(schemaOf(tree, "OAuthFields"), "properties", "audience")
		take(note, "type")
		put(get(tree, "components", "schemas"), "Text", parse("{type: string}"))
		put(note, "allOf", parse("[{$ref: '#/components/schemas/Text'}]"))
	}, same},
}

var respeltReferences = []respelling{
	{"no reference but to schemas", inline("responses", "parameters", "examples"), same},
	{"no reference at all", inline("responses", "parameters", "examples", "schemas"), same},
	{"references everywhere", func(tree *yaml.Node) {
		for _, kind := range []string{"requestBodies", "headers", "examples", "parameters"} {
			if get(tree, "components", kind) == nil {
				put(get(tree, "components"), kind, parse("{}"))
			}
		}
		hoist := func(holder *yaml.Node, member, kind, name string) {
			value := get(holder, member)
			put(holder, member, parse("{$ref: '#/components/"+kind+"/"+name+"'}"))
			put(get(tree, "components", kind), name, value)
		}
		hoist(get(tree, "paths", "/v1/authcredentials", "post"), "requestBody", "requestBodies", "CreateBody")
		hoist(get(tree, "components", "responses", "CreatedCredential", "headers"), "Location", "headers", "Place")
		hoist(get(createBodyIn(tree, "CreateBody"), "examples"), "aws", "examples", "Aws")
		hoist(get(schemaOf(tree, "AwsSigv4"), "properties"), "awsRegion", "schemas", "Region")
	}, same},
	{"a reference to a reference", func(tree *yaml.Node) {
		schemas := get(tree, "components", "schemas")
		rename(schemas, "Errors", "Errors2")
		put(schemas, "Errors", parse("{$ref: '#/components/schemas/Errors2'}"))
	}, same},
	{"references into paths", func(tree *yaml.Node) {
		put(get(tree, "paths", "/v1/authcredentials/{id}", "get", "responses"), "200",
			parse("{$ref: '#/paths/~1v1~1authcredentials~1%7Bid%7D/patch/responses/200'}"))
	}, same},
	{"references to a part of a schema", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "AwsSigv4"), "properties"), "hasSessionToken",
			parse("{$ref: '#/components/schemas/AwsSigv4/properties/hasSecretKey'}"))
	}, same},
	{"a description beside a reference", func(tree *yaml.Node) {
		eachRef(tree, "schemas", func(node, _ *yaml.Node, _ string) { put(node, "description", parse("another")) })
	}, same},
	{"a path item elsewhere", func(tree *yaml.Node) {
		item := get(tree, "paths", "/v1/authcredentials/{id}")
		put(tree, "x-items", mapping("one", item))
		put(get(tree, "paths"), "/v1/authcredentials/{id}", parse("{$ref: '#/x-items/one'}"))
	}, same},
}

func createBodyIn(tree *yaml.Node, name string) *yaml.Node {
	return get(tree, "components", "requestBodies", name, "content", "application/json")
}

var respeltModern = []respelling{
	{"3.1: type lists with null", modern, same},
	{"3.1: null first", all(modern, func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if types := get(node, "type"); types != nil && types.Kind == yaml.SequenceNode {
				slices.Reverse(types.Content)
			}
		})
	}), same},
	{"3.1: nullable is no keyword", func(tree *yaml.Node) {
		secrets := map[*yaml.Node]bool{}
		eachSchema(tree, func(node *yaml.Node) { secrets[node] = get(node, "writeOnly") != nil && get(node, "nullable") != nil })
		modern(tree)
		for node := range secrets {
			if secrets[node] {
				put(node, "type", parse("string"))
				put(node, "nullable", parse("true"))
			}
		}
	}, judged},
	{"3.1: anyOf with null", nullAsAlternative("anyOf", false), same},
	{"3.1: oneOf with null first", nullAsAlternative("oneOf", true), same},
	{"3.1: const", all(modern, func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if values := get(node, "enum"); values != nil && len(values.Content) == 1 {
				take(node, "enum")
				put(node, "const", values.Content[0])
			}
		})
	}), same},
	{"3.1: examples", all(modern, func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if example := take(node, "example"); example != nil {
				put(node, "examples", list(example))
			}
		})
	}), same},
	{"3.1: $defs", all(modern, func(tree *yaml.Node) {
		fields := take(get(tree, "components", "schemas"), "OAuthFields")
		put(schemaOf(tree, "OAuth2TwoLegged"), "$defs", mapping("Fields", fields))
		eachRef(tree, "schemas", func(node, _ *yaml.Node, name string) {
			if name == "OAuthFields" {
				put(node, "$ref", parse("'#/components/schemas/OAuth2TwoLegged/$defs/Fields'"))
			}
		})
	}), same},
	{"3.1: members beside a reference", all(modern, func(tree *yaml.Node) {
		id := get(schemaOf(tree, "CredentialMetadata"), "properties", "id")
		put(get(tree, "components", "schemas"), "Text", parse("{type: string}"))
		take(id, "type")
		put(id, "$ref", parse("'#/components/schemas/Text'"))
	}), same},
	{"3.1: several types", all(modern, func(tree *yaml.Node) {
		for _, name := range []string{"delegates", "scope"} {
			put(get(schemaOf(tree, "GoogleWif"), "properties"), name, parse("{type: [string, array, 'null'], items: {type: string}}"))
		}
	}), served},
	{"3.1: what 3.0 has not", all(modern, func(tree *yaml.Node) {
		put(tree, "jsonSchemaDialect", parse("'https://spec.openapis.org/oas/3.1/dialect/base'"))
		put(tree, "webhooks", parse("{changed: {post: {responses: {'200': {description: Fine.}}}}}"))
		put(get(tree, "info"), "summary", parse("An API."))
		put(get(tree, "info", "license"), "identifier", take(get(tree, "info", "license"), "name"))
		put(get(tree, "info", "license"), "name", parse("Apache"))
		take(get(tree, "info", "license"), "url")
		put(schemaOf(tree, "Meta"), "$comment", parse("A comment."))
		put(schemaOf(tree, "Meta"), "x", parse("an annotation"))
	}), same},
	{"3.1: bounds", all(modern, func(tree *yaml.Node) {
		put(get(schemaOf(tree, "Token"), "properties", "expires_in"), "exclusiveMinimum", parse("0"))
	}), same},
	{"3.1: a path item among the components", all(modern, func(tree *yaml.Node) {
		put(get(tree, "components"), "pathItems", mapping("one", get(tree, "paths", "/v1/authcredentials/{id}")))
		put(get(tree, "paths"), "/v1/authcredentials/{id}", parse("{$ref: '#/components/pathItems/one'}"))
	}), same},
	{"3.1: unevaluatedProperties", all(modern, func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			if take(node, "x-unknown-members") != nil {
				put(node, "unevaluatedProperties", parse("false"))
			}
		})
	}), same},
}

// nullAsAlternative makes an alternative of null for every type that may be null.
func nullAsAlternative(word string, first bool) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		put(tree, "openapi", parse("3.1.1"))
		var nullable []*yaml.Node
		eachSchema(tree, func(node *yaml.Node) {
			if take(node, "nullable") != nil {
				nullable = append(nullable, node)
			}
		})
		for _, node := range nullable {
			options := list(mapping("type", take(node, "type")), parse("{type: 'null'}"))
			if first {
				slices.Reverse(options.Content)
			}
			put(node, word, options)
		}
	}
}

func server(tree *yaml.Node) *yaml.Node { return get(tree, "servers").Content[0] }

var respeltPaths = []respelling{
	{"a variable in the server", func(tree *yaml.Node) {
		put(server(tree), "url", parse("'https://{host}/{base}'"))
		put(server(tree), "variables", parse("{host: {default: api.example.com, enum: [api.example.com, b]}, base: {default: platform}}"))
	}, same},
	{"several servers", func(tree *yaml.Node) {
		get(tree, "servers").Content = append(get(tree, "servers").Content, parse("{url: 'https://other.example.com/elsewhere'}"))
	}, same},
	{"a server with a slash at its end", func(tree *yaml.Node) { put(server(tree), "url", parse("https://api.example.com/platform/")) }, same},
	{"a relative server", func(tree *yaml.Node) { put(server(tree), "url", parse("/platform")) }, same},
	{"a server of each path", func(tree *yaml.Node) {
		servers := take(tree, "servers")
		each(get(tree, "paths"), func(node *yaml.Node) {
			if (get(node, "get") != nil || get(node, "post") != nil) && get(node, "servers") == nil {
				put(node, "servers", servers)
			}
		})
	}, same},
	{"a server of each operation", func(tree *yaml.Node) {
		servers := get(tree, "servers")
		each(get(tree, "paths"), func(node *yaml.Node) {
			if get(node, "operationId") != nil && get(node, "operationId").Value != "issueToken" {
				put(node, "servers", servers)
			}
		})
		put(tree, "servers", parse("[{url: 'https://elsewhere.example.com/elsewhere'}]"))
	}, same},
	{"no servers", func(tree *yaml.Node) { take(tree, "servers") }, judged},
	{"an empty list of servers", func(tree *yaml.Node) { put(tree, "servers", parse("[]")) }, served},
	{"servers: nothing", func(tree *yaml.Node) { put(tree, "servers", nothing()) }, served},
	{"a space in the server's path", func(tree *yaml.Node) { put(server(tree), "url", parse("'https://a.example/my platform'")) }, served},
	{"an escaped space in the server's path", func(tree *yaml.Node) { put(server(tree), "url", parse("'/my%20platform'")) }, served},
	{"a space in a path", renamedPath("/v1/authcredentials/strategies", "/v1/authcredentials/my strategies"), served},
	{"an escaped space in a path", renamedPath("/v1/authcredentials/strategies", "/v1/authcredentials/my%20strategies"), served},
	{"letters beyond ASCII in a path", renamedPath("/v1/authcredentials/strategies", "/v1/authcredentials/clés"), judged},
	{"a path that needs no escapes", renamedPath("/v1/authcredentials/strategies", "/v1/authcredentials/"+url.PathEscape("strategies")), same},
	{"an escape of a plain letter", renamedPath("/v1/authcredentials/strategies", "/v1/authcredentials/%73trategies"), same},
	{"text behind a parameter", renamedPath("/v1/destinations/{destinationId}/verify", "/v1/destinations/{destinationId}:verify"), served},
	{"text round a parameter", renamedPath("/v1/authcredentials/{id}", "/v1/authcredentials/c-{id}.json"), judged},
	{"another name of a parameter", replaced("/v1/authcredentials/{id}", "/v1/authcredentials/{one}", "name: id\n", "name: one\n"), served},
	{"parameters of each operation", func(tree *yaml.Node) {
		for _, path := range []string{"/v1/authcredentials/{id}", "/v1/destinations/{destinationId}"} {
			item := get(tree, "paths", path)
			parameters := take(item, "parameters")
			for _, method := range []string{"get", "patch", "delete"} {
				put(get(item, method), "parameters", parameters)
			}
		}
	}, same},
}

func renamedPath(from, to string) func(*yaml.Node) {
	return func(tree *yaml.Node) { rename(get(tree, "paths"), from, to) }
}
