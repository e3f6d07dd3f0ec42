package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// The model family sends random sequences of requests and holds every answer against a small model of the contract:
// what create, update and delete should have left. A failing sequence is cut to the shortest that still fails.
// The sequences are made and cut here, for the property-testing libraries of Go do both inside a test alone.

const (
	furtherMoves = 4
	slots        = 3
	// maxReplays bounds how often a failing sequence is sent again to shorten it.
	maxReplays = 25
)

// move is one step of a sequence. Its credential and values follow from its numbers, so it means the same if earlier moves are
// left out.
type move struct {
	kind     string
	strategy *credmock.Strategy
	slot     int   // the index of its credential
	seed     int64 // of its values
}

// credentialModel is the state that one credential should have.
type credentialModel struct {
	strategy *credmock.Strategy
	id       string
	fields   map[string]any
	flags    map[string]bool
	required map[string]any // what every update must repeat
}

func planModel(p *planner) {
	for _, strategy := range p.spec.Strategies {
		p.Add(p.of(strategy, "model/sequence"),
			"After any sequence of creates, updates, reads and deletes every answer is as the contract has it. ("+strategy.Name+")",
			inferredMust, judgeSequence([]*credmock.Strategy{strategy}))
	}
	p.Add("model/mixed",
		"After any sequence of creates, updates, reads and deletes of several strategies every answer is as the contract has it.",
		inferredMust, judgeSequence(p.spec.Strategies))
}

// opening begins every sequence: it is the shortest one that breaks a server with faulty state.
var opening = []string{"create", "update", "refused update", "update", "list"}

// moveKinds are the kinds of moves, weighted by repetition. Moves before the first create do nothing.
var moveKinds = []string{"create", "create bare", "update", "update", "update all", "refused update", "get", "get", "list", "delete"}

func judgeSequence(strategies []*credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		moves := makeUp(p, strategies)
		failure, e := play(p, moves)
		if failure == "" {
			p.Pass()
			return
		}
		moves, failure, e = shorten(p, moves, failure, e)
		p.Fail(e, "", "after "+tell(moves)+": "+failure, "what the sequence should have left (seed "+fmt.Sprint(p.Seed)+")")
	}
}

func makeUp(p *probe.Probe, strategies []*credmock.Strategy) []move {
	var moves []move
	openers := []*credmock.Strategy{strategies[0]}
	if len(strategies) > 1 {
		openers = append(openers, strategies[p.Sample.Number(1, len(strategies)-1)])
	}
	for slot, strategy := range openers {
		for _, kind := range opening {
			moves = append(moves, move{kind: kind, strategy: strategy, slot: slot, seed: int64(len(moves)) + 1})
		}
	}
	for end := len(moves) + furtherMoves; len(moves) < end; {
		number := len(moves)
		moves = append(moves, move{
			kind: moveKinds[p.Sample.Number(0, len(moveKinds)-1)], strategy: strategies[p.Sample.Number(0, len(strategies)-1)],
			slot: p.Sample.Number(0, slots-1), seed: int64(number) + 1,
		})
	}
	return moves
}

// shorten leaves out moves, the last first, while the rest still fails.
func shorten(p *probe.Probe, moves []move, failure string, e *wire.Exchange) ([]move, string, *wire.Exchange) {
	p.NoRetry = true // the first failure has waited already
	replays := 0
	for i := len(moves) - 1; i >= 0 && replays < maxReplays; i-- {
		shorter := append(append([]move{}, moves[:i]...), moves[i+1:]...)
		replays++
		if again, where := play(p, shorter); again != "" {
			moves, failure, e = shorter, again, where
		}
	}
	return moves, failure, e
}

func tell(moves []move) string {
	steps := make([]string, len(moves))
	for i, m := range moves {
		steps[i] = fmt.Sprintf("%s #%d", m.kind, m.slot+1)
		if strings.HasPrefix(m.kind, "create") {
			steps[i] += " " + m.strategy.Name
		}
	}
	return strings.Join(steps, ", ")
}

// play sends a sequence and returns the first failure.
func play(p *probe.Probe, moves []move) (failure string, e *wire.Exchange) {
	table := map[int]*credentialModel{}
	for _, m := range moves {
		if failure, e = makeMove(p, table, m); failure != "" {
			return failure, e
		}
	}
	for slot := range slots {
		if table[slot] == nil {
			continue
		}
		if failure, e = readModelled(p, table[slot]); failure != "" {
			return failure, e
		}
	}
	return "", nil
}

func makeMove(p *probe.Probe, table map[int]*credentialModel, m move) (failure string, e *wire.Exchange) {
	p.Branch(fmt.Sprint(m.seed), func(q *probe.Probe) { failure, e = makeMoveWith(q, table, m) })
	return failure, e
}

