package mockserver

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// Server is a mock of the API. It is an http.Handler, safe for concurrent use; make one with [New].
type Server struct {
	options Options
	spec    *credmock.Spec
	logger  *slog.Logger

	// All of this is compiled once, by New, and only read thereafter.
	router        *router
	kinds         map[string]*kind
	meta          []byte         // the encoded envelope up to its second member
	strategies    map[string]any // the payload that lists them
	tokenForm     *view.Form     // what a token request must be
	organizations []*organization
	environments  map[string]*environment
	words         vocabulary
	planned       []*fault          // what goes wrong from the start
	callers       [sha256.Size]byte // a digest of what the fixtures say of those who may call
	hosts         hosts             // the names under which the mock answers beside the loopback names

	// The sessions of a server are servers too, which have all of the above in common, and these.
	pause    func(context.Context, time.Duration)
	initial  *state // what there was when the first began
	sessions *sessions
	known    *knownSecrets
	reports  *uiReports
	heard    *heard

	*session // what each of them has for itself
}

// call is one request on its way through the mock.
type call struct {
	*http.Request
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

// steps are what a request passes before it is acted upon, in this order. The first that refuses it answers it: the caller
// learns nothing of what lies behind.
var steps = [...]func(*Server, *call) *reply{
	(*Server).findRoute,    // 404, 405
	(*Server).misbehave,    // whatever was asked for, to try out a client
	(*Server).authenticate, // 401
	(*Server).authorize,    // 403
	(*Server).readQuery,    // 400, for the mock's own paths
	(*Server).locate,       // 404
	(*Server).decode,       // 415, 413, 400
}

// ServeHTTP answers one request, in the session that its path names. A server that was reloaded passes it on.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if next := s.successor.Load(); next != nil {
		next.ServeHTTP(w, r)
		return
	}
	protect(w.Header(), r.URL.Path)
	c := &call{Request: r, started: time.Now(), path: r.URL.EscapedPath()}
	if s.isMisdirected(r) {
		s.turnAway(w, c)
		return
	}
	if s.shareWithPage(w, r) {
		return
	}
	if session := s.enter(c); !session.mutated(w, c) {
		session.serve(w, c)
	}
}

// serve answers one request, remembers what it was and logs one line about it.
func (s *Server) serve(w http.ResponseWriter, c *call) {
	answer := s.finish(w, c, s.observe(c))
	took := time.Since(c.started)
	s.log(c, answer, took)
	s.remember(c, answer, took)
	if c.aborted {
		panic(http.ErrAbortHandler)
	}
}

// observe finds the answer to a request and writes nothing.
func (s *Server) observe(c *call) (answer *reply) {
	defer s.survive(c, &answer)
	for _, step := range steps {
		if refusal := step(s, c); refusal != nil {
			return refusal
		}
	}
	return c.route.act(s, c)
}

// finish redacts, checks and encodes an answer, and writes it. Nothing else writes to a client. It returns what was
// written, which is another answer where the given one breaks the document.
func (s *Server) finish(w http.ResponseWriter, c *call, answer *reply) *reply {
	scratch := borrow()
	defer scratch.giveBack()
	scratch.text, answer = s.render(scratch.text, c, answer)
	answer.length, answer.injected = len(scratch.text), c.fault.text()
	if !c.route.isOwn() && !isOwnPath(c.path) {
		answer.written = bounded(scratch.text)
	}
	s.head(w.Header(), answer)
	if answer.pour != nil {
		s.pourOut(w, c, answer)
		return answer
	}
	if c.fault != nil && c.fault.breakage != "" {
		s.breakOff(w, c, answer.status, len(scratch.text), whole(scratch.text))
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
func (s *Server) head(header http.Header, answer *reply) {
	header["Content-Type"] = jsonType
	header["Cache-Control"] = noStore
	if answer.mediaType != "" {
		header.Set("Content-Type", answer.mediaType)
	}
	if answer.location != "" {
		header.Set("Location", s.base+answer.location)
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
	if answer.policy == reportPolicy {
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
func (s *Server) render(text []byte, c *call, answer *reply) (body []byte, rendered *reply) {
	defer func() {
		if recovered := recover(); recovered != nil {
			s.report(c, recovered)
			rendered = failure()
			body = s.encode(text, c, rendered)
		}
	}()
	switch {
	case answer.pour != nil:
		return text, answer
	case len(answer.records) > mostAtOnce:
		if broken := s.checkEach(c, answer); len(broken) > 0 {
			answer = breaks(broken)
			break
		}
		answer.pour = s.pourRecords(answer)
		return text, answer
	case !answer.checked:
		s.redact(answer)
		if broken := s.check(c, answer); len(broken) > 0 {
			answer = breaks(broken)
		}
	}
	return s.encode(text, c, answer), answer
}

// survive turns a panic into an answer.
func (s *Server) survive(c *call, answer **reply) {
	if recovered := recover(); recovered != nil {
		s.report(c, recovered)
		*answer = failure()
	}
}

// report logs where a panic happened. Its value may hold what a client sent, so that is never logged.
func (s *Server) report(c *call, _ any) {
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
	s.logger.Error("panic", slog.String("operation", c.route.id()), slog.Any("stack", places))
}

// log writes the one line about a request. It holds the path's template and no part of the path: a secret may have been
// pasted where an id belongs.
func (s *Server) log(c *call, answer *reply, took time.Duration) {
	if !s.logger.Enabled(c.Context(), slog.LevelInfo) {
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
	s.logger.LogAttrs(c.Context(), slog.LevelInfo, "request", line...)
}

// loggedMethod returns a method of HTTP as it is, and no other text: a client can send anything for one.
func loggedMethod(method string) string {
	if at := slices.Index(methods[:], method); at >= 0 {
		return methods[at]
	}
	return otherMethod
}

// otherMethod stands for a method that is none of HTTP's.
const otherMethod = "other"

var methods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}
