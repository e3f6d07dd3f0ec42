package mutants

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

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

// during answers the requests from one number up to another one as a wrapper does, and all others soundly.
func during(from, to int64, wrap func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		var asked atomic.Int64
		inner := wrap(sound)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if number := asked.Add(1); number >= from && number < to {
				inner.ServeHTTP(w, r)
				return
			}
			sound.ServeHTTP(w, r)
		})
	}
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

// signIn answers reads with a page and refuses writes with another.
func signIn(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		_, _ = fmt.Fprintf(w, "<form>Sign in<input type=hidden value=%s></form>", random(8))
	})
}

// hangsAfter answers nothing any more after a number of requests.
func hangsAfter(lifetime int64) func(http.Handler) http.Handler {
	var served atomic.Int64
	return hangs(func(*http.Request) bool { return served.Add(1) > lifetime })
}

// limits answers with 429 beyond a number of requests in each window of time. hint may add a Retry-After.
func limits(number int64, window time.Duration, hint func(http.Header)) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		var mutex sync.Mutex
		var begun time.Time
		var served int64
		admits := func() bool {
			mutex.Lock()
			defer mutex.Unlock()
			if time.Since(begun) > window {
				begun, served = time.Now(), 0
			}
			served++
			return served <= number
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if admits() {
				sound.ServeHTTP(w, r)
				return
			}
			hint(w.Header())
			w.WriteHeader(http.StatusTooManyRequests)
		})
	}
}

func withoutHint(http.Header) {}

// atOnce answers with 429 while a number of other requests is under way.
func atOnce(number int64) func(http.Handler) http.Handler {
	return func(sound http.Handler) http.Handler {
		var running atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer running.Add(-1)
			if running.Add(1) > number {
				tooMany(w, r)
				return
			}
			slow(sound).ServeHTTP(w, r)
		})
	}
}

