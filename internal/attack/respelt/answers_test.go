package respelt

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// eachContent visits what stands under every content.
func eachContent(tree *yaml.Node, visit func(content *yaml.Node)) {
	each(tree, func(node *yaml.Node) {
		if content := get(node, "content"); content != nil && content.Kind == yaml.MappingNode {
			visit(content)
		}
	})
}

func mediaType(to string) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		eachContent(tree, func(content *yaml.Node) { rename(content, "application/json", to) })
	}
}

var respeltAnswers = []respelling{
	{"a media type with a parameter", mediaType("application/json; charset=utf-8"), same},
	{"a media type with a quoted parameter", mediaType(`application/json;charset="utf-8"`), same},
	{"a media type in capitals", mediaType("Application/JSON"), same},
	{"any media type of application", func(tree *yaml.Node) {
		eachContent(tree, func(content *yaml.Node) { rename(content, "application/json", "application/*") })
	}, same},
	{"any media type", mediaType("*/*"), same},
	{"several media types", func(tree *yaml.Node) {
		eachContent(tree, func(content *yaml.Node) {
			if get(content, "application/json") != nil {
				content.Content = append([]*yaml.Node{parse("application/xml"), parse("{schema: {type: string}}")}, content.Content...)
				put(content, "text/plain", parse("{schema: {type: string}}"))
			}
		})
	}, same},
	{"the same media type twice", func(tree *yaml.Node) {
		eachContent(tree, func(content *yaml.Node) {
			if media := get(content, "application/json"); media != nil && get(media, "schema", "$ref") != nil {
				put(content, "application/json; charset=utf-8", media)
			}
		})
	}, same},
	{"204 for delete", func(tree *yaml.Node) {
		for _, path := range []string{"/v1/authcredentials/{id}", "/v1/destinations/{destinationId}"} {
			responses := get(tree, "paths", path, "delete", "responses")
			take(responses, "200")
			put(responses, "204", parse("{description: It is gone.}"))
		}
	}, judged},
	{"200 alone for create", func(tree *yaml.Node) { take(get(tree, "paths", "/v1/authcredentials", "post", "responses"), "201") }, judged},
	{"2XX", func(tree *yaml.Node) {
		each(get(tree, "paths"), func(node *yaml.Node) {
			if get(node, "201") != nil {
				take(node, "200")
			}
			rename(node, "200", "2XX")
			rename(node, "201", "2XX")
		})
	}, same},
	{"2xx", func(tree *yaml.Node) {
		each(get(tree, "paths"), func(node *yaml.Node) {
			if get(node, "201") == nil {
				rename(node, "200", "2xx")
			}
		})
	}, same},
	{"4XX", replacedErrors("4XX"), same},
	{"default for every error", replacedErrors("default"), same},
	{"unquoted statuses", func(tree *yaml.Node) {
		each(tree, func(node *yaml.Node) {
			for i := 0; i < len(node.Content); i += 2 {
				if key := node.Content[i]; len(key.Value) == 3 && strings.Trim(key.Value, "0123456789") == "" {
					node.Content[i] = parse(key.Value)
				}
			}
		})
	}, same},
	{"what nobody serves", func(tree *yaml.Node) {
		put(get(tree, "components", "responses", "OneCredential"), "links", parse("{next: {operationId: getAuthCredential}}"))
		put(get(tree, "paths", "/v1/authcredentials", "post"), "callbacks", parse("{changed: {'{$request.body#/url}': {post: {responses: "+
			"{'200': {description: Fine.}}}}}}"))
		put(get(tree, "components", "securitySchemes"), "oauth", parse("{type: oauth2, flows: {clientCredentials: {tokenUrl: "+
			"'https://a.example/t', scopes: {}}}}"))
		put(get(tree, "paths", "/v1/authcredentials", "post"), "security", parse("[{bearer: []}, {oauth: []}]"))
	}, same},
}

func replacedErrors(name string) func(*yaml.Node) {
	return func(tree *yaml.Node) {
		each(get(tree, "paths"), func(node *yaml.Node) {
			var last *yaml.Node
			for _, status := range []string{"400", "401", "403", "404", "405", "409", "413", "415"} {
				if found := take(node, status); found != nil {
					last = found
				}
			}
			if last != nil {
				put(node, name, last)
			}
		})
	}
}
