// Package serve answers one request from top to bottom: it finds the route, injects a fault, authenticates,
// authorizes, finds the record, reads the body, acts, and writes the reply. A surface adds routes whose actions take
// a [Call] and return a [Reply].
package serve

import (
	"cmp"
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

// Call is one request on its way through the mock. It keeps the model with which it began, even if a reload follows.
type Call struct {
	*http.Request
	Server    *Mock
	Model     *model.Model
	router    *router
	Session   *session.Session
	started   time.Time
	path      string         // within the session, escaped
	Base      string         // part of the path that names the session; may be empty
	misled    *Reply         // refusal of the session that the request names; nil for none
	left      string         // session that the client used before, if the request is in none; may be empty
	Route     *Route         // nil if the path does not exist
	Parameter string         // value of the path's parameter, unescaped; empty for none
	Query     url.Values     // nil except on the mock's own surface
	fault     *faults.Effect // the injected fault; nil for none
	mutant    string         // name of the mutant that passed the request on; empty for none
	aborted   bool           // the connection must be aborted
	recorded  bool           // the journal has the exchange, or must not have it
	Principal model.Principal
	Target    target
	JSON      map[string]any
	unused    map[string]any // body that was read for the journal alone; nil for none
	unread    []byte         // such a body without members; nil for none
	Length    int            // of the body as far as it was read, in bytes
	digest    uint64         // of the whole body; 0 if it was not read to its end
	early     bool           // the reply comes before the end of the body
}

// target is the thing that the path names. Its fields are nil if the path has no parameter.
type target struct {
	Organization *model.Organization
	Environment  *model.Environment
	Record       *store.Record
}

// steps run before the action of a request, in this order. The first that returns a reply ends the request, so a
// caller learns nothing from the later ones.
var steps = [...]Action{
	findRoute,    // 404, 405
	inject,       // the fault's status
	authenticate, // 401
	authorize,    // 403
	readQuery,    // 400, for the mock's own paths
	locate,       // 404
	decode,       // 415, 413, 400
}

// VariantOf returns the form of a record. A record stored after a reload may have a form that the call's model does
// not have; the current model has it.
func (c *Call) VariantOf(one *store.Record) *model.Variant {
	if found := c.Model.VariantOf(one); found != nil {
		return found
	}
	return c.Server.Site.Load().Model.VariantOf(one)
}

// serve answers the request and logs it.
func (c *Call) serve(w http.ResponseWriter) {
	answer := c.answer()
	c.readUnused(w)
	readOn := c.answerEarly(w)
	answer = c.finish(w, answer)
	c.log(answer, time.Since(c.started))
	if c.aborted {
		panic(http.ErrAbortHandler)
	}
	readOn()
}

// answer returns the reply to the request and writes nothing.
func (c *Call) answer() (answer *Reply) {
	defer c.recoverTo(&answer)
	for _, step := range steps {
		if refusal := step(c); refusal != nil {
			return refusal
		}
	}
	return c.Route.Act(c)
}

// finish redacts, checks, encodes and writes a reply. It returns the reply that was written, which is another one if
// the given one breaks the document. The journal has the exchange before the last bytes of the reply are written, so that
// a client that has read them finds it there.
func (c *Call) finish(w http.ResponseWriter, answer *Reply) *Reply {
	scratch := Borrow()
	defer scratch.Release()
	text := c.recall(answer)
	if text == nil {
		scratch.Text, answer = c.render(scratch.Text, answer)
		text = scratch.Text
	}
	answer.length, answer.Injected = len(text), c.fault.Text()
	switch {
	case answer.recalled != nil:
		answer.written = text
	case c.isKept():
		answer.written = boundedCopy(text)
	}
	Head(w.Header(), c.Base, answer)
	if c.fault != nil && c.fault.Own != nil {
		for name, value := range c.fault.Own.Headers {
			w.Header().Set(name, value)
		}
	}
	if answer.StreamBody != nil {
		c.writeStream(w, answer)
		return answer
	}
	if c.fault != nil && c.fault.Breakage != "" {
		c.writeBroken(w, answer, len(text), fixedBody(text))
		return answer
	}
	if c.early {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	}
	c.record(answer)
	w.WriteHeader(answer.Status)
	w.Write(text) //nolint:gosec // it is JSON, and its Content-Type says so
	if answer.Stream != nil && c.Method != http.MethodHead {
		answer.Stream(c.Context(), http.NewResponseController(w), w)
	}
	return answer
}

// Head sets the headers of a reply. The base is the prefix of the session's paths.
func Head(header http.Header, base string, answer *Reply) {
	header["Content-Type"] = jsonType
	header["Cache-Control"] = noStore
	switch {
	case answer.Status == http.StatusNoContent:
		delete(header, "Content-Type")
	case answer.MediaType != "":
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
	if answer.ErrorType != "" {
		header.Set("X-Amzn-ErrorType", answer.ErrorType)
	}
	if answer.Policy != "" {
		header.Set("Content-Security-Policy", answer.Policy)
	}
	if answer.Framed {
		header.Set("X-Frame-Options", "SAMEORIGIN") // the inspector shows it in a frame
	}
	if answer.Status == http.StatusUnauthorized && answer.Challenge != NoChallenge {
		header.Set("WWW-Authenticate", cmp.Or(answer.Challenge, "Bearer"))
	}
}

// Header values that most replies share.
var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// render redacts, checks and encodes a reply. If the reply breaks the document or the encoder panics, it encodes a
// reply that says so. A streamed reply has no body yet.
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

// recoverTo recovers from a panic and sets the reply to Failure.
func (c *Call) recoverTo(answer **Reply) {
	if recovered := recover(); recovered != nil {
		c.logPanic(recovered)
		*answer = Failure()
	}
}

// logPanic logs the stack of a panic. It does not log the value, which may hold something that a client sent.
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

// log writes the log line of a request. It holds the path's template and no part of the path: a secret may have been
// pasted where an id belongs. The line goes to the handler itself, because a logger would look up the line of code.
func (c *Call) log(answer *Reply, took time.Duration) {
	if !c.Server.Logger.Enabled(c.Context(), slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(c.started.Add(took), slog.LevelInfo, "request", 0)
	line.AddAttrs(
		slog.String("method", loggedMethod(c.Method)), slog.Int("status", answer.Status), slog.String("took", took.String()))
	if len(answer.Violations) > 0 {
		violations := make([]string, 0, len(answer.Violations))
		for _, violation := range answer.Violations {
			violations = append(violations, strings.TrimSuffix(violation.Code+" "+violation.Pointer, " "))
		}
		line.AddAttrs(slog.Any("violations", violations))
	}
	if injected := c.injectedText(answer); injected != "" {
		line.AddAttrs(slog.String("injected", injected))
	}
	_ = c.router.logs(c.Route, c.Server.Logger).Handle(c.Context(), line) // a logger ignores this error, too
}
