package mutants

import (
	"net/http"
	"strings"
	"sync"

	"github.com/credmock/credmock"
)

// manyOthers is more than the suite keeps of a list unchanged.
const manyOthers = 800

// soundSizes answer more than the mock.
var soundSizes = []Mutant{
	soundly("list length", "many-foreigners", "The environment holds 800 credentials of others: no number is anybody's promise.",
		foreigners(manyOthers)),
	soundly("depth", "deep-member", "An unknown member is nested 100 levels deep: unknown members are allowed.",
		fault{after: extraMember(nestedLists(100))}),
	soundly("width", "wide-member", "An unknown member has 2,000 small values: unknown members are allowed.",
		fault{after: extraMember(listOf(2_000))}),
}

// hiddenFaults are in answers that nobody reads to the end.
var hiddenFaults = []Mutant{
	whole("large", "Every answer has nine mebibytes when its compression is undone.", inconclusive, bomb),
	hiding("hides/deep", "get shows no flags, behind a member that is nested 10,000 levels deep.", inconclusive,
		drop("get", "hasClientSecret"), afterSuccess("get", extraMember(nestedLists(10_000)))),
	hiding("hides/leak", "update shows its secrets, in an answer that is nested 10,000 levels deep.", violates,
		afterSuccess("update", func(e *exchange) {
			extraMember(`{"echo":` + string(e.text) + `,"deep":` + nestedLists(10_000) + `}`)(e)
		})),
}

func hiding(name, rule, verdict string, faults ...fault) Mutant {
	return Mutant{Name: "verdict/" + name, Rule: rule, Level: credmock.Must, Verdict: verdict, faults: faults}
}

// extraMember adds a member to every answered object, as text.
func extraMember(value string) func(*exchange) {
	return func(e *exchange) {
		inner := e.finish
		e.finish = func(body []byte) []byte {
			if inner != nil {
				body = inner(body)
			}
			if rest, isObject := strings.CutPrefix(string(body), "{"); isObject && rest != "}" {
				return []byte(`{"extra":` + value + "," + rest)
			}
			return body
		}
	}
}

func nestedLists(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

func listOf(values int) string { return "[" + strings.Repeat("0,", values-1) + "0]" }

// pressed returns a long text, compressed.
var pressed = sync.OnceValue(func() []byte { return zip(make([]byte, 9<<20)) })

// bomb answers with a small body that expands to a huge one.
func bomb(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(pressed()) // the client may have stopped reading
	})
}
