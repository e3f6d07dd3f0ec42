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
	broken("redaction/token/header", "A header of every answer repeats the bearer token.", "redaction/token",
		after("create get list update delete strategies", func(e *exchange) {
			e.header.Set("X-Caller", strings.TrimPrefix(e.request.Header.Get("Authorization"), "Bearer "))
		})),
	broken("redaction/token/error", "A refusal repeats the header of the request.", "redaction/token",
		inErrors("create get list update delete", func(e *exchange) {
			if e.answer != nil {
				e.answer["request"] = map[string]any{"Authorization": e.request.Header.Get("Authorization")}
			}
		})),
	broken("redaction/token/base64", "meta holds the caller in base64.", "redaction/token", afterSuccess("get", func(e *exchange) {
		inMeta(e, nil, "", base64Of(e.request.Header.Get("Authorization")))
	})),
}
