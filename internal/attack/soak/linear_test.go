package soak

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// A history has so few requests that its check ends.
const (
	rivals       = 8
	rivalTurns   = 5
	checkTimeout = 20 * time.Second
)

// step is one request of a history, or what came of it.
type step struct {
	action string
	id     string
	value  string // what was written or read; of a list, everything
	done   bool   // it was not answered with 404
}

// register is what credentials are to the checker: values by id. Its state is a text, so that states can be compared.
var register = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		return advance(state.(string), input.(step), output.(step))
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// advance tells whether the request may have had that outcome in that state, and what the state is then.
func advance(state string, asked, got step) (bool, string) {
	if asked.action == "list" {
		return got.value == state, state
	}
	id := asked.id
	if asked.action == "create" {
		id = got.id
	}
	before, value, after, there := cutLine(state, id)
	switch asked.action {
	case "create":
		return got.done && !there, before + id + "=" + asked.value + "\n" + after
	case "get":
		return got.done == there && got.value == value, state
	case "update":
		if !got.done {
			return !there, state
		}
		return there, before + id + "=" + asked.value + "\n" + after
	}
	return got.done == there, before + after
}

// cutLine returns what stands in a state before the line of an id, where that is or would be, what the line says, and what follows it.
func cutLine(state, id string) (before, value, after string, there bool) {
	at := 0
	for line := range strings.Lines(state) {
		known, rest, _ := strings.Cut(line, "=")
		switch {
		case known == id:
			return state[:at], strings.TrimSuffix(rest, "\n"), state[at+len(line):], true
		case known > id:
			return state[:at], "", state[at:], false
		}
		at += len(line)
	}
	return state, "", "", false
}

// pack returns the state in which these values are held.
func pack(held map[string]string) string {
	var text strings.Builder
	for _, id := range slices.Sorted(maps.Keys(held)) {
		text.WriteString(id + "=" + held[id] + "\n")
	}
	return text.String()
}

// contest is one history: rivals who create, read, change, delete and list the same credentials in a session of their own.
type contest struct {
	*world
	session  string
	strategy *credmock.Strategy
	body     map[string]any // of create; what an update must repeat, too
	second   string         // a field that is written together with the name, with the same value; may be empty

	began   time.Time
	mutex   sync.Mutex
	ids     []string
	history []porcupine.Operation
}

// runContests records a history in each turn and checks it.
func (w *world) runContests() {
	source := sample.New(int64(w.seed))
	for turn := 0; w.more(2 * turn); turn++ {
		name := fmt.Sprintf("contest-%d", turn)
		if !w.expect(w.own("", "POST", "sessions", fmt.Sprintf(`{"name":%q,"from":"start"}`, name)), "a session", success...) {
			continue
		}
		strategy := w.spec.Strategies[turn%len(w.spec.Strategies)]
		made := &contest{world: w, session: "/__sessions/" + name, strategy: strategy, second: plainField(strategy), began: time.Now()}
		made.body = w.body(source, strategy, environments[len(environments)-1], func() bool { return false })
		made.record(uint64(turn))
		made.judge()
		w.expect(w.own("", "DELETE", "sessions/"+name, ""), "the end of a session", success...)
	}
}

func (c *contest) record(turn uint64) {
	var group sync.WaitGroup
	for rival := range rivals {
		group.Go(func() {
			random := rand.New(rand.NewPCG(c.seed*1000+turn, uint64(rival)))
			for i := range rivalTurns {
				c.perform(rival, fmt.Sprintf("r%d-%d", rival, i), random)
			}
		})
	}
	group.Wait()
}

func (c *contest) judge() {
	switch porcupine.CheckOperationsTimeout(register, c.history, checkTimeout) {
	case porcupine.Ok:
		c.count("histories: linearizable")
	case porcupine.Illegal:
		c.count("histories: NOT linearizable")
		c.problem("a history of %d requests is not linearizable", len(c.history))
	case porcupine.Unknown:
		c.count("histories: not decided in time")
	}
}

