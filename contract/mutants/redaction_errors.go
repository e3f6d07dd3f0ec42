package mutants

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/credmock/credmock"
)

// inErrors returns a fault that changes refusals.
func inErrors(names string, change func(*exchange)) fault {
	return after(names, func(e *exchange) {
		if e.refused() {
			change(e)
		}
	})
}

// quotes repeats the client's input in a refusal.
func quotes(names string, written func(e *exchange) string) fault {
	return inErrors(names, func(e *exchange) {
		if e.answer != nil {
			e.answer["received"] = written(e)
		}
	})
}

// when limits a fault to refusals with one status.
func when(status int, one fault) fault {
	return fault{after: func(e *exchange) {
		if e.status == status {
			one.after(e)
		}
	}}
}

func sentText(e *exchange) string { return string(e.text) }

// sentSecrets returns the values with names of secrets, of any type.
func sentSecrets(e *exchange) string {
	var values []string
	for _, name := range credmock.Default().Secrets() {
		if value, there := e.body[name]; there {
			values = append(values, fmt.Sprint(value))
		}
	}
	return strings.Join(values, ", ")
}

// wrongSecrets returns the secrets of a wrong type, as a validator would print them.
func wrongSecrets(e *exchange) string {
	text := ""
	for _, name := range credmock.Default().Secrets() {
		if value, there := e.body[name]; there && value != nil {
			if _, isText := value.(string); !isText {
				text += fmt.Sprintf("%s: %v is not a string. ", name, value)
			}
		}
	}
	return text
}

// unknownMembers returns the values of undescribed members.
func unknownMembers(e *exchange) string {
	text := ""
	for name, value := range e.body {
		if strings.HasSuffix(name, "s") && credmock.Default().Strategies[0].Create.Property(name) == nil {
			text += fmt.Sprintf("unknown member %s with %v. ", name, value)
		}
	}
	return text
}

// brokenText returns the text around the place where a body stops being JSON.
func brokenText(e *exchange) string {
	if e.body != nil || json.Valid(e.text) {
		return ""
	}
	return "cannot parse " + string(e.text[:min(len(e.text), 4096)])
}

