package soak

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// runSessions makes sessions, uses them, breaks answers in them, goes back to snapshots, and deletes them.
func (w *world) runSessions(number int) {
	source := sample.New(int64(number))
	for turn := 0; w.more(4 * turn); turn++ {
		name := fmt.Sprintf("visit-%d-%d", number, turn)
		from := []string{"now", "start"}[turn%2]
		if !w.expect(w.own("", "POST", "sessions", fmt.Sprintf(`{"name":%q,"from":%q}`, name, from)), "a session", success...) {
			continue
		}
		w.visit("/__sessions/"+name, source)
		w.expect(w.own("", "DELETE", "sessions/"+name, ""), "the end of a session", success...)
		w.expect(w.ask("/__sessions/"+name, w.credential("strategies"), nil, ""), "a session that is gone", 404)
	}
}

func (w *world) visit(session string, source *sample.Source) {
	environment := environments[len(environments)-1]
	strategy := w.spec.Strategies[source.Number(0, len(w.spec.Strategies)-1)]
	body := w.body(source, strategy, environment, source.Bool)
	create := func() (id string) {
		got := w.ask(session, w.credential("create"), body, "")
		if w.expect(got, "create in a session", success...) {
			id, _ = got.payload[w.id].(string)
		}
		return id
	}
	before := create()
	w.expect(w.own(session, "POST", "snapshots", `{"name":"noted"}`), "a snapshot", success...)
	after := create()
	w.breakAnswers(session, body)
	w.expect(w.own(session, "GET", "requests?limit=20", ""), "the journal", 200)
	w.expect(w.own(session, "GET", "requests.har?limit=20", ""), "the journal as HAR", 200)
	w.expect(w.own(session, "GET", "requests.txtar?limit=20", ""), "the journal as a scenario", 200)
	w.expect(w.own(session, "POST", "clock", `{"advance":"1m"}`), "the clock", 200)
	if state := w.own(session, "GET", "state?secrets=true", ""); w.expect(state, "the state", 200) {
		// Another import may be under way.
		w.expect(w.own(session, "PUT", "state", string(state.text)), "the state put back", 200, http.StatusTooManyRequests)
	}
	w.expect(w.own(session, "POST", "reset", `{"snapshot":"noted"}`), "back to the snapshot", success...)
	w.expect(w.ask(session, w.credential("get"), nil, before), "what the snapshot holds", 200)
	w.expect(w.ask(session, w.credential("get"), nil, after), "what came after the snapshot", 404)
}

// breakAnswers asks for broken answers, and sees whole ones once these are over.
func (w *world) breakAnswers(session string, body map[string]any) {
	for _, breakage := range []string{"reset", "truncated", "malformed", "slow"} {
		fault := fmt.Sprintf(`{"breakage":%q,"delay":"1ms","methods":["POST"],"times":1}`, breakage)
		if !w.expect(w.own(session, "POST", "faults", fault), "a fault", success...) {
			continue
		}
		// A request that changes something: what only reads is sent again by Go's client where the connection breaks.
		got := w.ask(session, w.credential("create"), body, "")
		if whole := got.payload != nil; whole != (breakage == "slow") {
			w.problem("the breakage %s: status %d, whole is %v: %.100s", breakage, got.status, whole, got.text)
		}
	}
	w.expect(w.own(session, "DELETE", "faults", ""), "the end of the faults", 200)
	w.expect(w.ask(session, w.credential("strategies"), nil, ""), "strategies after the faults", 200)
}

// runFaults injects faults into what the owners ask, and takes them away again.
func (w *world) runFaults(number int) {
	random := rand.New(rand.NewPCG(w.seed, uint64(number)))
	for turn := 0; w.more(turn); turn++ {
		operation := w.spec.Operations[random.IntN(len(w.spec.Operations))]
		fault := fmt.Sprintf(`{"operations":[%q],"status":503,"times":3}`, operation.ID)
		if turn%3 == 0 {
			fault = fmt.Sprintf(`{"operations":[%q],"delay":"1ms","delayMax":"3ms","times":3}`, operation.ID)
		}
		got := w.own("", "POST", "faults", fault)
		w.expect(got, "a fault", success...)
		w.expect(w.own("", "GET", "faults", ""), "the faults", 200)
		w.expect(w.own("", "POST", "snapshots", fmt.Sprintf(`{"name":"by-%d"}`, number)), "a snapshot", success...)
		if id := member(got.text, "id"); id != nil {
			w.expect(w.own("", "DELETE", fmt.Sprintf("faults/%v", id), ""), "the end of a fault", success...)
		}
	}
}

// listen reads some events at a time, until the others are done.
func (w *world) listen(done context.Context) {
	for done.Err() == nil {
		ctx, cancel := context.WithTimeout(done, 500*time.Millisecond)
		w.listenOnce(ctx)
		cancel()
	}
}

func (w *world) listenOnce(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, "GET", w.base+"/__admin/events", nil)
	if err != nil {
		w.problem("events: %v", err)
		return
	}
	response, err := (&http.Client{Transport: w.client.Transport}).Do(request)
	if err != nil {
		return // its time is over
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		w.problem("events: %d", response.StatusCode)
		return
	}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		w.count("lines of events")
	}
}

// reload is what the mock serves after a reload.
type reload struct {
	spec        *credmock.Spec
	fixtures    []byte
	credentials int
}

// runReloads puts another document and other fixtures in place in each turn, as `serve --watch` does. It returns what is served last.
func (w *world) runReloads(t testing.TB, done context.Context) reload {
	choices := []reload{
		{document(t, "1.0.1"), w.fixtures(t, 5), 5},
		{w.spec, w.fixtures(t, 1), 1},
	}
	served := choices[1]
	pause := time.NewTicker(250 * time.Millisecond)
	defer pause.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-done.Done():
			return served
		case <-pause.C:
		}
		choice := choices[turn%len(choices)]
		_, err := w.server.Reload(choice.spec, choice.fixtures)
		if err != nil {
			w.problem("reload: %v", err)
			continue
		}
		served = choice
		w.count("reloads")
	}
}
