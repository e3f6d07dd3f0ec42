package respelt

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// styled writes every mapping, list and text in a style.
func styled(style yaml.Style) func(*yaml.Node) {
	var set func(*yaml.Node)
	set = func(node *yaml.Node) {
		if node.Kind != yaml.ScalarNode || node.ShortTag() == "!!str" {
			node.Style = style
		}
		for _, inner := range node.Content {
			set(inner)
		}
	}
	return set
}

var respeltFiles = []respelling{
	{"every map reversed", func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			slices.Reverse(node.Content)
			for i := 0; i+1 < len(node.Content); i += 2 {
				node.Content[i], node.Content[i+1] = node.Content[i+1], node.Content[i]
			}
		})
	}, same},
	{"flow style", styled(yaml.FlowStyle), same},
	{"folded texts", styled(yaml.FoldedStyle), same},
	{"literal texts", styled(yaml.LiteralStyle), same},
	{"double quotes", styled(yaml.DoubleQuotedStyle), same},
	{"anchors and aliases", func(tree *yaml.Node) {
		properties := get(schemaOf(tree, "GoogleWif"), "properties")
		first := get(properties, "delegates", "oneOf").Content[1]
		first.Anchor = "list"
		get(properties, "scope", "oneOf").Content[1] = &yaml.Node{Kind: yaml.AliasNode, Value: "list", Alias: first}
	}, same},
	{"members without a value", func(tree *yaml.Node) {
		for _, node := range []*yaml.Node{tree, get(tree, "info"), schemaOf(tree, "Meta"), get(tree, "paths", "/v1/authcredentials", "post")} {
			put(node, "externalDocs", nothing())
		}
		put(get(tree, "paths", "/v1/authcredentials", "post"), "parameters", nothing())
		take(get(tree, "info"), "externalDocs")
	}, same},
}

