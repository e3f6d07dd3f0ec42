// Package blame finds causes: how a server changed a value, and which findings of several checks have one cause.
package blame

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/report"
)

// The kinds of findings. The first ones say how a value was changed.
const (
	Missing    = "missing"
	Trimmed    = "trimmed"
	Squeezed   = "squeezed"
	Case       = "case"
	Normalised = "normalised"
	Escaped    = "escaped"
	Unescaped  = "unescaped"
	Cut        = "cut"
	Coerced    = "coerced"
	Masked     = "masked"
	Before     = "before"
	Another    = "another"
	Swapped    = "swapped"
	Changed    = "changed"

	Leak   = "leak"
	Status = "status"
)

// kindWords say what happened to a value of a kind.
var kindWords = map[string]string{
	Missing: "is missing", Trimmed: "lost the blanks at its ends", Squeezed: "lost blanks between its words",
	Case: "came back in another case", Normalised: "came back in another Unicode form", Escaped: "came back with escapes",
	Unescaped: "came back without its escapes", Cut: "was cut", Coerced: "came back as another type of value", Masked: "came back masked",
	Before: "has the value that it had before", Another: "has the value of another credential", Swapped: "has the value of another member",
	Changed: "was changed",
}

// KindOf tells how a value was changed.
func KindOf(seen, owed any) string {
	text, isText := owed.(string)
	got, isGot := seen.(string)
	switch {
	case seen == nil && text == "null":
		return Coerced
	case seen == nil:
		return Missing
	case isText && isGot:
		return kindOfText(got, text)
	case jsonvalue.TypeOf(seen) != jsonvalue.TypeOf(owed):
		return Coerced
	}
	return Changed
}

// textChanges are what servers do to texts, the plainest first.
var textChanges = []struct {
	kind   string
	change func(string) string
}{
	{Trimmed, strings.TrimSpace},
	{Trimmed, func(text string) string { return strings.TrimRight(text, " \t\r\n") }},
	{Trimmed, func(text string) string { return strings.TrimLeft(text, " \t\r\n") }},
	{Squeezed, func(text string) string { return strings.Join(strings.Fields(text), " ") }},
	{Squeezed, squeezed},
	{Case, strings.ToLower}, {Case, strings.ToUpper},
	{Normalised, norm.NFC.String}, {Normalised, norm.NFD.String}, {Normalised, norm.NFKC.String}, {Normalised, norm.NFKD.String},
	{Escaped, html.EscapeString}, {Escaped, url.QueryEscape}, {Escaped, url.PathEscape},
	{Escaped, func(text string) string { return strings.ReplaceAll(text, `\`, `\\`) }},
	{Unescaped, html.UnescapeString},
	{Unescaped, func(text string) string { return unescaped(text, url.PathUnescape) }},
	{Unescaped, func(text string) string { return unescaped(text, url.QueryUnescape) }},
}

// squeezed returns a text with one blank in place of many.
func squeezed(text string) string {
	for strings.Contains(text, "  ") {
		text = strings.ReplaceAll(text, "  ", " ")
	}
	return text
}

func unescaped(text string, unescape func(string) (string, error)) string {
	plain, err := unescape(text)
	if err != nil {
		return text
	}
	return plain
}

func kindOfText(seen, owed string) string {
	for _, one := range textChanges {
		if changed := one.change(owed); changed != owed && changed == seen {
			return one.kind
		}
	}
	beginning := strings.TrimRight(strings.TrimSuffix(seen, "…"), ".")
	switch {
	case strings.EqualFold(seen, owed):
		return Case
	case sameNumber(seen, owed):
		return Coerced
	case len(beginning) < len(owed) && beginning != "" && strings.HasPrefix(owed, beginning):
		return Cut
	case strings.Trim(seen, "*•x ") == "" && seen != "" || strings.Contains(seen, "***"):
		return Masked
	}
	return Changed
}

// sameNumber tells whether two texts write one number in two ways.
func sameNumber(a, b string) bool {
	one, errA := strconv.ParseFloat(a, 64)
	other, errB := strconv.ParseFloat(b, 64)
	return errA == nil && errB == nil && one == other
}

const (
	// excerptBefore and excerptAfter are how many characters a difference shows on either side of its place.
	excerptBefore = 12
	excerptAfter  = 40
)

// DifferenceOf shows two values around the place where they begin to differ. plain replaces what a report does not show.
func DifferenceOf(member, kind string, seen, owed any, plain func(any) string) *report.Difference {
	a, b := []rune(plain(seen)), []rune(plain(owed))
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	from := max(0, at-excerptBefore)
	if from <= 1 {
		from = 0
	}
	difference := report.NewDifference(report.Difference{
		Member: jsonvalue.Shorten(member), Kind: kind, Seen: excerpt(a, from, at), Owed: excerpt(b, from, at), At: at - from,
	}, owed)
	if from > 0 {
		difference.At++
	}
	return difference
}

// excerpt returns a part of a text, with a sign where it is cut.
func excerpt(text []rune, from, at int) string {
	to := min(len(text), at+excerptAfter)
	cut := string(text[min(from, to):to])
	if from > 0 {
		cut = "…" + cut
	}
	if to < len(text) {
		cut += "…"
	}
	return cut
}

// JSON returns a value as JSON, without escapes for HTML. A missing one is the word nothing.
func JSON(value any) string {
	if value == nil {
		return "nothing"
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil || !utf8.ValidString(text.String()) {
		return "a value of type " + jsonvalue.TypeOf(value)
	}
	return strings.TrimSpace(text.String())
}

// Words describes a difference for the text of a finding.
func Words(difference *report.Difference) string {
	return difference.Member + " " + kindWords[difference.Kind] + ": " + difference.Seen + " instead of " + difference.Owed
}
