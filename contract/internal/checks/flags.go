package checks

import (
	"fmt"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// planFlags plans docs/contract.md#flags: a boolean in place of each secret, with the right value.
func planFlags(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		for _, secret := range strategy.Secrets {
			planFlag(p, strategy, secret)
		}
	}
}

func planFlag(p *plan.Builder, strategy *credmock.Strategy, secret *credmock.Property) {
	flag, basis := secret.Flag, plan.DocumentedMust
	add := func(id, rule string, basis credmock.Basis, judge func(*probe.Probe)) {
		p.Add(p.Of(strategy, id), fmt.Sprintf(rule, flag), basis, func(q *probe.Probe) {
			if !q.Takes(strategy, secret) {
				q.Skip("the target does not list %s for %s", foreign.Own(secret.Name), foreign.Own(strategy.Name))
			}
			judge(q)
		})
	}
	_, required := strategy.Create.Requires(secret.Name)
	for _, action := range []string{"create", "get", "update"} {
		add("flags/"+action+"/"+flag, "%s is true in the answer of "+action+" while a secret is stored.", basis,
			judgeFlagSet(strategy, action, flag))
		if action != "update" && !required {
			add("flags/"+action+"/"+flag+"/unset", "%s is there, and false, in the answer of "+action+" while no secret is stored.", basis,
				judgeFlagUnset(strategy, action, flag))
		}
	}
	add("flags/list/"+flag, "%s does not stand in a list item.", basis, judgeFlagUnlisted(strategy, flag))
	add("flags/update/"+flag+"/kept", "%s stays true when an update leaves the secret out.", plan.InferredMust,
		judgeFlagKept(strategy, secret))
	add("flags/update/"+flag+"/forged", "%s does not change because a body says so.", plan.RuledMust,
		judgeFlagForgedOnUpdate(strategy, secret))
	add("flags/update/"+flag+"/rotated", "%s stays true when the secret is replaced.", basis, judgeFlagRotated(strategy, secret))
	if required {
		return
	}
	add("flags/create/"+flag+"/alone", "%s and no other flag is true when its secret alone is sent.", basis, judgeFlagAlone(strategy, secret))
	add("flags/create/"+flag+"/others", "%s alone is false when every other secret is sent.", basis, judgeFlagOthers(strategy, secret))
	add("flags/create/"+flag+"/empty", "%s is false after the empty string, where that is taken.", plan.RuledMust,
		judgeFlagEmpty(strategy, secret))
	add("flags/create/"+flag+"/blank", "%s is true for a secret of blanks alone: nothing is trimmed.", plan.RuledShould,
		judgeFlagBlank(strategy, secret))
	add("flags/create/"+flag+"/forged", "%s does not become true because a body says so.", plan.RuledMust, judgeFlagForged(strategy, secret))
	add("flags/create/"+flag+"/null", "%s is false after null, where that is taken.", plan.RuledMust, judgeFlagNull(strategy, secret))
	add("flags/update/"+flag+"/set", "%s becomes true when an update brings the secret.", plan.InferredMust,
		judgeFlagBecomesSet(strategy, secret))
	add("flags/update/"+flag+"/empty", "%s is false after an update with the empty string, where that is taken.", plan.RuledMust,
		judgeFlagEmptied(strategy, secret))
	if secret.Nullable {
		add("flags/update/"+flag+"/cleared", "%s becomes false when an update clears the secret with null.", plan.RuledShould,
			judgeFlagCleared(strategy, secret))
	}
}

// expectFlag expects the flag in an answer to be value.
func expectFlag(p *probe.Probe, e *wire.Exchange, flag string, value bool, when string) {
	p.Expect(e, "/payload/"+flag, jsonvalue.Describe(p.CredentialIn(e), flag), fmt.Sprintf("%t, %s", value, when)).
		Value(p.CredentialIn(e)[flag]).IsEqual(value)
}

