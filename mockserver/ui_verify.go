package mockserver

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock"
)

// uiReports keeps what came of the latest runs. A browser opens a page without a token, so the name of a report is one that
// nobody guesses.
type uiReports struct {
	running sync.Mutex // held while one runs: a run takes the whole machine

	mutex sync.Mutex
	keys  []string
	pages map[string][]byte
}

// uiMostReports is how many reports are kept.
const uiMostReports = 8

func (r *uiReports) add(page []byte) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.keys) >= uiMostReports {
		delete(r.pages, r.keys[0])
		r.keys = r.keys[1:]
	}
	key := rand.Text()
	r.keys = append(r.keys, key)
	if r.pages == nil {
		r.pages = map[string][]byte{}
	}
	r.pages[key] = page
	return key
}

// reportPolicy lets the report do what it does by itself, and keeps it from the page around it and from this server.
const reportPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"

func uiReport(c *call) *reply {
	c.server.reports.mutex.Lock()
	page := c.server.reports.pages[c.parameter]
	c.server.reports.mutex.Unlock()
	if page == nil {
		return refuse(http.StatusNotFound, "not-found", "There is no such report, or it is gone; run it again.")
	}
	return &reply{status: http.StatusOK, text: page, mediaType: "text/html; charset=utf-8", policy: reportPolicy}
}

// Judged is the mock that a run of [Options].Verify is about: where it stands, which document it serves, and who its principals
// are by its fixtures. A token is empty where nobody has that part.
type Judged struct {
	URL                            string // its base
	Spec                           *credmock.Spec
	Organization                   int // the engineer's
	Token, ViewerToken, OtherToken string
	// Progress is told of each check as soon as that is done. It may be called by several goroutines at once.
	Progress func(done, total int, id, outcome string)
}

// judged says who is who here. By the fixtures, a token of the options may belong to anybody.
func (m *model) judged(base string) Judged {
	found := Judged{URL: base, Spec: m.spec}
	if len(m.options.Tokens) > 0 {
		found.Token = m.options.Tokens[0]
	}
	engineer, _ := m.lasting.find(found.Token)
	if !engineer.known {
		return found
	}
	found.Organization = int(engineer.organization)
	if viewer, known := m.lasting.find(m.options.ViewerToken); known && viewer.organization == engineer.organization && !viewer.engineer {
		found.ViewerToken = m.options.ViewerToken
	}
	if other, known := m.lasting.find(m.options.OtherToken); known && other.organization != engineer.organization && other.engineer {
		found.OtherToken = m.options.OtherToken
	}
	return found
}

// uiVerify runs the suite against a copy of this session, which is gone afterwards, or where the body says so against the
// session itself with its faults. It answers with events: progress, and at the end verdict or trouble.
func uiVerify(c *call) *reply {
	var given struct {
		Here bool `json:"here"`
	}
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	if c.model.options.Verify == nil {
		return refuse(http.StatusNotFound, "not-found", "This mock was started without the suite.")
	}
	if len(c.model.options.Tokens) == 0 {
		return refuse(http.StatusConflict, "no-engineer", "A run needs a token of an engineer; start the mock with --token.")
	}
	if !c.server.reports.running.TryLock() {
		return refuse(http.StatusConflict, "verify-running", "A run is under way; wait until it ends.")
	}
	target := c.session
	if !given.Here {
		made, err := c.server.createSession(c.session, "", nil, false)
		if err != nil {
			c.server.reports.running.Unlock()
			return refuse(http.StatusConflict, "too-many-sessions", "The run needs a session of its own, and there are as many as there may be; delete some.")
		}
		made.faults.clear() // those of the fixtures: a session begins with them
		target = made
	}
	base := c.ownHost() + target.base + c.model.basePath()
	stream := func(ctx context.Context, control *http.ResponseController, w io.Writer) {
		defer c.server.reports.running.Unlock()
		if target != c.session {
			defer c.server.sessions.remove(target.name)
		}
		runVerify(ctx, c, &uiStream{control: control, w: w}, base)
	}
	return &reply{status: http.StatusOK, mediaType: "text/event-stream", text: []byte(": running\n\n"), stream: stream}
}

// runVerify runs the suite and tells a stream of it. It ends when the client goes.
func runVerify(ctx context.Context, c *call, to *uiStream, base string) {
	_ = to.control.SetWriteDeadline(time.Time{}) // where a server has none, there is none to lift
	_ = to.control.SetReadDeadline(time.Time{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.session.ended, cancel)()
	judged := c.model.judged(base)
	judged.Progress = func(done, total int, id, outcome string) {
		to.send("progress", map[string]any{"done": done, "total": total, "id": id, "outcome": outcome})
	}
	page, verdict, err := c.model.options.Verify(ctx, judged)
	if err != nil {
		to.send("trouble", map[string]any{"message": err.Error()})
		return
	}
	to.send("verdict", map[string]any{"verdict": verdict, "report": c.session.base + uiPath + "reports/" + c.server.reports.add(page)})
}

// ownHost returns the address under which the mock reaches itself: what a caller calls it may mean something else here.
func (c *call) ownHost() string {
	host := c.Host
	if local, known := c.Context().Value(http.LocalAddrContextKey).(net.Addr); known {
		host = local.String()
	}
	if c.TLS != nil {
		return "https://" + host
	}
	return "http://" + host
}

// uiStream writes server-sent events, several at once if need be.
type uiStream struct {
	mutex   sync.Mutex
	control *http.ResponseController
	w       io.Writer
}

func (u *uiStream) send(event string, data map[string]any) {
	text, err := json.Marshal(data, json.Deterministic(true))
	if err != nil {
		return
	}
	u.mutex.Lock()
	defer u.mutex.Unlock()
	_, _ = io.WriteString(u.w, "event: "+event+"\ndata: "+string(text)+"\n\n") // a client that has gone ends the run by its context
	_ = u.control.Flush()
}