func makeMoveWith(p *probe.Probe, table map[int]*credentialModel, m move) (failure string, e *wire.Exchange) {
	if strings.HasPrefix(m.kind, "create") {
		return moveCreate(p, table, m)
	}
	one := table[m.slot]
	if one == nil {
		return "", nil
	}
	switch m.kind {
	case "update", "update all":
		return moveUpdate(p, one, m.kind == "update all")
	case "refused update":
		return moveRefused(p, one)
	case "list":
		return moveList(p, one)
	case "delete":
		delete(table, m.slot)
		return moveDelete(p, one)
	}
	return readModelled(p, one)
}

func moveCreate(p *probe.Probe, table map[int]*credentialModel, m move) (string, *wire.Exchange) {
	body := p.Full(m.strategy)
	if m.kind == "create bare" {
		body = p.Minimal(m.strategy)
	}
	e := p.Create(m.strategy, body)
	if !e.Success() || e.ID == "" {
		return fmt.Sprintf("create answered %d, or without an id", e.Status), e
	}
	one := &credentialModel{strategy: m.strategy, id: e.ID, fields: map[string]any{}, flags: map[string]bool{}, required: map[string]any{}}
	one.apply(body, p.RoleName(credmock.RoleName))
	table[m.slot] = one
	return against(p, e, one), e
}

// apply changes the model as a body should change a credential.
func (one *credentialModel) apply(body map[string]any, name string) {
	if value, there := body[name]; there {
		one.fields[name] = value
	}
	for _, field := range one.strategy.Fields {
		value, there := body[field.Name]
		switch {
		case field.Secret:
			one.flags[field.Flag] = one.flags[field.Flag] || there
		case there:
			one.fields[field.Name] = value
		}
		if _, required := one.strategy.Update.Requires(field.Name); required && there {
			one.required[field.Name] = value
		}
	}
}

// against describes how an answer differs from the model, or returns "".
func against(p *probe.Probe, e *wire.Exchange, one *credentialModel) string {
	credential := p.CredentialIn(e)
	if jsonvalue.Text(credential[p.RoleName(credmock.RoleID)]) != one.id {
		return fmt.Sprintf("%s answered %d without the credential", e.Operation.Action, e.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(one.fields)) {
		if !jsonvalue.Same(credential[name], one.fields[name]) {
			return e.Operation.Action + " answered another value of " + name
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(one.flags)) {
		if credential[flag] != one.flags[flag] {
			return e.Operation.Action + " answered " + jsonvalue.Describe(credential, flag) + fmt.Sprintf(", not %t", one.flags[flag])
		}
	}
	return ""
}

func moveUpdate(p *probe.Probe, one *credentialModel, all bool) (string, *wire.Exchange) {
	body := map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}
	for name, value := range one.required {
		body[name] = value
	}
	for _, field := range one.strategy.Fields {
		if p.Takes(one.strategy, field) && (all || p.Sample.Number(0, 3) == 0) {
			body[field.Name] = p.Sample.Value(field)
		}
	}
	e := p.Update(one.strategy, one.id, body)
	if !e.Success() {
		return fmt.Sprintf("update answered %d", e.Status), e
	}
	one.apply(body, p.RoleName(credmock.RoleName))
	return against(p, e, one), e
}

func moveRefused(p *probe.Probe, one *credentialModel) (string, *wire.Exchange) {
	body := p.Full(one.strategy)
	body[p.RoleName(credmock.RoleName)] = 4711
	p.Update(one.strategy, one.id, body)
	return readModelled(p, one)
}

func readModelled(p *probe.Probe, one *credentialModel) (string, *wire.Exchange) {
	e := p.Eventually(func() *wire.Exchange { return p.Get(one.id) }, func(e *wire.Exchange) bool { return against(p, e, one) == "" })
	return against(p, e, one), e
}

func moveList(p *probe.Probe, one *credentialModel) (string, *wire.Exchange) {
	name := p.RoleName(credmock.RoleName)
	e := p.Eventually(p.List, func(e *wire.Exchange) bool {
		return p.Listed(e, one.id) != nil && jsonvalue.Same(p.Listed(e, one.id)[name], one.fields[name])
	})
	item := p.Listed(e, one.id)
	if item == nil || !jsonvalue.Same(item[name], one.fields[name]) {
		return "list has not the credential with its " + name, e
	}
	return "", e
}

func moveDelete(p *probe.Probe, one *credentialModel) (string, *wire.Exchange) {
	if e := p.Remove(one.id); !e.Success() {
		return fmt.Sprintf("delete answered %d", e.Status), e
	}
	e := p.Eventually(func() *wire.Exchange { return p.Get(one.id) }, func(e *wire.Exchange) bool { return !e.Success() })
	if e.Success() && jsonvalue.Same(p.CredentialIn(e)[p.RoleName(credmock.RoleName)], one.fields[p.RoleName(credmock.RoleName)]) {
		return "get answered a deleted credential", e
	}
	return "", e
}
