package mockserver

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"time"
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

func (i *inspector) report(c *call) *reply {
	i.reports.mutex.Lock()
	page := i.reports.pages[c.parameter]
	i.reports.mutex.Unlock()
	if page == nil {
		return refuse(http.StatusNotFound, "not-found", "There is no such report, or it is gone; run it again.")
	}
	return &reply{status: http.StatusOK, text: page, mediaType: "text/html; charset=utf-8", policy: reportPolicy, framed: true}
}

// verify runs the suite against a copy of this session, which is gone afterwards, or where the body says so against the
// session itself with its faults. It answers with events: progress, and at the end verdict or trouble.
func (i *inspector) verify(c *call) *reply {
	var given struct {
		Here bool `json:"here"`
	}
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	if i.judge == nil {
		return refuse(http.StatusNotFound, "not-found", "This mock was started without the suite.")
	}
	if !i.engineer {
		return refuse(http.StatusConflict, "no-engineer", "A run needs a token of an engineer; start the mock with --token.")
	}
	if !i.reports.running.TryLock() {
		return refuse(http.StatusConflict, "verify-running", "A run is under way; wait until it ends.")
	}
	target := c.session
	if !given.Here {
		made, err := c.server.sessions.create(c.session, "", nil, nil)
		if err != nil {
			i.reports.running.Unlock()
			return refuse(http.StatusConflict, "too-many-sessions", "The run needs a session of its own, and there are as many as there may be; delete some.")
		}
		made.faults.clear() // those of the fixtures: a session begins with them
		target = made
	}
	base := c.ownHost() + target.base + c.model.basePath()
	stream := func(ctx context.Context, control *http.ResponseController, w io.Writer) {
		defer i.reports.running.Unlock()
		if target != c.session {
			defer c.server.sessions.remove(target.name)
		}
		i.run(ctx, c, &uiStream{control: control, w: w}, base)
	}
	return &reply{status: http.StatusOK, mediaType: "text/event-stream", text: []byte(": running\n\n"), stream: stream}
}

// run runs the suite and tells a stream of it. It ends when the client goes.
func (i *inspector) run(ctx context.Context, c *call, to *uiStream, base string) {
	_ = to.control.SetWriteDeadline(time.Time{}) // where a server has none, there is none to lift
	_ = to.control.SetReadDeadline(time.Time{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.session.ended, cancel)()
	told := func(done, total int, id, outcome string) {
		to.send("progress", map[string]any{"done": done, "total": total, "id": id, "outcome": outcome})
	}
	page, verdict, err := i.judge(ctx, base, c.model, told)
	if err != nil {
		to.send("trouble", map[string]any{"message": err.Error()})
		return
	}
	to.send("verdict", map[string]any{"verdict": verdict, "report": c.session.base + uiPath + "reports/" + i.reports.add(page)})
}
