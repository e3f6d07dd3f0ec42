package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// shown returns the request as its parts, as HTTP and as a line for curl. Secrets are masked; the curl line reads them from
// variables.
func (t *tokenRequest) shown() map[string]any {
	body := map[string]any{}
	for _, one := range t.parameters {
		body[one.name] = one.masked()
	}
	headers := map[string]any{}
	for _, header := range t.Headers() {
		headers[header[0]] = header[1]
	}
	notes := make([]any, len(t.notes))
	for i, note := range t.notes {
		notes[i] = note
	}
	return map[string]any{
		"request": map[string]any{"method": http.MethodPost, "url": t.url, "headers": headers, "body": body},
		"http":    t.asHTTP(), "curl": t.asCurl(), "notes": notes,
	}
}

// masked returns the value, or a mask if it is secret.
func (p *sentParameter) masked() string {
	if p.secret {
		return string(censor.MaskText)
	}
	return p.value
}

// Headers returns the names and values of the headers, with secrets masked. The length of a body with a secret is masked too.
func (t *tokenRequest) Headers() [][2]string {
	length := strconv.Itoa(len(t.body(func(one sentParameter) string { return t.encode(one.value) })))
	if slices.ContainsFunc(t.parameters, func(one sentParameter) bool { return one.secret }) {
		length = string(censor.MaskText)
	}
	headers := [][2]string{{"User-Agent", userAgent}, {"Connection", "close"}, {"Content-Length", length},
		{"Accept", serve.MediaTypeJSON}, {"Content-Type", t.mediaType}}
	if t.basic {
		headers = append(headers, [2]string{"Authorization", "Basic " + string(censor.MaskText)})
	}
	return headers
}

// asHTTP returns the request as sent, with secrets masked.
func (t *tokenRequest) asHTTP() string {
	target, err := url.Parse(t.url)
	if err != nil {
		return "" // tokenRequestOf parsed it already
	}
	var text strings.Builder
	text.WriteString("POST " + target.RequestURI() + " HTTP/1.1\r\nHost: " + target.Host + "\r\n")
	for _, header := range t.Headers() {
		text.WriteString(header[0] + ": " + header[1] + "\r\n")
	}
	text.WriteString("\r\n" + t.body(func(one sentParameter) string {
		if one.secret && !t.json {
			return one.masked() // an encoded mask would be harder to read
		}
		return t.encode(one.masked())
	}))
	return text.String()
}

// asCurl returns a shell command that sends the request, with each secret in a variable.
func (t *tokenRequest) asCurl() string {
	parts := []string{"curl --request POST " + shellQuoted(t.url), "--header " + shellQuoted("Accept: "+serve.MediaTypeJSON),
		"--header " + shellQuoted("Content-Type: "+t.mediaType)}
	if strings.ContainsAny(t.url, "{[") {
		parts = append(parts, "--globoff") // otherwise curl makes several URLs of it
	}
	if t.basic {
		parts = append(parts, "--user "+shellQuoted(t.id+":")+ShellVariable(fieldClientSecret))
	}
	if t.json {
		parts = append(parts, "--data-binary "+t.jsonForShell())
	} else {
		for _, one := range t.parameters {
			value := shellQuoted(url.QueryEscape(one.name) + "=" + one.value)
			if one.secret {
				value = shellQuoted(url.QueryEscape(one.name)+"=") + ShellVariable(one.field)
			}
			parts = append(parts, "--data-urlencode "+value)
		}
	}
	return strings.Join(parts, " \\\n  ")
}

// jsonForShell returns the body in single quotes, interrupted by the variables.
func (t *tokenRequest) jsonForShell() string {
	const mark = "\x00" // JSON escapes it, so no value contains it
	body := t.body(func(one sentParameter) string {
		if one.secret {
			return `"` + mark + one.field + mark + `"`
		}
		return quoted(one.value)
	})
	var text strings.Builder
	for i, part := range strings.Split(body, mark) {
		if i%2 == 0 {
			text.WriteString(shellQuoted(part))
		} else {
			text.WriteString(ShellVariable(part))
		}
	}
	return text.String()
}

func shellQuoted(text string) string { return foreign.Text(text).Shell() }

// ShellVariable returns the expansion of the variable for a field, to follow a quoted part.
func ShellVariable(field string) string {
	if field == fieldRefreshName {
		field = "refreshToken" // the field holds the name of the token
	}
	var name strings.Builder
	for _, letter := range field {
		if unicode.IsUpper(letter) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToUpper(letter))
	}
	return `"$` + name.String() + `"`
}
