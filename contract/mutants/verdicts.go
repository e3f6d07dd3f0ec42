package mutants

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/credmock/credmock"
)

// whole returns a mutant that is judged by the verdict only.
func whole(name, rule, verdict string, wrap func(http.Handler) http.Handler) Mutant {
	return Mutant{Name: "verdict/" + name, Rule: rule, Level: credmock.Must, Verdict: verdict, wrap: wrap}
}

// always answers every request alike.
func always(status int, mediaType, body string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		})
	}
}

const emptyEnvelope = `{"meta":{"version":"1.0.0"},"payload":{}}`

func rejects(status int) func(http.Handler) http.Handler {
	return always(status, "application/json", `{"errors":[{"code":"refused","message":"It was refused."}]}`)
}

// withHeader adds a header to the answers of a wrapper.
func withHeader(name, value string, wrap func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		inner := wrap(sound)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(name, value)
			inner.ServeHTTP(w, r)
		})
	}
}

// hangs does not answer some requests until the client gives up.
func hangs(when func(*http.Request) bool) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if when(r) {
				// A server notices that the client has gone only after reading the body.
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				panic(http.ErrAbortHandler)
			}
			sound.ServeHTTP(w, r)
		})
	}
}

// dies closes every connection after a number of requests.
func dies(lifetime int64) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		var served atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if served.Add(1) > lifetime {
				panic(http.ErrAbortHandler)
			}
			sound.ServeHTTP(w, r)
		})
	}
}

// everyNth answers each nth request with other.
func everyNth(n int64, other http.HandlerFunc) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		var served atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if served.Add(1)%n == 0 {
				other(w, r)
				return
			}
			sound.ServeHTTP(w, r)
		})
	}
}

func tooMany(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }

// replays repeats the first answer of each operation.
func replays() fault {
	return fault{after: func(e *exchange) {
		if e.success() && e.answer != nil {
			first, _ := e.noteFirst(e.answer, "answer", e.name).(map[string]any)
			e.answer = decodeObject(encode(first))
		}
	}}
}

func isWrite(r *http.Request) bool { return r.Method != http.MethodGet }

func isUpdate(r *http.Request) bool { return r.Method == http.MethodPatch }

func anything(*http.Request) bool { return true }

// bounded marks mutants that leave requests without an answer.
func bounded(m Mutant) Mutant {
	m.Bounded = true
	return m
}

var verdictFaults = []Mutant{
	whole("rejects/401", "Everything is refused with 401.", inconclusive, rejects(http.StatusUnauthorized)),
	whole("rejects/403", "Everything is refused with 403.", inconclusive, rejects(http.StatusForbidden)),
	whole("rejects/400", "Everything is refused with 400.", inconclusive, rejects(http.StatusBadRequest)),
	whole("rejects/404", "Everything is refused with 404.", inconclusive, rejects(http.StatusNotFound)),
	whole("rejects/500", "Everything is a server error.", inconclusive, rejects(http.StatusInternalServerError)),
	whole("rejects/503", "Everything is unavailable.", inconclusive, withHeader("Retry-After", "0", rejects(http.StatusServiceUnavailable))),
	whole("accepts/empty-object", "Everything is answered with an empty object.", violates, always(http.StatusOK, "application/json", "{}")),
	whole("accepts/empty-envelope", "Everything is answered with an empty envelope.", violates,
		always(http.StatusOK, "application/json", emptyEnvelope)),
	whole("accepts/html", "Everything is answered with a page of HTML.", violates,
		always(http.StatusOK, "text/html", "<html><body>Welcome</body></html>")),
	whole("accepts/no-content", "Everything is answered with 204.", violates, always(http.StatusNoContent, "", "")),
	whole("redirects", "Everything is redirected elsewhere.", inconclusive,
		withHeader("Location", "https://elsewhere.example.com/", always(http.StatusFound, "text/html", ""))),
	whole("rate-limits", "Everything is answered with 429.", inconclusive,
		withHeader("Retry-After", "0", rejects(http.StatusTooManyRequests))),
	whole("rate-limits/some", "Every tenth request is answered with 429, and no word of when to come back.", inconclusive,
		everyNth(10, tooMany)),
	bounded(whole("hangs", "Nothing is ever answered.", inconclusive, hangs(anything))),
	bounded(whole("hangs/writes", "No write is ever answered.", inconclusive, hangs(isWrite))),
	bounded(whole("hangs/updates", "No update is ever answered.", inconclusive, hangs(isUpdate))),
	whole("dies/soon", "The server dies after 5 requests.", inconclusive, dies(5)),
	whole("dies/later", "The server dies after 200 requests.", inconclusive, dies(200)),
	{Name: "verdict/replays", Rule: "Every operation answers for ever as it did first.", Level: credmock.Must, Verdict: violates,
		faults: []fault{replays()}},
	{Name: "verdict/stores-nothing", Rule: "Nothing that is created is stored.", Level: credmock.Must, Verdict: violates, faults: []fault{
		afterSuccess("create", func(e *exchange) { e.askFor("delete", e.credentialID(), nil) }),
	}},
	{Name: "verdict/read-only", Rule: "Every write is refused for want of the role.", Level: credmock.Must, Verdict: inconclusive,
		faults: []fault{
			before("create update delete destination-create destination-update destination-delete",
				func(e *exchange) { e.refuse(http.StatusForbidden) }),
		}},
}