var refusedSpellings = []respelling{
	{"an unquoted version", func(tree *yaml.Node) { put(get(tree, "info"), "version", parse("1.0")) },
		"info/version: this must be a text, and is a number without quotes; put it in quotes"},
	{"an unquoted version of OpenAPI", func(tree *yaml.Node) { put(tree, "openapi", parse("3.1")) },
		"openapi: this must be a text, and is a number without quotes; put it in quotes"},
	{"Swagger", func(tree *yaml.Node) { rename(tree, "openapi", "swagger") }, "swagger: this is a document of Swagger 2.0; OpenAPI 3.0"},
	{"another OpenAPI", func(tree *yaml.Node) { put(tree, "openapi", parse("4.0.0")) }, "openapi: OpenAPI 3.0 and 3.1 are read here"},
	{"no OpenAPI", func(tree *yaml.Node) { take(tree, "openapi") }, "the member openapi is missing, so this is no OpenAPI document"},
	{"a file beside", replaced("#/components/schemas/Meta'", "./common.yaml#/Meta'"), "refers to another file or host"},
	{"a URL", replaced("#/components/schemas/Meta'", "https://example.com/common.yaml#/Meta'"), "`redocly bundle FILE`"},
	{"a path item in a file", func(tree *yaml.Node) { put(get(tree, "paths"), "/v1/more", parse("{$ref: ./more.yaml}")) },
		`paths/"/v1/more"/$ref: this refers to another file or host`},
	{"a reference to nothing", replaced("#/components/schemas/Meta'", "#/components/schemas/Metas'"), "$ref: the reference leads nowhere"},
	{"a reference to itself", func(tree *yaml.Node) {
		put(get(tree, "components", "schemas"), "Meta", parse("{$ref: '#/components/schemas/Meta'}"))
	}, "$ref: the reference leads to itself"},
	{"a media type without anything", func(tree *yaml.Node) {
		put(get(tree, "paths"), "/v1/more", parse("{get: {operationId: more, responses: {'200': {description: x, content: {}}}}}"))
		put(get(tree, "paths", "/v1/more", "get", "responses", "200", "content"), "application/json", nothing())
	}, `paths/"/v1/more"/get/responses/200/content/"application/json": it has no value; describe it, or take it out`},
	{"a variable without a default", func(tree *yaml.Node) { put(server(tree), "url", parse("'https://a.example/{base}'")) },
		"servers/0/url: the variable {base} is not described; add it under variables, with a default"},
	{"two parameters in a path", func(tree *yaml.Node) {
		rename(get(tree, "paths"), "/v1/authcredentials/{id}", "/v1/{kind}/{id}")
		parameters := get(tree, "paths", "/v1/{kind}/{id}", "parameters")
		parameters.Content = append(parameters.Content, parse("{name: kind, in: path, required: true, schema: {type: string}}"))
	}, "a path has one parameter at most here"},
	{"a body in XML alone", func(tree *yaml.Node) {
		rename(get(tree, "paths", "/v1/authcredentials", "post", "requestBody", "content"), "application/json", "application/xml")
	}, "POST /v1/authcredentials: its body is described in application/xml alone; describe it in application/json"},
	{"an answer in XML alone", func(tree *yaml.Node) {
		rename(get(tree, "components", "responses", "OneCredential", "content"), "application/json", "application/xml")
	}, "it has no 200 or 201 answer in application/json"},
	{"readOnly beside a reference in 3.0", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "CredentialEnvelope"), "properties", "meta"), "readOnly", parse("true"))
	}, "properties/meta/readOnly: OpenAPI 3.0 ignores what stands beside $ref; put the $ref under allOf"},
	{"a type list in 3.0", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "Meta"), "properties", "version"), "type", parse("[string]"))
	},
		"version/type: a list of types is OpenAPI 3.1; write one type, and nullable: true if null is allowed"},
	{"const in 3.0", func(tree *yaml.Node) { put(get(schemaOf(tree, "Meta"), "properties", "version"), "const", parse("x")) },
		"const is a keyword of OpenAPI 3.1, and this document says that it is 3.0; write enum with one value"},
	{"what is not read of 3.1", all(modern, func(tree *yaml.Node) { put(schemaOf(tree, "Meta"), "if", parse("{required: [x]}")) }),
		"if is not read here; describe the values without it"},
	{"a misspelt keyword", func(tree *yaml.Node) { rename(schemaOf(tree, "Meta"), "required", "requird") },
		"components/schemas/Meta/requird: there is no such member here; did you mean required?"},
	{"types that contradict each other", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "OAuth2TwoLeggedCreate")), "properties", parse("{url: {type: number}}"))
	}, "two parts of allOf name different types, string and number"},
	{"an answer that must show what a create may leave out", func(tree *yaml.Node) {
		put(schemaOf(tree, "GoogleWifCredential"), "required", parse("[audience, token_url, lifetime]"))
	}, "GoogleWIF/lifetime: every answer must show it, and a create may leave it out"},
	{"a list that must show what a create may leave out", func(tree *yaml.Node) {
		put(schemaOf(tree, "CredentialListItem"), "properties", parse("{lifetime: {type: string}}"))
		required := get(schemaOf(tree, "CredentialListItem"), "required")
		required.Content = append(required.Content, parse("lifetime"))
		item := get(tree, "paths", "/v1/environments/{environmentId}/authcredentials", "get", "responses", "200", "content", "application/json")
		take(item, "example")
	}, "GoogleWIF/lifetime: every answer must show it, and a create may leave it out"},
	{"an environment in an answer with an unknown member", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "DestinationFields"), "properties", "environment"), "required", parse("[id, region]"))
		each(tree, func(node *yaml.Node) {
			if get(node, "id") != nil && get(node, "environmentFlag") != nil {
				put(node, "region", parse("eu"))
			}
		})
		take(get(schemaOf(tree, "Environment"), "properties"), "region")
		take(get(schemaOf(tree, "DestinationFields"), "properties", "environment", "properties"), "region")
	}, "destination/environment: the mock sets it, and cannot know its member region: no answer shows each environment with such a member"},
	{"an environment in an answer with a member of another type", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "DestinationFields"), "properties", "environment", "properties", "environmentFlag"), "type", parse("number"))
		withoutExamples(tree)
	}, "destination/environment: the mock sets it, and cannot know its member environmentFlag"},
	{"an organization in an answer with an unknown member", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "Environment"), "properties", "organization"), "required", parse("[id, name]"))
		withoutExamples(tree)
	}, "environment/organization: the mock sets it, and cannot know its member name: an organization has one member here, its number"},
	{"an id that is a number", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "DestinationFields"), "properties", "id"), "type", parse("integer"))
		withoutExamples(tree)
	}, "destination/id: the mock sets it to a text such as 0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11, which is not allowed here"},
	{"an id of another form", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "CredentialMetadata"), "properties", "id"), "pattern", parse("'^c-[0-9]+$'"))
		withoutExamples(tree)
	}, "AwsSigv4/id: the mock sets it to a text such as"},
	{"a body of too many forms", func(tree *yaml.Node) {
		parts := make([]*yaml.Node, 7) // 2 alternatives in each make 128 forms
		for i := range parts {
			parts[i] = parse(fmt.Sprintf("{oneOf: [{required: [a%d]}, {required: [b%d]}]}", i, i))
		}
		put(get(createBody(tree), "schema"), "allOf", list(parts...))
		take(createBody(tree), "examples")
	}, "POST /v1/authcredentials: its body has more than 100 forms"},
	{"an answer of too many forms", func(tree *yaml.Node) {
		payload := get(schemaOf(tree, "CredentialEnvelope"), "properties", "payload")
		for i := range 101 {
			form := parse("{$ref: '#/components/schemas/AwsSigv4Credential'}")
			if i == 0 {
				form = parse("{type: object}")
			}
			get(payload, "anyOf").Content = append(get(payload, "anyOf").Content, form)
		}
	}, "its answer has more than 100 forms"},
	{"a part that refuses the members of the others", func(tree *yaml.Node) {
		put(schemaOf(tree, "AwsSigv4"), "additionalProperties", parse("false"))
	}, "additionalProperties: false in one part of allOf refuses the members of the others"},
	{"one path in two spellings", func(tree *yaml.Node) {
		rename(get(tree, "paths"), "/v1/authcredentials/strategies", "/v1/one%20path")
		item := get(tree, "paths", "/v1/environments/{environmentId}/authcredentials")
		take(item, "parameters")
		rename(get(tree, "paths"), "/v1/environments/{environmentId}/authcredentials", "/v1/one path")
	}, "listAuthStrategies has the same method and path; give each operation its own"},
	{"a discriminator that names nothing", func(tree *yaml.Node) {
		discriminator := parse("{propertyName: authStrategy, mapping: {AwsSigv4: AwsSigv5Create}}")
		put(get(createBody(tree), "schema"), "discriminator", discriminator)
	}, "mapping/AwsSigv4: the reference leads nowhere"},
	{"a number that JSON cannot keep", func(tree *yaml.Node) {
		put(get(schemaOf(tree, "CredentialMetadata"), "properties", "organization"), "example", parse("9007199254740993"))
	}, "organization/example: the number is beyond 9007199254740992"},
}