func judgeFlagSet(strategy *credmock.Strategy, action, flag string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		e := map[string]*wire.Exchange{"create": j.Create, "get": j.Get, "update": j.Update}[action]
		expectFlag(p, p.Reached(j, e, action), flag, true, "for the secret was sent")
		if action == "update" {
			expectFlag(p, p.Reached(j, j.GetUpdated, "get"), flag, true, "for the secret was sent")
		}
	}
}

func judgeFlagUnset(strategy *credmock.Strategy, action, flag string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		e := map[string]*wire.Exchange{"create": j.CreateBare, "get": j.GetBare}[action]
		expectFlag(p, p.Reached(j, e, action), flag, false, "for no secret was sent")
	}
}

func judgeFlagUnlisted(strategy *credmock.Strategy, flag string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		e := p.Reached(j, j.List, "list")
		item := p.Listed(e, j.ID)
		if item == nil {
			p.Abandon("the list does not have the credential")
		}
		_, there := item[flag]
		p.Expect(e, "/payload/"+e.Operation.Member, jsonvalue.Describe(item, flag), "metadata alone in a list item").Holds(!there)
	}
}

// blankFlags are the creates that give every optional secret a value that may be none, by the name of the create and the turn of the
// secret: an empty text and null take turns.
var blankFlags = map[string]func(turn int) any{
	"odd":    func(turn int) any { return []any{"", nil}[turn%2] },
	"even":   func(turn int) any { return []any{nil, ""}[turn%2] },
	"blank":  func(int) any { return "   " },
	"forged": func(int) any { return true }, // the flag itself, without its secret
}

// valued returns the name of the member that a create gives a value.
func valued(name string, secret *credmock.Property) string {
	if name == "forged" {
		return secret.Flag
	}
	return secret.Name
}

// blankCreate is a create with one kind of value for each secret, and the get behind it.
type blankCreate struct{ create, next *wire.Exchange }

// createBlank creates a credential with values for secrets, all at once or one alone. A run does so once.
func createBlank(p *probe.Probe, strategy *credmock.Strategy, name string, only *credmock.Property) blankCreate {
	scope, flag := "flags/"+strategy.Name+"/"+name, name == "blank"
	if only != nil {
		scope += "/" + only.Name
	}
	return probe.Once(p, scope, func(q *probe.Probe) (one blankCreate) {
		defer q.DeleteOwn()
		values := map[string]any{}
		for turn, secret := range q.TakenSecrets(strategy) {
			if _, required := strategy.Create.Requires(secret.Name); !required && (only == nil || secret == only) {
				values[valued(name, secret)] = blankFlags[name](turn)
			}
		}
		if one.create = q.Create(strategy, probe.With(q.Minimal(strategy), values)); one.create.Success() {
			one.next = q.Eventually(func() *wire.Exchange { return q.Get(one.create.ID) }, func(e *wire.Exchange) bool {
				return !slices.ContainsFunc(strategy.Secrets, func(secret *credmock.Property) bool {
					_, sent := values[valued(name, secret)]
					return sent && q.CredentialIn(e)[secret.Flag] != flag
				})
			})
		}
		return one
	})
}

// blankCreateOf returns the create that gives a secret a value. If all values together are refused, it gives that one alone.
func blankCreateOf(p *probe.Probe, strategy *credmock.Strategy, name string, secret *credmock.Property) blankCreate {
	if one := createBlank(p, strategy, name, nil); one.create.Success() {
		return one
	}
	return createBlank(p, strategy, name, secret)
}

// judgeFlagWithout expects the flag to be false after a value that is no secret, or the value to be refused.
func judgeFlagWithout(strategy *credmock.Strategy, secret *credmock.Property, value any, when string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		name := "even"
		if turn := slices.Index(p.TakenSecrets(strategy), secret); blankFlags["odd"](turn) == value {
			name = "odd"
		}
		p.Pass()
		if one := blankCreateOf(p, strategy, name, secret); one.create.Success() {
			expectFlag(p, one.create, secret.Flag, false, when)
			expectFlag(p, one.next, secret.Flag, false, when)
		}
	}
}

