package soak

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// clients are under way at once: owners, rivals, visitors of sessions, injectors of faults and listeners.
const (
	clients   = owners + rivals + visitors + injectors + listeners
	owners    = 48
	visitors  = 3
	injectors = 2
	listeners = 3
)

// shortRounds is how many turns each client has where no time is given.
const shortRounds = 10

// SOAK says how long the soak lasts.
func TestSoak(t *testing.T) {
	text := os.Getenv("SOAK")
	if text == "" {
		made := newWorld(context.Background(), t, shortRounds, nil)
		made.soak(t, time.Second)
		made.verdict(t)
		return
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SOAK must be a duration such as 10m: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	made := newWorld(ctx, t, 0, nil)
	list := made.soak(t, length/100)
	tellMeasured(t, list)
	made.verdict(t)
	if len(list) < 40 {
		t.Logf("%d measurements are too few to tell whether anything grows", len(list))
	} else if found := grown(list); found != nil {
		t.Errorf("not flat: %v", found)
	}
}

// soak lets all clients work, and holds what the mock keeps in the end against the model.
func (w *world) soak(t testing.TB, every time.Duration) []measured {
	t.Helper()
	done, end := context.WithCancel(context.Background())
	defer end()
	var working, others sync.WaitGroup
	var all []*owner
	for number := range owners {
		all = append(all, newOwner(w, number))
		working.Go(all[number].run)
	}
	working.Go(w.runContests)
	for number := range visitors {
		working.Go(func() { w.runSessions(number) })
	}
	for number := range injectors {
		working.Go(func() { w.runFaults(number) })
	}
	for range listeners {
		others.Go(func() { w.listen(done) })
	}
	var served reload
	var list []measured
	others.Go(func() { served = w.runReloads(t, done) })
	others.Go(func() { list = runMeasure(done, every) })
	working.Wait()
	end()
	others.Wait()
	w.expect(w.own("", "DELETE", "faults", ""), "the end of the faults", 200)
	w.compareState(all, served)
	return list
}

// compareState expects the mock to hold what the owners know of, what the fixtures say, and nothing else.
func (w *world) compareState(all []*owner, served reload) {
	credentials, destinations := map[string]map[string]any{}, map[string]map[string]any{}
	for _, environment := range environments {
		for id, shown := range w.byID(w.ask("", w.credential("list"), nil, environment).payload[w.credential("list").Member]) {
			credentials[id] = shown
		}
		for id, shown := range w.byID(w.ask("", w.destination("list"), nil, environment).payload[w.destination("list").Member]) {
			destinations[id] = shown
		}
	}
	w.counts["credentials at the end"], w.counts["destinations at the end"] = len(credentials), len(destinations)
	for _, one := range all {
		for _, credential := range one.credentials {
			if credentials[credential.id] == nil {
				w.problem("the end: a credential is not listed")
			}
			got := w.ask("", w.credential("get"), nil, credential.id)
			w.compare("the end", credential, got.payload, got.text)
			delete(credentials, credential.id)
		}
		for _, destination := range one.destinations {
			w.compareDestination("the end", destination, destinations[destination.id])
			delete(destinations, destination.id)
		}
	}
	for i := range served.credentials {
		if shown := credentials[fixedID(i)]; shown == nil || shown[w.name] != fmt.Sprintf("one of %d", served.credentials) {
			w.problem("the end: a credential of the fixtures is missing or old")
		}
		delete(credentials, fixedID(i))
	}
	if len(credentials)+len(destinations) > 0 {
		w.problem("the end: %d credentials and %d destinations are nobody's", len(credentials), len(destinations))
	}
}

// verdict fails for every problem, and where something was not tried at all.
func (w *world) verdict(t testing.TB) {
	t.Helper()
	w.tell(t)
	for _, problem := range w.problems {
		t.Error(problem)
	}
	for _, what := range []string{"histories: linearizable", "compared with the model", "injected"} {
		if w.counted(what) == 0 {
			t.Errorf("there were none: %s", what)
		}
	}
	for _, operation := range w.spec.Operations {
		if w.counted(operation.ID+" 200")+w.counted(operation.ID+" 201") == 0 {
			t.Errorf("%s was never answered with a success", operation.ID)
		}
	}
}
