// Package pathtemplate reads and fills path templates of OpenAPI, such as /v1/things/{id}. A template of this API has at most one
// parameter, which may have text round it, as in {id}:verify. The other text is compared unescaped, so that every spelling of a path fits.
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

// Parameters returns the number of parameters.
func Parameters(template string) int {
	return min(strings.Count(template, "{"), strings.Count(template, "}"))
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
	wanted, given := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return "", false
	}
	for i := range wanted {
		inner, fits := MatchSegment(wanted[i], given[i])
		if !fits {
			return "", false
		}
		if strings.Contains(wanted[i], "{") {
			value = inner
		}
	}
	return value, true
}

// MatchSegment is Match for what stands between two slashes.
func MatchSegment(template, segment string) (value string, matches bool) {
	before, after, found := cut(template)
	if !found {
		return "", segment == template || Unescape(segment) == Unescape(template)
	}
	given, err := url.PathUnescape(segment)
	if err != nil {
		return "", false
	}
	rest, begins := strings.CutPrefix(given, Unescape(before))
	inner, ends := strings.CutSuffix(rest, Unescape(after))
	if !begins || !ends || inner == "" {
		return "", false
	}
	return inner, true
}

// Unescape returns a text without escapes, or the text itself if it is not escaped rightly.
func Unescape(text string) string {
	if unescaped, err := url.PathUnescape(text); err == nil {
		return unescaped
	}
	return text
}

// Escape returns a template as it stands in a URL: escaped, but for the braces of its parameters.
func Escape(template string) string {
	segments := strings.Split(template, "/")
	for i, segment := range segments {
		segments[i] = escapeSegment(segment)
	}
	return strings.Join(segments, "/")
}

func escapeSegment(segment string) string {
	before, rest, opened := strings.Cut(segment, "{")
	name, after, closed := strings.Cut(rest, "}")
	if !opened || !closed {
		return url.PathEscape(Unescape(segment))
	}
	return url.PathEscape(Unescape(before)) + "{" + name + "}" + escapeSegment(after)
}

// cut returns the text before and after the parameter.
func cut(template string) (before, after string, found bool) {
	before, rest, opened := strings.Cut(template, "{")
	_, after, closed := strings.Cut(rest, "}")
	return before, after, opened && closed
}
