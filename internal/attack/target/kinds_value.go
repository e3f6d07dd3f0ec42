package target

import (
	"bytes"
	"encoding/json"
	"regexp"
	"unicode/utf16"
)

var numbers = regexp.MustCompile(`:\s*-?\d+`)

// valueKinds send values that parsers treat differently.
func valueKinds() []Kind {
	number := func(text string) func(*exchange) {
		return func(e *exchange) { e.text = numbers.ReplaceAll(e.text, []byte(":"+text)) }
	}
	value := func(made any) func(*exchange) {
		return func(e *exchange) {
			e.change(func(_ string, value any) any {
				switch value.(type) {
				case map[string]any, []any:
					return value
				}
				return made
			})
		}
	}
	return []Kind{
		{
			Name:  "invalid-utf8",
			Does:  "sends strings that are not UTF-8",
			Hides: true,
			bend:  func(e *exchange) { e.addToPayload("extra", []byte("\"\xff\xfe\xc0\x80\"")) },
		},
		{
			Name:  "surrogates",
			Does:  "sends half a surrogate",
			Hides: true,
			bend:  func(e *exchange) { e.addToPayload("extra", []byte(`"\ud800"`)) },
		},
		{Name: "duplicates", Does: "sends every payload with a member twice", Hides: true, bend: func(e *exchange) {
			e.addToPayload(e.idName(), []byte(`"another"`))
		}},
		{Name: "number-huge", Does: "sends 1e999999 for every number", bend: number("1e999999")},
		{Name: "number-long", Does: "sends numbers of 100,000 digits", bend: number("1" + string(bytes.Repeat([]byte("0"), 100_000)))},
		{Name: "number-tiny", Does: "sends -1e-999999 for every number", bend: number("-1e-999999")},
		{Name: "all-null", Does: "sends null for every value", Hides: true, bend: value(nil)},
		{Name: "all-numbers", Does: "sends a number for every value", Hides: true, bend: value(json.Number("18446744073709551617"))},
		{Name: "all-lists", Does: "sends a list for every value", Hides: true, bend: value([]any{})},
		{
			Name:  "bom",
			Does:  "sends a byte order mark first",
			Hides: true,
			bend:  func(e *exchange) { e.text = append([]byte("\xef\xbb\xbf"), e.text...) },
		},
		{Name: "utf-16", Does: "sends everything as UTF-16", Hides: true, bend: func(e *exchange) {
			var wide bytes.Buffer
			for _, unit := range utf16.Encode([]rune("\ufeff" + string(e.text))) {
				wide.Write([]byte{byte(unit >> 8), byte(unit)})
			}
			e.text = wide.Bytes()
		}},
		{Name: "page", Does: "answers everything with a page", Hides: true, bend: func(e *exchange) {
			e.status, e.reason = 200, "OK"
			e.header.Set("Content-Type", "text/html")
			e.text = []byte("<!doctype html><title>Sign in</title><script>alert(1)</script>\x1b[2J")
		}},
		{Name: "empty", Does: "answers everything with nothing", Hides: true, bend: func(e *exchange) { e.text = nil }},
		{Name: "dates", Does: "sends times beyond the calendar", bend: func(e *exchange) {
			e.changeTexts(func(_, text string) string {
				if len(text) == len("2006-01-02T15:04:05.000Z") && text[10] == 'T' {
					return "99999-12-31T23:59:60+99:99"
				}
				return text
			})
		}},
	}
}