func judgeFlagEmpty(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return judgeFlagWithout(strategy, secret, "", "for the empty string is no secret")
}

func judgeFlagNull(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return judgeFlagWithout(strategy, secret, nil, "for null is no secret")
}

// judgeFlagForged creates a credential from a body without a secret, and expects the flag to be false or the body to be refused.
func judgeFlagForged(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Pass()
		if one := blankCreateOf(p, strategy, "forged", secret); one.create.Success() {
			expectFlag(p, one.create, secret.Flag, false, "for no secret was sent")
			expectFlag(p, one.next, secret.Flag, false, "for no secret was sent")
		}
	}
}

func judgeFlagBlank(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		one := blankCreateOf(p, strategy, "blank", secret)
		if p.Expect(one.create, "", "refused", "taken: a secret is any string").Holds(one.create.Success()) {
			expectFlag(p, one.create, secret.Flag, true, "for the secret was sent")
			expectFlag(p, one.next, secret.Flag, true, "for the secret was sent")
		}
	}
}

// createWithSecrets creates a credential with every field but some of its secrets alone, and gets it. A run does so once for a set of
// secrets, which one secret alone and all others may share.
func createWithSecrets(p *probe.Probe, strategy *credmock.Strategy, has func(*credmock.Property) bool) step {
	scope, left := "flags/"+strategy.Name+"/with", []string{}
	for _, secret := range strategy.Secrets {
		if _, required := strategy.Create.Requires(secret.Name); !required && !has(secret) {
			left = append(left, secret.Name)
		} else {
			scope += "/" + secret.Name
		}
	}
	return probe.Once(p, scope, func(q *probe.Probe) step {
		defer q.DeleteOwn()
		made := q.MustCreate(strategy, probe.Without(q.Full(strategy), left...))
		next := q.Eventually(func() *wire.Exchange { return q.Get(made.ID) }, func(e *wire.Exchange) bool {
			return !slices.ContainsFunc(strategy.Secrets, func(secret *credmock.Property) bool {
				return q.CredentialIn(e)[secret.Flag] != (made.Sent[secret.Name] != nil)
			})
		})
		return step{made, made.Answer, next}
	})
}

func judgeFlagAlone(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		alone := createWithSecrets(p, strategy, func(one *credmock.Property) bool { return one == secret })
		expectFlagIn(p, alone, secret.Flag, true, "for this secret was sent")
		for _, another := range strategy.Secrets {
			if _, required := strategy.Create.Requires(another.Name); another != secret && !required {
				expectFlag(p, alone.update, another.Flag, false, "for only "+secret.Name+" was sent")
			}
		}
	}
}

func judgeFlagOthers(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		others := createWithSecrets(p, strategy, func(one *credmock.Property) bool { return one != secret })
		expectFlagIn(p, others, secret.Flag, false, "for this secret alone was not sent")
	}
}

// flagStory is two credentials that are updated step by step, for one secret: one that begins with every secret, and one without any.
// Each check judges a step.
type flagStory struct {
	denied, rotated, cleared step // of the full one
	forged, set, emptied     step // of the bare one; nothing if create requires the secret
}

// storyOf returns the story of a secret. A run sends it once.
func storyOf(p *probe.Probe, strategy *credmock.Strategy, secret *credmock.Property) flagStory {
	return probe.Once(p, "flags/"+strategy.Name+"/"+secret.Flag, func(q *probe.Probe) flagStory { return tellFlags(q, strategy, secret) })
}

