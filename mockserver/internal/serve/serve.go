// Package serve answers one request from top to bottom: it finds the route, injects a fault, authenticates, authorizes, finds the
// record, reads the body, acts, and writes the reply. A surface brings routes whose actions take a [Call] and return a [Reply].
package serve

import (
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Call is one request on its way through the mock. It keeps the model with which it began, whatever is reloaded meanwhile.
type Call struct {
	*http.Request
	Server         *Mock
	Model          *model.Model
	router         *router
	Session        *session.Session
	started        time.Time
	path           string         // within its session, escaped
	unknownSession bool           // there is no such session
	Route          *Route         // nil where the path is not the document's
	Parameter      string         // the value of the path's parameter, where it has one
	Query          url.Values     // of a path of the mock's own
	fault          *faults.Effect // what is to go wrong; nil for nothing
	mutant         string         // the broken server that stands before the mock; empty for none
	aborted        bool           // the connection is to end
	Principal      model.Principal
	Target         target // what the path names
	JSON           map[string]any
	Length         int // of the body in bytes
}

// target is what the path of a request names; all of it is nil or zero where the path has no parameter.
type target struct {
	Organization *model.Organization
	Environment  *model.Environment
	Record       *store.Record
}

// steps run before the action of a request, in this order. The first that returns a reply ends the request, so the caller learns
// nothing of the later ones.
var steps = [...]Action{
	findRoute,    // 404, 405
	inject,       // whatever was asked for, to try out a client
	authenticate, // 401
	authorize,    // 403
	readQuery,    // 400, for the mock's own paths
	locate,       // 404
	decode,       // 415, 413, 400
}

// VariantOf returns the form that a record has. A record that was stored after a reload may have a form that the model of
// this request does not know; the present one does.
func (c *Call) VariantOf(one *store.Record) *model.Variant {
	if found := c.Model.VariantOf(one); found != nil {
		return found
	}
	return c.Server.Site.Load().Model.VariantOf(one)
}

// serve answers one request, remembers what it was and logs one line about it.
func (c *Call) serve(w http.ResponseWriter) {
	answer := c.finish(w, c.answer())
	took := time.Since(c.started)
	c.log(answer, took)
	c.recordExchange(answer, took)
	if c.aborted {
		panic(http.ErrAbortHandler)
	}
}

// answer finds the answer to a request and writes nothing.
func (c *Call) answer() (answer *Reply) {
	defer c.recoverTo(&answer)
	for _, step := range steps {
		if refusal := step(c); refusal != nil {
			return refusal
		}
	}
	return c.Route.Act(c)
}

// finish redacts, checks and encodes an answer, and writes it. It returns what was
// written, which is another answer where the given one breaks the document.
func (c *Call) finish(w http.ResponseWriter, answer *Reply) *Reply {
	scratch := Borrow()
	defer scratch.Release()
	scratch.Text, answer = c.render(scratch.Text, answer)
	answer.length, answer.Injected = len(scratch.Text), c.fault.Text()
	if !c.Route.isOwn() && !isOwnPath(c.path) {
		answer.written = boundedCopy(scratch.Text)
	}
	Head(w.Header(), c.Session.Base, answer)
	if answer.StreamBody != nil {
		c.writeStream(w, answer)
		return answer
	}
	if c.fault != nil && c.fault.Breakage != "" {
		c.writeBroken(w, answer.Status, len(scratch.Text), fixedBody(scratch.Text))
		return answer
	}
	w.WriteHeader(answer.Status)
	w.Write(scratch.Text)
	if answer.Stream != nil {
		answer.Stream(c.Context(), http.NewResponseController(w), w)
	}
	return answer
}

// Head sets the headers of an answer.
func Head(header http.Header, base string, answer *Reply) {
	header["Content-Type"] = jsonType
	header["Cache-Control"] = noStore
	if answer.MediaType != "" {
		header.Set("Content-Type", answer.MediaType)
	}
	if answer.Location != "" {
		header.Set("Location", base+answer.Location)
	}
	if answer.Injected != "" {
		header.Set("X-Credmock-Fault", answer.Injected)
	}
	if answer.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(answer.RetryAfter))
	}
	if answer.Allow != "" {
		header.Set("Allow", answer.Allow)
	}
	if answer.Policy != "" {
		header.Set("Content-Security-Policy", answer.Policy)
	}
	if answer.Framed {
		header.Set("X-Frame-Options", "SAMEORIGIN") // the inspector shows it in a frame
	}
	if answer.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
}

// The header values that every answer has.
var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// render appends the encoding of an answer that keeps the document, or else of one that says that the first broke it.
func (c *Call) render(text []byte, answer *Reply) (body []byte, rendered *Reply) {
	defer func() {
		if recovered := recover(); recovered != nil {
			c.logPanic(recovered)
			rendered = Failure()
			body = c.encode(text, rendered)
		}
	}()
	switch {
	case answer.StreamBody != nil:
		return text, answer
	case len(answer.Records) > MaxBuffered:
		if violations := c.checkEach(answer); len(violations) > 0 {
			answer = InvalidAnswer(violations)
			break
		}
		answer.StreamBody = c.streamRecords(answer)
		return text, answer
	case !answer.checked:
		c.redact(answer)
		if violations := c.check(answer); len(violations) > 0 {
			answer = InvalidAnswer(violations)
		}
	}
	return c.encode(text, answer), answer
}

// recoverTo turns a panic into an answer.
func (c *Call) recoverTo(answer **Reply) {
	if recovered := recover(); recovered != nil {
		c.logPanic(recovered)
		*answer = Failure()
	}
}

// report logs where a panic happened. Its value may hold what a client sent, so that is never logged.
func (c *Call) logPanic(_ any) {
	callers := make([]uintptr, 24)
	frames := runtime.CallersFrames(callers[:runtime.Callers(4, callers)])
	var places []string
	for {
		frame, more := frames.Next()
		places = append(places, frame.Function)
		if !more {
			break
		}
	}
	c.Server.Logger.Error("panic", slog.String("operation", c.Route.id()), slog.Any("stack", places))
}

// log writes the one line about a request. It holds the path's template and no part of the path: a secret may have been
// pasted where an id belongs.
func (c *Call) log(answer *Reply, took time.Duration) {
	if !c.Server.Logger.Enabled(c.Context(), slog.LevelInfo) {
		return
	}
	violations := make([]string, 0, len(answer.Violations))
	for _, violation := range answer.Violations {
		violations = append(violations, strings.TrimSuffix(violation.Code+" "+violation.Pointer, " "))
	}
	line := []slog.Attr{
		slog.String("operation", c.Route.id()), slog.String("method", loggedMethod(c.Method)), slog.String("path", c.Route.Template()),
		slog.Int("status", answer.Status), slog.String("took", took.String()), slog.Any("faults", violations),
	}
	if injected := c.injectedText(answer); injected != "" {
		line = append(line, slog.String("injected", injected))
	}
	c.Server.Logger.LogAttrs(c.Context(), slog.LevelInfo, "request", line...)
}
