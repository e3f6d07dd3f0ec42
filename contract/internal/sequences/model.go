package sequences

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// The model family sends random sequences of requests and compares the state after each one with a small model of the contract. A
// failing sequence is cut to the shortest that still fails. The sequences are made and cut here, for the property-testing libraries
// of Go do both inside a test alone.

const (
	slots  = 4 // credentials of a sequence
	places = 2 // destinations of a sequence
	// maxReplays bounds how often a failing sequence is sent again to shorten it.
	maxReplays = 40
	// sharedNames is the number of names that the later moves draw from, so that some names are used again.
	sharedNames = 3
)

// move is one step of a sequence. Its subjects and values follow from its numbers, so it means the same if earlier moves are left
// out.
type move struct {
	kind      string
	strategy  *credmock.Strategy
	slot      int   // the index of its credential
	place     int   // the index of its destination
	name      int   // the index of its name; the first ones are shared, each other one is its own
	elsewhere bool  // it creates in the second environment
	seed      int64 // of its values
}

// score is a kind of sequence: how it begins, and the moves that follow at random.
type score struct {
	opening  []move // without strategies; name 0 means one of its own, 1 the first shared one
	each     bool   // each of two strategies plays the opening with a credential of its own
	kinds    []string
	further  int
	thorough bool // lists and neighbours are read after each step, too
}

var (
	// sequenceScore is about one or two credentials of given strategies.
	sequenceScore = score{
		opening: []move{{kind: "create"}, {kind: "update"}, {kind: "refused update"}, {kind: "update"}, {kind: "clear"}}, each: true,
		kinds: []string{"create", "create bare", "update", "update", "update all", "refused update", "clear", "delete"}, further: 1,
	}
	// worldScore is about neighbours: what a request does to credentials that it does not name.
	worldScore = score{
		opening: []move{
			{kind: "create bare"}, {kind: "create", slot: 1}, {kind: "update all"}, {kind: "update all", slot: 1}, {kind: "clear", slot: 1},
			{kind: "create bare", slot: 2}, {kind: "update all", slot: 2}, {kind: "delete", slot: 1},
			{kind: "create", slot: 1, elsewhere: true}, {kind: "update"}, {kind: "refused update", slot: 2}, {kind: "incomplete update"},
			{kind: "refused create", slot: 3}, {kind: "intrude"}, {kind: "intrude", slot: 1}, {kind: "delete", slot: 2},
			{kind: "create", slot: 2, name: 1}, {kind: "create", slot: 3, name: 1},
		},
		kinds: []string{
			"create", "create bare", "update", "update all", "clear", "refused update", "incomplete update", "refused create", "intrude",
			"delete",
		},
		further: 1, thorough: true,
	}
	// usesScore is about destinations and the credentials that they use.
	usesScore = score{
		opening: []move{
			{kind: "create"}, {kind: "create", slot: 1}, {kind: "place"}, {kind: "attach"}, {kind: "attach", slot: 1}, {kind: "delete"},
			{kind: "delete", slot: 1}, {kind: "attach gone"}, {kind: "place", place: 1, slot: 1}, {kind: "attach", place: 1, slot: 1},
			{kind: "remove"}, {kind: "delete", slot: 1}, {kind: "rename", place: 1}, {kind: "update", slot: 1}, {kind: "detach", place: 1},
			{kind: "delete", slot: 1},
		},
		kinds:   []string{"create", "place", "attach", "attach", "attach gone", "detach", "rename", "remove", "delete", "update"},
		further: 1,
	}
)

// PlanModel plans sequences of requests (docs/contract.md#sequences).
func PlanModel(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		p.Add(p.Of(strategy, "model/sequence"),
			"After any sequence of creates, updates, reads and deletes every answer is as the contract has it. ("+strategy.Name+")",
			plan.InferredMust, judgeSequence([]*credmock.Strategy{strategy}, sequenceScore))
	}
	p.Add("model/mixed",
		"After any sequence of creates, updates, reads and deletes of several strategies every answer is as the contract has it.",
		plan.InferredMust, judgeSequence(p.Spec.Strategies, sequenceScore))
	p.Add("model/world", "No request, taken or refused, changes a credential or a list that it does not name.", plan.InferredMust,
		judgeSequence(p.Spec.Strategies, worldScore))
	if p.Spec.Operation("destination", "create") != nil {
		p.Add("model/uses", "After any sequence of requests a credential is in use if a destination uses it, and only then.", plan.InferredMust,
			judgeSequence(p.Spec.Strategies[:1], usesScore), probe.CapabilityDestinations)
	}
}