var redactionErrors = []Mutant{
	broken("redaction/create/error-body", "A refusal of create repeats the body.", "redaction/create/error", quotes("create", sentText)),
	broken("redaction/update/error-body", "A refusal of update repeats the body.", "redaction/update/error", quotes("update", sentText)),
	broken("redaction/create/error-values", "A refusal of create names the values of the secrets.", "redaction/create/error",
		quotes("create", sentSecrets)),
	broken("redaction/update/error-base64", "A refusal of update holds the body in base64.", "redaction/update/error",
		quotes("update", func(e *exchange) string { return base64Of(string(e.text)) })),
	broken("redaction/create/error-wrong-type", "A validator prints the secret whose type is wrong.", "redaction/create/error",
		quotes("create", wrongSecrets)),
	broken("redaction/update/error-wrong-type", "A validator prints the secret whose type is wrong, on update.", "redaction/update/error",
		quotes("update", wrongSecrets)),
	broken("redaction/create/error-misspelt", "A refusal prints the value of a misspelt secret.", "redaction/create/error",
		quotes("create", unknownMembers)),
	broken("redaction/create/error-malformed", "A parser prints what it cannot read.", "redaction/create/error", quotes("create", brokenText)),
	broken("redaction/update/error-malformed", "A parser prints what it cannot read, on update.", "redaction/update/error",
		quotes("update", brokenText)),
	broken("redaction/create/error-unauthenticated", "A 401 on create repeats the body.", "redaction/create/error",
		when(http.StatusUnauthorized, quotes("create", sentText))),
	broken("redaction/create/error-forbidden", "A 403 on create repeats the body.", "redaction/create/error",
		when(http.StatusForbidden, quotes("create", sentText))),
	broken("redaction/update/error-media-type", "A refused media type repeats the body.", "redaction/update/error",
		when(http.StatusUnsupportedMediaType, quotes("update", sentText))),
	broken("redaction/create/error-html", "An error page of HTML holds the body, escaped.", "redaction/create/error",
		inErrors("create", func(e *exchange) {
			e.replyText(e.status, "text/html", "<html><body><h1>Error</h1><pre>"+html.EscapeString(string(e.text))+"</pre></body></html>")
		})),
	broken("redaction/update/error-header", "A header of a refusal holds the secret.", "redaction/update/error",
		inErrors("update", func(e *exchange) {
			if secrets := sentSecrets(e); !strings.ContainsAny(secrets, "\r\n") {
				e.header.Set("X-Error", secrets)
			}
		})),
	broken("redaction/create/error-pointer", "The pointer of a refusal holds the value.", "redaction/create/error",
		inErrors("create", func(e *exchange) {
			if e.answer != nil {
				e.answer["errors"] = []any{map[string]any{"code": "refused", "message": "It was refused.",
					"pointer": "/clientSecret/" + sentSecrets(e)}}
			}
		})),
	broken("redaction/update/error-aws", "A refusal of update repeats the body for AwsSigv4 alone.", "redaction/update/error/AwsSigv4",
		quotes("update", func(e *exchange) string {
			if e.body["secretKey"] == nil {
				return ""
			}
			return sentText(e)
		})),
	broken("redaction/update/redirect", "A refused update is redirected with its body in the query.", "redaction/update/error",
		inErrors("update", func(e *exchange) {
			e.reply(http.StatusSeeOther, nil)
			e.header.Set("Location", "/platform/error?body="+percent(sentSecrets(e)))
		})),
	careless("redaction/token/header", "A header of every answer repeats the bearer token.", "redaction/token",
		after("create get list update delete strategies", func(e *exchange) {
			e.header.Set("X-Caller", strings.TrimPrefix(e.request.Header.Get("Authorization"), "Bearer "))
		})),
	careless("redaction/token/error", "A refusal repeats the header of the request.", "redaction/token",
		inErrors("create get list update delete", func(e *exchange) {
			if e.answer != nil {
				e.answer["request"] = map[string]any{"Authorization": e.request.Header.Get("Authorization")}
			}
		})),
	careless("redaction/token/base64", "meta holds the caller in base64.", "redaction/token", afterSuccess("get", func(e *exchange) {
		inMeta(e, nil, "", base64Of(e.request.Header.Get("Authorization")))
	})),
}

// asksFor tells whether a query has one of some names with a value, or with any if it is empty.
func asksFor(e *exchange, names, value string) bool {
	query := e.request.URL.Query()
	for _, name := range strings.Fields(names) {
		if query.Has(name) && (value == "" || strings.Contains(query.Get(name), value)) {
			return true
		}
	}
	return false
}

// showsIf shows the secrets of a credential to whoever asks in some way.
func showsIf(names string, asked func(e *exchange) bool) fault {
	return shownOf(names, raw, underOther, func(e *exchange, id string) map[string]string {
		if !asked(e) {
			return nil
		}
		return e.secrets(id)
	})
}

// undescribed changes answers to requests with a method on the path of an operation, given by its name. The document does not have the
// method there.
func undescribed(method, name string, change func(e *exchange, id string)) fault {
	return fault{after: func(e *exchange) {
		if id, matches := isOnPath(e, name); e.operation == nil && e.request.Method == method && matches {
			change(e, id)
		}
	}}
}

// repeatsBody answers with the body of the request.
func repeatsBody(e *exchange, _ string) {
	if e.answer != nil {
		e.answer["received"] = string(e.text)
	}
}

