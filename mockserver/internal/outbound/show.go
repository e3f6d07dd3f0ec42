package outbound

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver/internal/censor"
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
	Method, URL string
	Headers     [][2]string    // in the order in which they are sent
	Body        string         // as it is sent, but for secrets
	Parts       map[string]any // the decoded body; may be nil
	Decoded     map[string]any // further decoded parts, such as the claims of a token; may be nil
	Curl        string
}

// Shown returns the request as one of the entries of requests in an answer.
func (r *Request) Shown() map[string]any {
	headers := map[string]any{}
	for _, header := range r.Headers {
		headers[header[0]] = header[1]
	}
	shown := map[string]any{"method": r.Method, "url": r.URL, "headers": headers, "http": r.HTTP(), "curl": r.Curl}
	if r.Parts != nil {
		shown["body"] = r.Parts
	}
	if len(r.Decoded) > 0 {
		shown["decoded"] = r.Decoded
	}
	return shown
}

// HTTP returns the request as sent, with secrets masked.
func (r *Request) HTTP() string {
	target, err := url.Parse(r.URL)
	if err != nil {
		return "" // it was parsed before
	}
	var text strings.Builder
	text.WriteString(r.Method + " " + target.RequestURI() + " HTTP/1.1\r\n")
	if !slices.ContainsFunc(r.Headers, func(one [2]string) bool { return one[0] == "Host" }) {
		text.WriteString("Host: " + target.Host + "\r\n")
	}
	for _, header := range r.Headers {
		text.WriteString(header[0] + ": " + header[1] + "\r\n")
	}
	text.WriteString("\r\n" + r.Body)
	return text.String()
}

// Description returns the answer for a list of requests: one form for all kinds.
func Description(notes []string, requests ...*Request) map[string]any {
	listed := make([]any, len(requests))
	for i, one := range requests {
		listed[i] = one.Shown()
	}
	return map[string]any{"requests": listed, "notes": Texts(notes)}
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
