package mutants

import (
	"net/http"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/lazy"
)

const (
	oauth  = "OAuth_2.0_2-legged"
	smart  = "SMART_Backend"
	aws    = "AwsSigv4"
	google = "GoogleWIF"
	grant  = "client_credentials"
	anyURL = "https://auth.example.com/oauth/token"
)

// forgets accepts an update without a required field, and keeps its stored value.
func forgets(strategy, member string) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if _, there := body[member]; !there && (strategy == "" || e.strategy() == strategy) && e.shown(e.id)[member] != nil {
			body[member] = e.shown(e.id)[member]
		}
	})
}

// forgetsNull accepts null likewise.
func forgetsNull(member string) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if value, there := body[member]; there && value == nil && e.shown(e.id)[member] != nil {
			body[member] = e.shown(e.id)[member]
		}
	})
}

// refusesAfterDoing refuses a request, but executes it with its missing members.
func refusesAfterDoing(names string, mend func(e *exchange, body map[string]any)) fault {
	return inErrors(names, func(e *exchange) {
		if e.body == nil || e.status != http.StatusBadRequest {
			return
		}
		body := without(e.body, "")
		mend(e, body)
		e.ask(e.request.Method, e.request.URL.Path, body)
	})
}

// mendRequired adds the missing members to an OAuth body.
func mendRequired(_ *exchange, body map[string]any) {
	if body["grantType"] != grant {
		body["grantType"] = grant
	}
	if _, isText := body["url"].(string); !isText {
		body["url"] = anyURL
	}
}

// otherStatus changes the status of a refusal.
func otherStatus(names string, from, to int) fault {
	return after(names, func(e *exchange) {
		if e.status == from {
			e.status = to
		}
	})
}

// lacks tells whether a body has no such member.
func lacks(member string) func(*exchange) bool {
	return func(e *exchange) bool {
		_, there := e.body[member]
		return e.body != nil && !there
	}
}

// respells reads grantType generously.
func respells(names string, read func(string) string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if value, isText := body["grantType"].(string); isText && read(value) == grant {
			body["grantType"] = grant
		}
	})
}

