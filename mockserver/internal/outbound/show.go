package outbound

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// CheckURL returns why a field is no URL of an endpoint that a request can go to; empty if it is one.
func CheckURL(field, endpoint, address string) string {
	if strings.TrimLeft(address, " \t\r\n") != address {
		return field + " begins with a blank."
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.User != nil || target.Scheme != "http" && target.Scheme != "https" {
		return field + " is no URL of a " + endpoint + ": it needs http:// or https:// and a host, and no user or password."
	}
	return ""
}

// Masked stands for a secret.
const Masked = string(censor.MaskText)

// Request is a request as it is shown: without secrets.
type Request struct {
	To          string // step of the exchange that gets it
	Method, URL string
	URLField    string         // field that says the URL; may be empty
	Headers     []Header       // in the order in which they are sent
	Body        []Span         // as it is sent, but for secrets
	Parts       map[string]any // the decoded body; may be nil
	Decoded     map[string]any // further decoded parts, such as the claims of a token; may be nil
	Behind      []Part         // texts that the request is made of, such as the claims of a token
	Curl        string
}

// Shown returns the request as one of the entries of requests in an answer.
func (r *Request) Shown() map[string]any {
	headers := map[string]any{}
	for _, header := range r.Headers {
		headers[header.Name] = Joined(header.Value)
	}
	request := Part{"request", r.To, r.spans()}
	parts := []any{request.shown()}
	for _, one := range r.Behind {
		parts = append(parts, one.shown())
	}
	shown := map[string]any{"to": r.To, "method": r.Method, "url": r.URL, "headers": headers, "http": Joined(request.Text), "curl": r.Curl,
		"parts": parts}
	if r.Parts != nil {
		shown["body"] = r.Parts
	}
	if len(r.Decoded) > 0 {
		shown["decoded"] = r.Decoded
	}
	return shown
}

// spans returns the request as sent, with secrets masked.
func (r *Request) spans() []Span {
	target, err := url.Parse(r.URL)
	if err != nil {
		return nil // it was parsed before
	}
	spans := []Span{Plain(r.Method + " "), From("path of the URL", target.RequestURI(), r.URLField), Plain(" HTTP/1.1\r\n")}
	headers := r.Headers
	if !slices.ContainsFunc(headers, func(one Header) bool { return one.Name == "Host" }) {
		headers = slices.Concat([]Header{{"Host", []Span{From("header Host", target.Host, r.URLField)}}}, headers)
	}
	for _, header := range headers {
		spans = append(append(append(spans, Plain(header.Name+": ")), header.Value...), Plain("\r\n"))
	}
	return append(append(spans, Plain("\r\n")), r.Body...)
}

// Description returns the answer for the requests of a credential: one form for all kinds. It has the fields of the credential and, if
// the requests are for a token and a destination uses the credential, the request to the destination.
func Description(c *serve.Call, credential *model.Settings, notes []string, requests ...*Request) map[string]any {
	listed := make([]any, len(requests))
	for i, one := range requests {
		listed[i] = one.Shown()
	}
	shown := map[string]any{"requests": listed, "notes": Texts(notes), "fields": fieldsOf(credential)}
	if destination, address := UserOf(c, credential.ID); destination != nil && requests[len(requests)-1].To == AtTokenEndpoint {
		shown["delivery"] = Delivery(address).Shown()
	}
	return shown
}

// Answered adds the answers of the endpoints to a description. The last one is that of the whole.
func Answered(shown map[string]any, answers ...map[string]any) map[string]any {
	for i, answer := range answers {
		shown["requests"].([]any)[i].(map[string]any)["answer"], shown["answer"] = answer, answer
		if answer["differences"] != nil {
			shown["differences"] = answer["differences"]
		}
	}
	return shown
}

// ShellQuoted returns a text as one word of a shell.
func ShellQuoted(text string) string { return foreign.Text(text).Shell() }

// Globoff is an option that keeps curl from making several URLs of one with braces or brackets; empty if it has none.
func Globoff(address string) string {
	if strings.ContainsAny(address, "{[") {
		return "--globoff"
	}
	return ""
}

// Lines joins the parts of a shell command, without the empty ones.
func Lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " \\\n  ")
}

// ShellVariable returns the expansion of the variable for a field, to follow a quoted part.
func ShellVariable(field string) string {
	var name strings.Builder
	for _, letter := range field {
		if unicode.IsUpper(letter) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToUpper(letter))
	}
	return `"$` + name.String() + `"`
}
