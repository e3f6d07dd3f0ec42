// Package pathtemplate reads and fills path templates of OpenAPI, such as /v1/things/{id}. A template of this API has at most one
// parameter.
package pathtemplate

import (
	"net/url"
	"strings"
)

// Parameter returns the name of the template's parameter, or "" if it has none.
func Parameter(template string) string {
	_, rest, _ := strings.Cut(template, "{")
	name, _, _ := strings.Cut(rest, "}")
	return name
}

// Fill returns the template with the value, escaped, in place of its parameter.
func Fill(template, value string) string { return Insert(template, url.PathEscape(value)) }

// Insert returns the template with a text, as it is, in place of its parameter.
func Insert(template, text string) string {
	before, after, found := cut(template)
	if !found {
		return template
	}
	return before + text + after
}

// Match tells whether an escaped path, without its query, fits the template, and returns the unescaped value of the parameter.
func Match(template, path string) (value string, matches bool) {
	before, after, found := cut(template)
	if !found {
		return "", path == template
	}
	rest, begins := strings.CutPrefix(path, before)
	inner, ends := strings.CutSuffix(rest, after)
	if !begins || !ends || inner == "" || strings.Contains(inner, "/") {
		return "", false
	}
	value, err := url.PathUnescape(inner)
	return value, err == nil
}

// cut returns the text before and after the parameter.
func cut(template string) (before, after string, found bool) {
	before, rest, opened := strings.Cut(template, "{")
	_, after, closed := strings.Cut(rest, "}")
	return before, after, opened && closed
}