var requiredFaults = []Mutant{
	broken("required/create/case", "create takes the names of members in any case.", "required/create/case", anyCase("create")),
	broken("required/update/case", "update takes the names of members in any case.", "required/update/case", anyCase("update")),
	broken("required/create/grant-type", "create takes a body without grantType.", "required/create/grantType",
		fillIn("create", oauth, "grantType", grant)),
	broken("required/create/url", "create takes a body without url.", "required/create/url", fillIn("create", oauth, "url", anyURL)),
	broken("required/update/grant-type", "update takes a body without grantType, as other APIs do.", "required/update/grantType",
		forgets(oauth, "grantType")),
	broken("required/update/url", "update takes a body without url.", "required/update/url", forgets(oauth, "url")),
	broken("required/update/smart-grant-type", "update of SMART_Backend takes a body without grantType.",
		"required/update/grantType/SMART_Backend", forgets(smart, "grantType")),
	broken("required/update/smart-url", "update of SMART_Backend takes a body without url.", "required/update/url/SMART_Backend",
		forgets(smart, "url")),
	broken("required/create/smart-grant-type", "create of SMART_Backend takes a body without grantType.",
		"required/create/grantType/SMART_Backend", fillIn("create", smart, "grantType", grant)),
	broken("required/create/smart-url", "create of SMART_Backend takes a body without url.", "required/create/url/SMART_Backend",
		fillIn("create", smart, "url", anyURL)),
	broken("required/create/grant-type-null", "create takes null as grantType.", "required/create/grantType/null",
		replaceNull("create", oauth, "grantType", grant)),
	broken("required/create/url-null", "create takes null as url.", "required/create/url/null", replaceNull("create", oauth, "url", anyURL)),
	broken("required/update/grant-type-null", "update takes null as grantType.", "required/update/grantType/null", forgetsNull("grantType")),
	broken("required/update/url-null", "update takes null as url.", "required/update/url/null", forgetsNull("url")),
	broken("required/create/url-type", "create takes a number as url.", "required/create/url/type",
		replaceType("create", oauth, "url", anyURL)),
	broken("required/update/url-type", "update takes a number as url, as text.", "required/update/url/type",
		replaceType("update", oauth, "url", anyURL)),
	broken("required/create/grant-type-value", "create takes any grantType.", "required/create/grantType/value",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if _, isText := body["grantType"].(string); isText {
				body["grantType"] = grant
			}
		})),
	broken("required/update/grant-type-value", "update takes any grantType.", "required/update/grantType/value",
		inBodies("update", func(_ *exchange, body map[string]any) {
			if _, isText := body["grantType"].(string); isText {
				body["grantType"] = grant
			}
		})),
	broken("required/create/grant-type-upper", "create takes grantType in another case.", "required/create/grantType/value",
		respells("create", strings.ToLower)),
	broken("required/update/grant-type-blanks", "update takes grantType with blanks around it.", "required/update/grantType/value",
		respells("update", strings.TrimSpace)),
	broken("required/update/grant-type-hyphen", "update takes a hyphen in grantType.", "required/update/grantType/value",
		respells("update", func(value string) string { return strings.ReplaceAll(value, "-", "_") })),
	broken("required/update/refused-and-done", "update without grantType or url is refused, and done.", "required/update/grantType",
		refusesAfterDoing("update", mendRequired)),
	broken("required/create/refused-and-done", "create without url is refused, and leaves a credential.", "required/create/url",
		refusesAfterDoing("create", mendRequired)),
	broken("required/create/ok-with-errors", "A body without url is answered with 200 and an error in it.", "required/create/url",
		otherStatus("create", http.StatusBadRequest, http.StatusOK)),
	broken("required/update/not-found", "A body without grantType is answered with 404.", "required/update/grantType",
		otherStatus("update", http.StatusBadRequest, http.StatusNotFound)),
	broken("required/update/conflict", "A faulty update is answered with 409.", "required/update/url/type",
		otherStatus("update", http.StatusBadRequest, http.StatusConflict)),
	broken("required/create/server-error", "A body without grantType is answered with 500.", "required/create/grantType",
		refuseWhen("create", http.StatusInternalServerError, lacks("grantType"))),
	careless("required/create/name", "create takes a body without name.", "required/create/name", fillIn("create", "", "name", "unnamed")),
	careless("required/create/environment", "create takes a body without environmentId, where the organization has a first environment.",
		"required/create/environmentId", fillFromMemory("environmentId")),
	careless("required/create/aws-region", "create of AwsSigv4 takes a body without awsRegion.", "required/create/awsRegion/AwsSigv4",
		fillIn("create", aws, "awsRegion", "us-east-1")),
	careless("required/create/aws-secret", "create of AwsSigv4 takes a body without secretKey.", "required/create/secretKey/AwsSigv4",
		fillIn("create", aws, "secretKey", "none")),
	careless("required/create/google-audience", "create of GoogleWIF takes a body without audience.", "required/create/audience/GoogleWIF",
		fillIn("create", google, "audience", "//iam.googleapis.com/none")),
	careless("required/create/google-token-url-null", "create of GoogleWIF takes null as token_url.",
		"required/create/token_url/null/GoogleWIF", replaceNull("create", google, "token_url", anyURL)),
	broken("required/update/snake", "update takes the names of members in snake case.", "required/update/grantType/SMART_Backend",
		inBodies("update", func(_ *exchange, body map[string]any) {
			for _, property := range credmock.Default().Strategy(oauth).Create.Properties {
				snake := capital().ReplaceAllStringFunc(property.Name, func(letter string) string { return "_" + strings.ToLower(letter) })
				if value, there := body[snake]; there && snake != property.Name {
					delete(body, snake)
					body[property.Name] = value
				}
			}
		})),
}

var capital = lazy.Regexp(`[A-Z]`)

// fillFromMemory adds the value of the first create.
func fillFromMemory(member string) fault {
	return fault{
		before: func(e *exchange) {
			if !e.is("create") || e.body == nil {
				return
			}
			if first := e.noted("first", member); first != nil {
				e.rewrite(func(body map[string]any) {
					if _, there := body[member]; !there {
						body[member] = first
					}
				})
			}
		},
		after: func(e *exchange) {
			if e.is("create") && e.success() && e.body[member] != nil {
				e.noteFirst(e.body[member], "first", member)
			}
		},
	}
}

// anyCase reads the names of members in any case.
func anyCase(names string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		for _, property := range credmock.Default().Strategy(oauth).Create.Properties {
			for name, value := range body {
				if name != property.Name && strings.EqualFold(name, property.Name) {
					delete(body, name)
					body[property.Name] = value
				}
			}
		}
	})
}
