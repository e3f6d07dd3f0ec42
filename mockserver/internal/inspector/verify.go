package inspector

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock/mockserver/internal/serve"
)

// uiReports keeps the latest reports. A browser opens a report without a token, so its name cannot be guessed.
type uiReports struct {
	running sync.Mutex // held during a run, which uses all processors

	mutex sync.Mutex
	keys  []string
	pages map[string][]byte
}

// uiMostReports is the number of reports kept.
const uiMostReports = 8

func (r *uiReports) Add(page []byte) string {
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

// reportPolicy lets the report run its own scripts and isolates it from the page around it and from this server.
const reportPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"

func (i *Inspector) report(c *serve.Call) *serve.Reply {
	i.reports.mutex.Lock()
	page := i.reports.pages[c.Parameter]
	i.reports.mutex.Unlock()
	if page == nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "There is no such report, or it is gone; run it again.")
	}
	return &serve.Reply{Status: http.StatusOK, Text: page, MediaType: "text/html; charset=utf-8", Policy: reportPolicy, Framed: true}
}

// verify runs the suite against a temporary copy of this session or, on request, against the session itself with its faults. It
// answers with events: progress, and finally verdict or trouble.
func (i *Inspector) verify(c *serve.Call) *serve.Reply {
	var given struct {
		Here bool `json:"here"`
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	if i.Judge == nil {
		return serve.Refuse(http.StatusNotFound, "not-found", "This mock was started without the suite.")
	}
	if !i.Engineer {
		return serve.Refuse(http.StatusConflict, "no-engineer", "A run needs a token of an engineer; start the mock with --token.")
	}
	if !i.reports.running.TryLock() {
		return serve.Refuse(http.StatusConflict, "verify-running", "A run is under way; wait until it ends.")
	}
	target := c.Session
	if !given.Here {
		made, err := c.Server.Sessions.Create(c.Session, "", nil, nil)
		if err != nil {
			i.reports.running.Unlock()
			return serve.Refuse(http.StatusConflict, "too-many-sessions",
				"The run needs a session of its own, and there are as many as there may be; delete some.")
		}
		made.Faults.Clear()       // a session starts with the faults of the fixtures
		made.Deliver.Store(false) // the suite judges the contract, which says nothing about it
		target = made
	}
	base := c.OwnHost() + target.Base + c.Model.BasePath()
	stream := func(ctx context.Context, control *http.ResponseController, w io.Writer) {
		defer i.reports.running.Unlock()
		if target != c.Session {
			defer c.Server.Sessions.Remove(target.Name)
		}
		events, done := serve.NewEventStream(ctx, c.Session.Ended, control, w)
		defer done()
		_ = control.SetReadDeadline(time.Time{}) // a server without deadlines needs no reset
		i.run(ctx, c, events, base)
	}
	return &serve.Reply{Status: http.StatusOK, MediaType: "text/event-stream", Text: []byte(": running\n\n"), Stream: stream}
}

// run runs the suite and writes events. It ends when the client disconnects or stops reading.
func (i *Inspector) run(ctx context.Context, c *serve.Call, to *serve.EventStream, base string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.Session.Ended, cancel)()
	send := func(event string, data map[string]any) {
		text, err := json.Marshal(data, json.Deterministic(true))
		if err != nil || to.Send(0, event, text) != nil {
			cancel()
		}
	}
	page, verdict, err := i.Judge(ctx, base, c.Model, func(done, total int, id, outcome string) {
		send("progress", map[string]any{"done": done, "total": total, "id": id, "outcome": outcome})
	})
	if err != nil {
		send("trouble", map[string]any{"message": err.Error()})
		return
	}
	send("verdict", map[string]any{"verdict": verdict, "report": c.Base + serve.UIPath + "reports/" + i.reports.Add(page)})
}