// tellFlags sends a story. A step waits until a get shows the flag as it should be after an update that was taken, or refused.
func tellFlags(p *probe.Probe, strategy *credmock.Strategy, secret *credmock.Property) (story flagStory) {
	play := func(made *probe.Credential, changes map[string]any, taken, refused bool) step {
		e := p.Update(strategy, made.ID, made.Change(changes))
		want := taken && e.Success() || refused && !e.Success()
		next := p.Eventually(func() *wire.Exchange { return p.Get(made.ID) },
			func(e *wire.Exchange) bool { return p.CredentialIn(e)[secret.Flag] == want })
		return step{made, e, next}
	}
	defer p.DeleteOwn()
	full := p.MustCreate(strategy, p.Full(strategy))
	story.denied = play(full, map[string]any{secret.Flag: false}, true, true)
	story.rotated = play(full, map[string]any{secret.Name: p.Sample.Canary()}, true, true)
	if _, required := strategy.Create.Requires(secret.Name); required {
		return story
	}
	if secret.Nullable {
		story.cleared = play(full, map[string]any{secret.Name: nil}, false, true)
	}
	bare := p.MustCreate(strategy, p.Minimal(strategy))
	story.forged = play(bare, map[string]any{secret.Flag: true}, false, false)
	story.set = play(bare, map[string]any{secret.Name: p.Sample.Canary()}, true, false)
	story.emptied = play(bare, map[string]any{secret.Name: ""}, false, true)
	return story
}

// expectFlagIn expects the flag in both answers of a step that succeeded.
func expectFlagIn(p *probe.Probe, one step, flag string, value bool, when string) {
	expectFlag(p, one.update, flag, value, when)
	expectFlag(p, one.next, flag, value, when)
}

func judgeFlagKept(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		renamed := storyOfUpdates(p, strategy).renamed
		needUpdate(p, renamed)
		expectFlagIn(p, renamed, secret.Flag, true, "for the update left the secret out")
	}
}

func judgeFlagRotated(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		rotated := storyOf(p, strategy, secret).rotated
		needUpdate(p, rotated)
		expectFlagIn(p, rotated, secret.Flag, true, "for the update brought a new secret")
		expectOthersKept(p, rotated, secret)
	}
}

// expectOthersKept expects the flags of all other secrets to be still true after a step.
func expectOthersKept(p *probe.Probe, one step, secret *credmock.Property) {
	for _, another := range one.made.Strategy.Secrets {
		if _, sent := one.made.Sent[another.Name]; sent && another != secret {
			expectFlag(p, one.next, another.Flag, true, "for the update was about "+secret.Name+" alone")
		}
	}
}

func judgeFlagBecomesSet(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		set := storyOf(p, strategy, secret).set
		needUpdate(p, set)
		expectFlagIn(p, set, secret.Flag, true, "for the update brought the secret")
		for _, another := range strategy.Secrets {
			if _, required := strategy.Create.Requires(another.Name); another != secret && !required {
				expectFlag(p, set.next, another.Flag, false, "for no such secret was sent")
			}
		}
	}
}

func judgeFlagCleared(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		cleared := storyOf(p, strategy, secret).cleared
		if p.Expect(cleared.update, "", "refused", "taken: null clears an optional field").Holds(cleared.update.Success()) {
			expectFlagIn(p, cleared, secret.Flag, false, "for null cleared the secret")
			expectOthersKept(p, cleared, secret)
		}
	}
}

func judgeFlagEmptied(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		story := storyOf(p, strategy, secret)
		needUpdate(p, story.set)
		stored := !story.emptied.update.Success() // a refusal keeps the stored secret
		expectFlag(p, story.emptied.next, secret.Flag, stored, "for the empty string is no secret, and a refusal changes nothing")
	}
}

func judgeFlagForgedOnUpdate(strategy *credmock.Strategy, secret *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		story := storyOf(p, strategy, secret)
		expectFlag(p, story.denied.next, secret.Flag, true, "for a secret is stored, whatever a body says")
		if story.forged.next != nil {
			expectFlag(p, story.forged.next, secret.Flag, false, "for no secret is stored, whatever a body says")
		}
	}
}