func judgeSequence(strategies []*credmock.Strategy, score score) func(*probe.Probe) {
	return func(p *probe.Probe) {
		moves := makeUp(p, p.Offered(strategies), score)
		failure, e := play(p, moves, score.thorough, 0)
		if failure == "" {
			p.Pass()
			return
		}
		moves, failure, e = shorten(p, moves, score.thorough, failure, e)
		p.Fail(e, "", "after "+tell(moves)+": "+failure, "what the sequence should have left (seed "+fmt.Sprint(p.Seed)+")")
	}
}

// makeUp returns the opening of a score and further moves.
func makeUp(p *probe.Probe, strategies []*credmock.Strategy, score score) []move {
	openers := []*credmock.Strategy{strategies[0]}
	if others := strategies[1:]; len(others) > 0 {
		if score.thorough {
			others = neighbours(strategies[0], others)
		}
		openers = append(openers, others[p.Sample.Number(0, len(others)-1)])
	}
	var moves []move
	add := func(m move) {
		m.seed = int64(len(moves)) + 1
		moves = append(moves, m)
	}
	for slot, strategy := range openers {
		for _, m := range score.opening {
			if m.name--; m.name < 0 {
				m.name = sharedNames + len(moves)
			}
			switch m.strategy = strategy; {
			case score.each:
				m.slot = slot
			case slot > 0:
				continue
			case m.slot >= 2: // the later credentials are of the other strategy
				m.strategy = openers[len(openers)-1]
			}
			add(m)
		}
	}
	for range score.further {
		add(move{
			kind: score.kinds[p.Sample.Number(0, len(score.kinds)-1)], strategy: strategies[p.Sample.Number(0, len(strategies)-1)],
			slot: p.Sample.Number(0, slots-1), place: p.Sample.Number(0, places-1), name: p.Sample.Number(0, sharedNames-1),
			elsewhere: p.Sample.Number(0, 3) == 0,
		})
	}
	return moves
}

// neighbours returns the strategies that can be without a secret that one has: its flag tells when the secret of another credential
// reaches them. It returns all if there is none.
func neighbours(one *credmock.Strategy, others []*credmock.Strategy) []*credmock.Strategy {
	near := slices.DeleteFunc(slices.Clone(others), func(other *credmock.Strategy) bool {
		return !slices.ContainsFunc(other.Secrets, func(secret *credmock.Property) bool {
			_, required := other.Create.Requires(secret.Name)
			return !required && one.Create.Property(secret.Name) != nil
		})
	})
	if len(near) == 0 {
		return others
	}
	return near
}

// shorten leaves out moves, the last first, while the rest still fails.
func shorten(
	p *probe.Probe, moves []move, thorough bool, failure string, e *wire.Exchange,
) ([]move, string, *wire.Exchange) {
	p.NoRetry = true // the first failure has waited already
	replays := 0
	for i := len(moves) - 1; i >= 0 && replays < maxReplays; i-- {
		shorter := append(append([]move{}, moves[:i]...), moves[i+1:]...)
		replays++
		if again, where := play(p, shorter, thorough, replays); again != "" {
			moves, failure, e = shorter, again, where
		}
	}
	return moves, failure, e
}

func tell(moves []move) string {
	steps := make([]string, len(moves))
	for i, m := range moves {
		steps[i] = fmt.Sprintf("%s #%d", m.kind, m.slot+1)
		switch m.kind {
		case "create", "create bare":
			steps[i] += " " + m.strategy.Name
		case "place", "attach", "attach gone", "detach", "rename", "remove":
			steps[i] += fmt.Sprintf(" at destination %d", m.place+1)
		}
	}
	return strings.Join(steps, ", ")
}

// play sends a sequence and returns the first failure. It compares after each move, and all at the end. Each replay has names of its
// own, since nothing is deleted between.
func play(p *probe.Probe, moves []move, thorough bool, replay int) (failure string, e *wire.Exchange) {
	w := newWorld(p, replay)
	w.thorough = thorough
	for i, m := range moves {
		p.Branch(fmt.Sprint(m.seed), func(q *probe.Probe) {
			w.step = i
			if failure, e = w.make(q, m); failure == "" && w.touched && i < len(moves)-1 {
				failure, e = w.compare(q, false)
			}
		})
		if failure != "" {
			return failure, e
		}
	}
	p.Branch("end", func(q *probe.Probe) { failure, e = w.compare(q, true) })
	return failure, e
}
