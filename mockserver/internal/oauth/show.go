package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// shown returns the answer that describes the request. Its members request, http and curl are those of its only request.
func (t *tokenRequest) shown() map[string]any {
	described := t.describe()
	shown, request := outbound.Description(t.notes, described), described.Shown()
	shown["http"], shown["curl"] = request["http"], request["curl"]
	delete(request, "http")
	delete(request, "curl")
	shown["request"] = request
	return shown
}

// describe returns the request as it is shown.
func (t *tokenRequest) describe() *outbound.Request {
	parts := map[string]any{}
	for _, one := range t.parameters {
		parts[one.name] = one.masked()
	}
	body := t.body(func(one sentParameter) string {
		if one.secret && !t.json {
			return one.masked() // an encoded mask would be harder to read
		}
		return t.encode(one.masked())
	})
	return &outbound.Request{
		Method: http.MethodPost, URL: t.url, Headers: t.Headers(), Body: body, Parts: parts, Decoded: t.decoded, Curl: t.asCurl(),
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
	headers := [][2]string{{"User-Agent", outbound.UserAgent}, {"Connection", "close"}, {"Content-Length", length},
		{"Accept", serve.MediaTypeJSON}, {"Content-Type", t.mediaType}}
	if t.basic {
		headers = append(headers, [2]string{"Authorization", "Basic " + string(censor.MaskText)})
	}
	return headers
}

// asCurl returns a shell command that sends the request, with each secret in a variable.
func (t *tokenRequest) asCurl() string {
	parts := []string{"curl --request POST " + outbound.ShellQuoted(t.url), "--header " + outbound.ShellQuoted("Accept: "+serve.MediaTypeJSON),
		"--header " + outbound.ShellQuoted("Content-Type: "+t.mediaType), outbound.Globoff(t.url)}
	switch secret := outbound.ShellVariable(t.secretField); {
	case t.basic && t.encoded: // curl encodes nothing, so the variable must hold the encoded secret
		parts = append(parts, "--user "+outbound.ShellQuoted(url.QueryEscape(t.id)+":")+strings.TrimSuffix(secret, `"`)+`_ENCODED"`)
	case t.basic:
		parts = append(parts, "--user "+outbound.ShellQuoted(t.id+":")+secret)
	}
	if t.json {
		return outbound.Lines(append(parts, "--data-binary "+t.jsonForShell())...)
	}
	for _, one := range t.parameters {
		value := outbound.ShellQuoted(url.QueryEscape(one.name) + "=" + one.value)
		if one.secret {
			value = outbound.ShellQuoted(url.QueryEscape(one.name)+"=") + outbound.ShellVariable(one.field)
		}
		parts = append(parts, "--data-urlencode "+value)
	}
	return outbound.Lines(parts...)
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
			text.WriteString(outbound.ShellQuoted(part))
		} else {
			text.WriteString(outbound.ShellVariable(part))
		}
	}
	return text.String()
}