// perform sends one request and records it.
func (c *contest) perform(rival int, value string, random *rand.Rand) {
	actions := []string{"create", "create", "get", "get", "get", "update", "update", "update", "delete", "list", "list"}
	asked := step{action: actions[random.IntN(len(actions))], value: value, id: c.anyID(random)}
	if asked.id == "" {
		asked.action = "create"
	}
	called := time.Since(c.began)
	output, answered := c.try(asked)
	returned := time.Since(c.began)
	if !answered {
		return // the request is a problem already, and may have been done or not
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if asked.action == "create" {
		c.ids = append(c.ids, output.id)
	}
	c.history = append(c.history, porcupine.Operation{ClientId: rival, Input: asked, Call: int64(called), Output: output,
		Return: int64(returned)})
}

func (c *contest) anyID(random *rand.Rand) string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.ids) == 0 {
		return ""
	}
	return c.ids[random.IntN(len(c.ids))]
}

// try sends a request. It tells whether the mock answered with a success or, where something of that id is asked for, with 404.
func (c *contest) try(asked step) (step, bool) {
	operation, named := c.credential(asked.action), asked.id
	var body map[string]any
	switch asked.action {
	case "create":
		body = maps.Clone(c.body)
	case "update":
		body = map[string]any{}
		for _, requirement := range c.strategy.Update.Required {
			body[requirement.Name] = c.body[requirement.Name]
		}
	case "list":
		named = environments[len(environments)-1]
	}
	if body != nil {
		body[c.name] = asked.value
		if c.second != "" {
			body[c.second] = asked.value
		}
	}
	got := c.ask(c.session, operation, body, named)
	allowed := success
	if asked.id != "" && asked.action != "create" && asked.action != "list" {
		allowed = append(slices.Clone(success), 404)
	}
	if !c.expect(got, asked.action+" in a contest", allowed...) {
		return step{}, false
	}
	return c.outcome(asked, got, operation), true
}

func (c *contest) outcome(asked step, got *answer, operation *credmock.Operation) step {
	output := step{done: got.good()}
	switch asked.action {
	case "create":
		output.id, _ = got.payload[c.id].(string)
	case "get":
		output.value = c.valueOf(got.payload)
	case "list":
		held := map[string]string{}
		for id, shown := range c.byID(got.payload[operation.Member]) {
			held[id], _ = shown[c.name].(string) // an item of a list may show less
		}
		output.value = pack(held)
	}
	return output
}

// valueOf returns what was written; a mixture of two updates equals nothing that was.
func (c *contest) valueOf(shown map[string]any) string {
	name, _ := shown[c.name].(string)
	if c.second != "" && shown != nil && shown[c.second] != name {
		return "a mixture"
	}
	return name
}

// What the checker is for: it refuses a read of what was overwritten before the read began, and a list without what was created.
func TestHistoriesThatAreNotLinearizable(t *testing.T) {
	at := func(call int64, asked, got step) porcupine.Operation {
		return porcupine.Operation{Input: asked, Output: got, Call: call, Return: call + 1}
	}
	created := at(0, step{action: "create", value: "a"}, step{id: "1", done: true})
	updated := at(2, step{action: "update", id: "1", value: "b"}, step{done: true})
	deleted := at(4, step{action: "delete", id: "1"}, step{done: true})
	read := func(value string, done bool) step { return step{value: value, done: done} }
	for name, test := range map[string]struct {
		history []porcupine.Operation
		sound   bool
	}{
		"read after write":      {[]porcupine.Operation{created, updated, at(4, step{action: "get", id: "1"}, read("b", true))}, true},
		"stale read":            {[]porcupine.Operation{created, updated, at(4, step{action: "get", id: "1"}, read("a", true))}, false},
		"read beside the write": {[]porcupine.Operation{created, updated, at(2, step{action: "get", id: "1"}, read("a", true))}, true},
		"list":                  {[]porcupine.Operation{created, at(4, step{action: "list"}, read("1=a\n", true))}, true},
		"list without it":       {[]porcupine.Operation{created, at(4, step{action: "list"}, read("", true))}, false},
		"read of the deleted":   {[]porcupine.Operation{created, deleted, at(6, step{action: "get", id: "1"}, read("a", true))}, false},
		"update of the deleted": {[]porcupine.Operation{created, deleted, at(6, step{action: "update", id: "1", value: "c"}, read("", true))},
			false},
		"id given twice": {[]porcupine.Operation{created, at(4, step{action: "create", value: "a"}, step{id: "1", done: true})}, false},
	} {
		if sound := porcupine.CheckOperations(register, test.history); sound != test.sound {
			t.Errorf("%s: linearizable is %v", name, sound)
		}
	}
}
