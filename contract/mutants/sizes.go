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

// isOther tells whether the method of a request is not described on its path.
func isOther(e *exchange, method string) bool {
	return e.operation == nil && e.request.Method == method
}

// soundEdges differ in what they answer to requests of a careless client.
var soundEdges = []Mutant{
	soundly("scheme", "scheme-any-case", "The scheme of a token is taken in any case, as RFC 9110 has it.", fault{before: func(e *exchange) {
		if scheme, token, found := strings.Cut(e.request.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
			e.request.Header.Set("Authorization", "Bearer "+token)
		}
	}}),
	soundly("scheme", "scheme-one-case", "The scheme of a token is taken in one case only.", fault{before: func(e *exchange) {
		if !strings.HasPrefix(e.request.Header.Get("Authorization"), "Bearer ") && e.operation != nil {
			e.refuse(http.StatusUnauthorized)
		}
	}}),
	soundly("scheme twice", "scheme-twice-malformed", "A scheme given twice is a malformed header: 400, as RFC 6750 has it.",
		fault{before: func(e *exchange) {
			if strings.HasPrefix(e.request.Header.Get("Authorization"), "Bearer Bearer") {
				e.refuse(http.StatusBadRequest)
			}
		}}),
	soundly("head", "head-as-get", "HEAD answers as GET does.", fault{before: func(e *exchange) {
		if isOther(e, http.MethodHead) {
			e.request.Method = http.MethodGet
		}
	}}),
	soundly("options", "options-allow", "OPTIONS answers 204 with Allow, to everybody.", fault{before: func(e *exchange) {
		if isOther(e, http.MethodOptions) {
			e.reply(http.StatusNoContent, nil)
			e.header.Set("Allow", "GET, HEAD, OPTIONS")
		}
	}}),
	soundly("methods", "methods-not-found", "A method that a path does not have is not found: any 4xx is fine.",
		every(func(e *exchange) {
			if e.status == http.StatusMethodNotAllowed {
				e.refuse(http.StatusNotFound)
			}
		})),
	soundly("methods", "methods-forbidden", "A method that a path does not have is refused with 403 and no body.", every(func(e *exchange) {
		if e.status == http.StatusMethodNotAllowed {
			e.replyText(http.StatusForbidden, "text/plain", "")
		}
	})),
	soundly("long headers", "hangs-up", "The connection ends at headers of more than 8 KiB.", fault{before: func(e *exchange) {
		e.hangUp = e.hangUp || len(e.request.URL.RequestURI()) > 4<<10 || len(e.request.Header.Get("X-Long")) > 8<<10
	}}),
	soundly("long headers", "header-limits", "Long headers are refused with 431, a long path or query with 414.",
		fault{before: func(e *exchange) {
			switch {
			case len(e.request.URL.RequestURI()) > 4<<10:
				e.refuse(http.StatusRequestURITooLong)
			case len(e.request.Header.Get("X-Long")) > 8<<10:
				e.refuse(http.StatusRequestHeaderFieldsTooLarge)
			}
		}}),
	soundly("long values", "column-limits", "Values of more than 2,000 characters are refused: that is no MUST.",
		refuseWhen("create update destination-create destination-update", http.StatusBadRequest, func(e *exchange) bool {
			for name, value := range e.body {
				if text, isText := value.(string); isText && len(text) > 2_000 && !strings.Contains(text, "path/") && name != "clientSecret" {
					return true
				}
			}
			return false
		})),
	soundly("dots", "cleans-paths", "A path with dots is redirected to the clean one.", fault{before: func(e *exchange) {
		if path := e.request.URL.EscapedPath(); strings.Contains(path, "/.") || strings.Contains(path, "%2e") || strings.Contains(path, "%2E") {
			e.reply(http.StatusMovedPermanently, nil)
			e.header.Set("Location", "/platform/v1")
		}
	}}),
	soundly("slash", "trailing-slash", "A slash behind a path is ignored.", fault{before: func(e *exchange) {
		if path, found := strings.CutSuffix(e.request.URL.Path, "/"); found && e.operation == nil && e.request.Method == http.MethodGet {
			e.request.URL.Path, e.request.URL.RawPath = path, ""
		}
	}}),
	soundly("query", "strict-query", "A parameter of the query that is not known is refused.", fault{before: func(e *exchange) {
		if e.request.URL.RawQuery != "" && e.request.Header.Get("Authorization") != "" && e.operation != nil {
			e.refuse(http.StatusBadRequest)
		}
	}}),
	soundly("accept", "strict-accept", "A media type that is not JSON is not acceptable.", fault{before: func(e *exchange) {
		accept := e.request.Header.Get("Accept")
		if accept != "" && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*") && e.operation != nil {
			e.refuse(http.StatusNotAcceptable)
		}
	}}),
	soundly("not modified", "not-modified", "If-None-Match is answered with 304.", fault{before: func(e *exchange) {
		if e.request.Header.Get("If-None-Match") != "" && e.is("get list") {
			e.reply(http.StatusNotModified, nil)
		}
	}}),
	soundly("numbers", "number-arrays", "Unknown members hold arrays of letters, octets and numbers: none of them is a secret.",
		every(func(e *exchange) {
			if e.answer != nil {
				e.answer["histogram"] = []any{94, 124, 7, 124, 94, 200, 94, 65, 124, 66, 1, 0, -3}
				e.answer["marks"], e.answer["grades"] = []any{"^", "|", "a", "^", "b", "|", "|"}, map[string]any{"a": "^", "b": "|", "c": "A"}
				e.answer["dump"] = "5e 7c 41 5e 7c 7c 42 00 5e"
			}
		})),
	soundly("masks", "hints", "Every secret has a hint of one character and its length: no four in a row.",
		shows(credentialActions, func(secret string) string { return secret[:1] + "*" },
			func(_ *exchange, credential map[string]any, name, text string) { credential[name+"Hint"] = text })),
}