// soundLimits are sound servers that take only so many requests at a time.
var soundLimits = []Mutant{
	serverOf("limit", "limit-bare", "Beyond 120 requests in 100 ms the answer is 429, and no word of when to come back.",
		limits(120, 100*time.Millisecond, withoutHint)),
	serverOf("limit", "limit-seconds", "Beyond 600 requests in a second the answer is 429, with a Retry-After in seconds.",
		limits(600, time.Second, func(header http.Header) { header.Set("Retry-After", "1") })),
	serverOf("limit", "limit-date", "Beyond 700 requests in two seconds the answer is 429, with a date as Retry-After.",
		limits(700, 2*time.Second, func(header http.Header) {
			now := time.Now().UTC()
			header.Set("Date", now.Format(http.TimeFormat))
			header.Set("Retry-After", now.Add(time.Second).Format(http.TimeFormat))
		})),
	serverOf("limit", "limit-tenth", "Every tenth request is answered with 429, and no word of when to come back.", everyNth(10, tooMany)),
	serverOf("limit", "limit-at-once", "While two requests are under way the answer is 429: a client may send fewer at once.", atOnce(2)),
	serverOf("limit", "gateway-hundredth", "A gateway fails for every hundredth request: only its repeated error counts.",
		everyNth(100, always(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>")(nil).ServeHTTP)),
	serverOf("limit", "gateway-fleeting", "A gateway fails three requests in a row, once.",
		during(800, 803, always(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>"))),
	serverOf("limit", "limit-unavailable", "Every fiftieth request is answered with 503 and a Retry-After.",
		everyNth(50, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		})),
}

// limitsBodies refuses bodies over the limit before the server sees them.
func limitsBodies(sound http.Handler) http.Handler {
	refused := always(http.StatusRequestEntityTooLarge, "text/html", "<h1>Request Entity Too Large</h1>")(sound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > isLargeFrom {
			refused.ServeHTTP(w, r)
			return
		}
		sound.ServeHTTP(w, r)
	})
}

// hangsUpOnBodies ends the connection before it reads a body over the limit.
func hangsUpOnBodies(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > isLargeFrom {
			panic(http.ErrAbortHandler)
		}
		sound.ServeHTTP(w, r)
	})
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
	whole("accepts/html", "Everything is answered with a page of HTML.", inconclusive,
		always(http.StatusOK, "text/html", "<html><body>Welcome</body></html>")),
	whole("accepts/no-content", "Everything is answered with 204.", violates, always(http.StatusNoContent, "", "")),
	whole("redirects", "Everything is redirected elsewhere.", inconclusive,
		withHeader("Location", "https://elsewhere.example.com/", always(http.StatusFound, "text/html", ""))),
	whole("rate-limits", "Everything is answered with 429.", inconclusive,
		withHeader("Retry-After", "0", rejects(http.StatusTooManyRequests))),
	whole("rate-limits/bare", "Everything is answered with 429, and no word of when to come back.", inconclusive,
		rejects(http.StatusTooManyRequests)),
	whole("rate-limits/hour", "Everything is answered with 429, for an hour.", inconclusive,
		withHeader("Retry-After", "3600", rejects(http.StatusTooManyRequests))),
	whole("pages/text", "Everything is answered with a greeting.", inconclusive, always(http.StatusOK, "text/plain", "It works!\n")),
	whole("pages/sign-in", "Reads are answered with a sign-in page, and writes are refused with another page.", inconclusive, signIn),
	whole("pages/said-to-be-json", "Everything is answered with a page that is said to be JSON.", inconclusive,
		always(http.StatusOK, "application/json", "<!doctype html><title>Sign in</title>")),
	whole("redirects/kept", "Everything is redirected with its method, to the same host.", inconclusive,
		withHeader("Location", "/login", always(http.StatusTemporaryRedirect, "application/json", "{}"))),
	whole("redirects/for-ever", "Everything has moved for ever.", inconclusive,
		withHeader("Location", "https://www.example.com/", always(http.StatusMovedPermanently, "text/html", "<p>Moved</p>"))),
	whole("gateways/502", "A gateway finds nothing behind it.", inconclusive,
		always(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>")),
	whole("gateways/503", "A gateway has nothing to pass a request on to.", inconclusive,
		always(http.StatusServiceUnavailable, "text/plain", "no healthy upstream")),
	whole("gateways/504", "A gateway waits in vain.", inconclusive, always(http.StatusGatewayTimeout, "text/html", "")),
	whole("gateways/502/later", "A gateway finds nothing behind it from the 100th request on.", inconclusive,
		during(100, math.MaxInt64, always(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>"))),
	whole("rejects/401/later", "Everything is refused with 401 from the 150th request on.", inconclusive,
		during(150, math.MaxInt64, rejects(http.StatusUnauthorized))),
	whole("redirects/later", "Everything is redirected from the 120th request on.", inconclusive,
		during(120, math.MaxInt64, withHeader("Location", "/login", always(http.StatusFound, "text/html", "")))),
	whole("pages/later", "Everything is answered with a page from the 140th request on.", inconclusive,
		during(140, math.MaxInt64, always(http.StatusOK, "text/html", "<title>Sign in</title>"))),
	whole("gateways/502/now-and-then", "A gateway fails to pass on every fourth request.", inconclusive,
		everyNth(4, always(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>")(nil).ServeHTTP)),
	whole("gateways/407", "A proxy wants to know who asks.", inconclusive,
		withHeader("Proxy-Authenticate", "Basic", always(http.StatusProxyAuthRequired, "text/html", "<p>Proxy</p>"))),
	whole("gateways/511", "A network wants to know who asks.", inconclusive,
		always(http.StatusNetworkAuthenticationRequired, "text/html", "<p>Welcome to the hotel</p>")),
	bounded(whole("hangs/later", "Nothing is answered any more after 150 requests.", inconclusive, hangsAfter(150))),
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
