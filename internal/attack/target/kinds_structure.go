package target

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// structureKinds send JSON that is deep, wide or long.
func structureKinds() []Kind { return append(deepKinds(), wideKinds()...) }

func nested(open, closing string, depth int) func(*exchange) {
	return func(e *exchange) {
		e.text = []byte(strings.Repeat(open, depth) + "1" + strings.Repeat(closing, depth))
	}
}

func extra(make func(e *exchange) []byte) func(*exchange) {
	return func(e *exchange) { e.addToPayload("extra", make(e)) }
}

func repeated(piece string, long int) func(*exchange) {
	return extra(func(e *exchange) []byte {
		times := e.size(20_000, long) / len(piece)
		return []byte("[" + strings.Repeat(piece+",", times) + piece + "]")
	})
}

func deepKinds() []Kind {
	return []Kind{
		{Name: "deep-600", Does: "answers with 600 arrays in each other", Hides: true, bend: nested("[", "]", 600)},
		{Name: "deep-5000", Does: "answers with 5,000 arrays in each other", Hides: true, bend: nested("[", "]", 5000)},
		{Name: "deep-40000", Does: "answers with 40,000 objects in each other", Hides: true, bend: nested(`{"a":`, "}", 40_000)},
		{Name: "deep-million", Does: "answers with millions of arrays in each other", Hides: true, bend: func(e *exchange) {
			nested("[", "]", e.size(300_000, 3_000_000))(e)
		}},
		{Name: "deep-open", Does: "answers with brackets that never close", Hides: true, bend: func(e *exchange) {
			e.text = bytes.Repeat([]byte("["), e.size(1<<20, 8<<20))
		}},
		{Name: "deep-member", Does: "is sound but for 9,990 objects in each other", Hides: true, bend: extra(func(*exchange) []byte {
			return []byte(strings.Repeat(`{"a":`, 9990) + "1" + strings.Repeat("}", 9990))
		})},
		{Name: "deep-in-error", Does: "refuses with 9,990 arrays in each other", bend: func(e *exchange) {
			if e.status >= 400 {
				nested("[", "]", 9990)(e)
			}
		}},
	}
}

func wideKinds() []Kind {
	return []Kind{
		{Name: "wide-arrays", Does: "is sound but for millions of empty arrays", bend: repeated("[]", 7_500_000)},
		{Name: "wide-objects", Does: "is sound but for half a million objects", bend: repeated(`{"a":"bcdefgh"}`, 7_000_000)},
		{Name: "wide-numbers", Does: "is sound but for millions of numbers", bend: repeated("1", 7_000_000)},
		{Name: "many-members", Does: "is sound but for hundreds of thousands of members", bend: func(e *exchange) {
			var members bytes.Buffer
			for i := range e.size(1000, 400_000) {
				fmt.Fprintf(&members, `"m%d":"v%d",`, i, i)
			}
			e.text = insert(e.text, 1, true, append(members.Bytes(), `"end":1`...))
		}},
		{Name: "long-string", Does: "is sound but for a string of 7 MB", bend: extra(func(e *exchange) []byte {
			return quoted(strings.Repeat("a", e.size(100_000, 7_000_000)))
		})},
		{Name: "long-escapes", Does: "is sound but for a string of a million escapes", bend: extra(func(e *exchange) []byte {
			return []byte(`"` + strings.Repeat(`\u0041`, e.size(20_000, 1_000_000)) + `"`)
		})},
		{Name: "too-long", Does: "is sound but for a string of 12 MB", Hides: true, bend: extra(func(*exchange) []byte {
			return quoted(strings.Repeat("a", 12_000_000))
		})},
		{Name: "many-faults", Does: "refuses with hundreds of thousands of faults", bend: func(e *exchange) {
			if e.status >= 400 {
				e.text = []byte(`{"errors":[` + strings.Repeat(`{"code":"a","message":"b","pointer":"/c"},`, e.size(500, 150_000)) + `{}]}`)
			}
		}},
		{Name: "long-name", Does: "is sound but for a member whose name has 2 MB", bend: func(e *exchange) {
			e.addToPayload(strings.Repeat("n", e.size(50_000, 2_000_000)), []byte(`{`+strconv.Quote(e.secretName())+`:"z"}`))
		}},
	}
}
