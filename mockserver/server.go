package mockserver

import (
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way through the mock. It keeps the model with which it began, whatever is reloaded meanwhile.
type call struct {
	*http.Request
	server    *mock
	model     *model
	router    *router
	session   *session
	started   time.Time
	path      string     // within its session, escaped
	stray     bool       // there is no such session
	route     *route     // nil where the path is not the document's
	parameter string     // the value of the path's parameter, where it has one
	query     url.Values // of a path of the mock's own
	fault     *effect    // what is to go wrong; nil for nothing
	mutant    string     // the broken server that stands before the mock; empty for none
	aborted   bool       // the connection is to end
	principal principal
	target    target // what the path names
	body      map[string]any
	length    int // of the body in bytes
}

// target is what the path of a request names; all of it is nil or zero where the path has no parameter.
type target struct {
	organization *organization
	environment  *environment
	record       *record
}

// steps run before the action of a request, in this order. The first that returns a reply ends the request, so the caller learns
// nothing of the later ones.
var steps = [...]action{
	findRoute,    // 404, 405
	misbehave,    // whatever was asked for, to try out a client
	authenticate, // 401
	authorize,    // 403
	readQuery,    // 400, for the mock's own paths
	locate,       // 404
	decode,       // 415, 413, 400
}

// variantOf returns the form that a record has. A record that was stored after a reload may have a form that the model of
// this request does not know; the present one does.
func (c *call) variantOf(one *record) *variant {
	if found := c.model.variantOf(one); found != nil {
		return found
	}
	return c.server.site.Load().model.variantOf(one)
}

// serve answers one request, remembers what it was and logs one line about it.
func (c *call) serve(w http.ResponseWriter) {
	answer := c.finish(w, c.answer())
	took := time.Since(c.started)
	c.log(answer, took)
	c.remember(answer, took)
	if c.aborted {
		panic(http.ErrAbortHandler)
	}
}

// answer finds the answer to a request and writes nothing.
func (c *call) answer() (answer *reply) {
	defer c.survive(&answer)
	for _, step := range steps {
		if refusal := step(c); refusal != nil {
			return refusal
		}
	}
	return c.route.act(c)
}

// finish redacts, checks and encodes an answer, and writes it. It returns what was
// written, which is another answer where the given one breaks the document.
func (c *call) finish(w http.ResponseWriter, answer *reply) *reply {
	scratch := borrow()
	defer scratch.giveBack()
	scratch.text, answer = c.render(scratch.text, answer)
	answer.length, answer.injected = len(scratch.text), c.fault.text()
	if !c.route.isOwn() && !isOwnPath(c.path) {
		answer.written = bounded(scratch.text)
	}
	head(w.Header(), c.session.base, answer)
	if answer.pour != nil {
		c.pourOut(w, answer)
		return answer
	}
	if c.fault != nil && c.fault.breakage != "" {
		c.breakOff(w, answer.status, len(scratch.text), whole(scratch.text))
		return answer
	}
	w.WriteHeader(answer.status)
	w.Write(scratch.text)
	if answer.stream != nil {
		answer.stream(c.Context(), http.NewResponseController(w), w)
	}
	return answer
}

// head sets the headers of an answer.
func head(header http.Header, base string, answer *reply) {
	header["Content-Type"] = jsonType
	header["Cache-Control"] = noStore
	if answer.mediaType != "" {
		header.Set("Content-Type", answer.mediaType)
	}
	if answer.location != "" {
		header.Set("Location", base+answer.location)
	}
	if answer.injected != "" {
		header.Set("X-Credmock-Fault", answer.injected)
	}
	if answer.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(answer.retryAfter))
	}
	if answer.allow != "" {
		header.Set("Allow", answer.allow)
	}
	if answer.policy != "" {
		header.Set("Content-Security-Policy", answer.policy)
	}
	if answer.framed {
		header.Set("X-Frame-Options", "SAMEORIGIN") // the inspector shows it in a frame
	}
	if answer.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
}

// The header values that every answer has.
var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// render appends the encoding of an answer that keeps the document, or else of one that says that the first broke it.
func (c *call) render(text []byte, answer *reply) (body []byte, rendered *reply) {
	defer func() {
		if recovered := recover(); recovered != nil {
			c.report(recovered)
			rendered = failure()
			body = c.encode(text, rendered)
		}
	}()
	switch {
	case answer.pour != nil:
		return text, answer
	case len(answer.records) > mostAtOnce:
		if broken := c.checkEach(answer); len(broken) > 0 {
			answer = breaks(broken)
			break
		}
		answer.pour = c.pourRecords(answer)
		return text, answer
	case !answer.checked:
		c.redact(answer)
		if broken := c.check(answer); len(broken) > 0 {
			answer = breaks(broken)
		}
	}
	return c.encode(text, answer), answer
}

// survive turns a panic into an answer.
func (c *call) survive(answer **reply) {
	if recovered := recover(); recovered != nil {
		c.report(recovered)
		*answer = failure()
	}
}

// report logs where a panic happened. Its value may hold what a client sent, so that is never logged.
func (c *call) report(_ any) {
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
	c.server.logger.Error("panic", slog.String("operation", c.route.id()), slog.Any("stack", places))
}

// log writes the one line about a request. It holds the path's template and no part of the path: a secret may have been
// pasted where an id belongs.
func (c *call) log(answer *reply, took time.Duration) {
	if !c.server.logger.Enabled(c.Context(), slog.LevelInfo) {
		return
	}
	faults := make([]string, 0, len(answer.faults))
	for _, fault := range answer.faults {
		faults = append(faults, strings.TrimSuffix(fault.Code+" "+fault.Pointer, " "))
	}
	line := []slog.Attr{
		slog.String("operation", c.route.id()), slog.String("method", loggedMethod(c.Method)), slog.String("path", c.route.template()),
		slog.Int("status", answer.status), slog.String("took", took.String()), slog.Any("faults", faults),
	}
	if injected := c.injected(answer); injected != "" {
		line = append(line, slog.String("injected", injected))
	}
	c.server.logger.LogAttrs(c.Context(), slog.LevelInfo, "request", line...)
}
