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
func (t *tokenRequest) shown(c *serve.Call) map[string]any {
	shown := outbound.Description(c, t.credential, t.notes, t.describe())
	listed := shown["requests"].([]any)[0].(map[string]any)
	request := map[string]any{}
	for _, name := range []string{"method", "url", "headers", "body", "decoded"} {
		if listed[name] != nil {
			request[name] = listed[name]
		}
	}
	shown["request"], shown["http"], shown["curl"] = request, listed["http"], listed["curl"]
	return shown
}

// describe returns the request as it is shown.
func (t *tokenRequest) describe() *outbound.Request {
	parts := map[string]any{}
	for _, one := range t.parameters {
		parts[one.name] = one.masked()
	}
	return &outbound.Request{
		To: outbound.AtTokenEndpoint, Method: http.MethodPost, URL: t.url, URLField: t.credential.Name(roleURL), Headers: t.Headers(),
		Body: t.spans(), Parts: parts, Decoded: t.decoded, Behind: t.behind, Curl: t.asCurl(),
	}
}

// spans returns the body as it is shown.
func (t *tokenRequest) spans() []outbound.Span {
	var spans []outbound.Span
	for i, one := range t.parameters {
		name, value, is, before, kind := url.QueryEscape(one.name), url.QueryEscape(one.masked()), "=", "&", "parameter "
		switch {
		case t.json:
			name, value, is, before, kind = quoted(one.name), quoted(one.masked()), ":", ",", "member "
		case one.secret:
			value = one.masked() // an encoded mask would be harder to read
		}
		if i > 0 {
			spans = append(spans, outbound.Plain(before))
		}
		spans = append(spans, outbound.From("name of the "+kind+one.name, name, one.nameFrom), outbound.Plain(is),
			outbound.From(kind+one.name, value, one.from...))
	}
	if t.json {
		return slices.Concat([]outbound.Span{outbound.Plain("{")}, spans, []outbound.Span{outbound.Plain("}")})
	}
	return spans
}

// masked returns the value, or a mask if it is secret.
func (p *sentParameter) masked() string {
	if p.secret {
		return string(censor.MaskText)
	}
	return p.value
}

// Headers returns the headers, with secrets masked. The length of a body with a secret is masked too.
func (t *tokenRequest) Headers() []outbound.Header {
	length := strconv.Itoa(len(t.body(func(one sentParameter) string { return t.encode(one.value) })))
	if slices.ContainsFunc(t.parameters, func(one sentParameter) bool { return one.secret }) {
		length = string(censor.MaskText)
	}
	headers := []outbound.Header{outbound.Line("User-Agent", outbound.UserAgent), outbound.Line("Connection", "close"),
		outbound.Line("Content-Length", length), outbound.Line("Accept", serve.MediaTypeJSON),
		{Name: "Content-Type", Value: []outbound.Span{
			outbound.From("header Content-Type", t.mediaType, nameIfSet(t.credential, roleContentType)),
		}}}
	if t.basic {
		identity := outbound.From("header Authorization", string(censor.MaskText), nameIfSet(t.credential, roleClientID),
			nameIfSet(t.credential, roleClientSecret))
		headers = append(headers, outbound.Header{Name: "Authorization", Value: []outbound.Span{outbound.Plain("Basic "), identity}})
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