// askedFaults show secrets to those who ask in another way than the document has.
var askedFaults = []Mutant{
	broken("redaction/get/expand", "get with expand=secrets shows the secrets.", "redaction/negotiated",
		showsIf("get", func(e *exchange) bool { return asksFor(e, "expand", "secrets") })),
	broken("redaction/get/fields", "get with the name of a secret among the fields shows it.", "redaction/negotiated",
		showsIf("get", func(e *exchange) bool { return asksFor(e, "fields select", "clientSecret") })),
	broken("redaction/list/include-all", "list with include=all shows the secrets.", "redaction/negotiated",
		showsIf("list", func(e *exchange) bool { return asksFor(e, "include", "all") })),
	broken("redaction/get/unredacted", "get with redact=false shows the secrets.", "redaction/negotiated",
		showsIf("get", func(e *exchange) bool { return asksFor(e, "redact", "false") })),
	broken("redaction/get/header-asks", "get with X-Include-Secrets shows the secrets.", "redaction/negotiated",
		showsIf("get", func(e *exchange) bool { return e.request.Header.Get("X-Include-Secrets") == "true" })),
	broken("redaction/list/from-inside", "list shows the secrets to a request that claims to be local.", "redaction/negotiated",
		showsIf("list", func(e *exchange) bool { return e.request.Header.Get("X-Forwarded-For") == "127.0.0.1" })),
	broken("redaction/get/yaml", "get as YAML shows the secrets.", "redaction/negotiated",
		showsIf("get", func(e *exchange) bool { return strings.Contains(e.request.Header.Get("Accept"), "yaml") })),
	broken("redaction/get/aws-verbose", "get with verbose shows the secrets of AwsSigv4.", "redaction/negotiated/AwsSigv4",
		showsIf("get", func(e *exchange) bool { return e.strategy() == aws && asksFor(e, "verbose", "") })),
	broken("redaction/create/debug", "create with debug=true repeats the body.", "redaction/asked/writes",
		afterSuccess("create", func(e *exchange) {
			if asksFor(e, "debug", "true") {
				repeatsBody(e, "")
			}
		})),
	broken("redaction/update/debug-error", "A refusal of update with debug=true repeats the body.", "redaction/asked/writes",
		inErrors("update", func(e *exchange) {
			if asksFor(e, "debug trace", "true") {
				repeatsBody(e, "")
			}
		})),
	broken("redaction/put/echo", "The refusal of PUT on a credential repeats the body.", "redaction/methods/get",
		undescribed(http.MethodPut, "get", repeatsBody)),
	broken("redaction/post/destination", "The refusal of POST on a destination repeats the body.", "redaction/methods/destination-get",
		undescribed(http.MethodPost, "destination-get", repeatsBody)),
	broken("redaction/trace/echo", "TRACE on the list repeats the request.", "redaction/methods/list",
		undescribed(http.MethodTrace, "list", func(e *exchange, _ string) {
			e.replyText(http.StatusOK, "message/http", "TRACE "+e.request.URL.Path+" HTTP/1.1\r\n\r\n"+string(e.text))
		})),
	broken("redaction/options/newest", "OPTIONS where credentials are created shows the secrets of the newest.", "redaction/methods/create",
		undescribed(http.MethodOptions, "create", func(e *exchange, _ string) {
			e.grant(map[string]any{"example": e.newestSecrets()})
		})),
	broken("redaction/path/secrets", "A path below a credential shows its secrets.", "redaction/paths", fault{after: func(e *exchange) {
		path, found := strings.CutSuffix(e.request.URL.Path, "/secrets")
		if secrets := e.secrets(path[strings.LastIndexByte(path, '/')+1:]); found && e.request.Method == http.MethodGet && secrets != nil {
			e.grant(map[string]any{"secrets": secrets})
		}
	}}),
	broken("redaction/path/unknown-echo", "A path that nothing has repeats the body.", "redaction/paths", fault{after: func(e *exchange) {
		if e.status == http.StatusNotFound && e.operation == nil {
			repeatsBody(e, "")
		}
	}}),
}
