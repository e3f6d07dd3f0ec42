package checks

import (
	"maps"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// planUpdate plans what an update changes and what it keeps (docs/contract.md#update).
func planUpdate(p *plan.Builder) {
	for _, strategy := range p.Spec.Strategies {
		add := func(id, rule string, basis credmock.Basis, judge func(*probe.Probe)) {
			p.Add(p.Of(strategy, "update/"+id), rule+" ("+strategy.Name+")", basis, judge)
		}
		add("answer", "The answer of an update is what the next get answers.", plan.DocumentedMust, judgeUpdateAnswer(strategy))
		add("merge", "A field that an update leaves out keeps its value.", plan.InferredMust, judgeMerge(strategy))
		add("parts", "An update changes and clears nothing but the fields that it has, whichever they are.", plan.InferredMust,
			judgeParts(strategy))
		if len(probe.Optional(strategy)) > 0 {
			add("null", "null clears an optional field.", plan.RuledShould, judgeNull(strategy))
		}
		add("write-back", "A body as get answered it can be written back with a change.", plan.RuledShould, judgeWriteBack(strategy))
		add("written-back", "Writing a read body back changes nothing else, and no secret.", plan.RuledMust, judgeWrittenBack(strategy))
	}
	for _, property := range probe.DefaultStrategy(p.Spec).Shown.Properties {
		if !property.Immutable {
			continue
		}
		name := property.Name
		p.Add("update/stable/"+name, name+" is the same after an update that does not speak of it.", plan.InferredMust, judgeStable(name))
		p.Add("update/fixed/"+name, "An update that would change "+name+" is refused, and changes nothing.", plan.RuledShould,
			judgeFixed(property))
		p.Add("update/repeat/"+name, "An update may repeat the stored "+name+".", plan.RuledShould, judgeRepeat(name))
	}
	updated := rerun.RoleIn(probe.DefaultStrategy(p.Spec).Shown, credmock.RoleUpdateTime)
	p.AddReview("update/time/"+updated, updated+" does not go back, and is never before the creation.", plan.RuledMust, judgeUpdateTime,
		reviewUpdateTime)
	p.Add("update/time/"+updated+"/moves", updated+" moves when something changed.", plan.RuledShould, judgeUpdateTimeMoves)
	for _, property := range probe.DefaultStrategy(p.Spec).Update.Properties {
		if property.ReadOnly && !property.Immutable {
			p.Add("update/repeat/"+property.Name, "An update may repeat the stored "+property.Name+".", plan.RuledShould, judgeRepeat(property.Name))
		}
	}
}

// isBefore tells whether a time lies before another one, if both have the form of a time. The family types checks the form.
func isBefore(one, other any) bool {
	first, isFirst := jsonvalue.Time(one)
	second, isSecond := jsonvalue.Time(other)
	return isFirst && isSecond && first.Before(second) && !jsonvalue.SameTime(one, other)
}

// reviewUpdateTime looks at every credential that the run was shown.
func reviewUpdateTime(p *probe.Probe) {
	created, updated := rerun.RoleIn(probe.DefaultStrategy(p.Spec).Shown, credmock.RoleCreationTime), p.RoleName(credmock.RoleUpdateTime)
	for _, e := range p.All() {
		if e.Operation == nil || e.Operation.Resource != "credential" || e.Dropped || !p.CanJudge(e) || !e.Success() {
			continue
		}
		credential := p.CredentialIn(e)
		if isBefore(credential[updated], credential[created]) {
			p.Fail(e, "/payload/"+updated, "earlier than "+created, "the same or later")
			return // one finding is enough
		}
	}
}

// judgeUpdateTimeMoves updates a credential twice. The second time it waits for a clock of whole seconds.
func judgeUpdateTimeMoves(p *probe.Probe) {
	standard, updated := probe.DefaultStrategy(p.Spec), p.RoleName(credmock.RoleUpdateTime)
	made := p.MustCreate(standard, p.Minimal(standard))
	before, isTime := jsonvalue.Time(p.CredentialIn(made.Answer)[updated])
	p.Pass()
	var e *wire.Exchange
	for _, pause := range []time.Duration{5 * time.Millisecond, 1100 * time.Millisecond} {
		time.Sleep(pause)
		e = p.MustUpdate(made, map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()})
		if after, isAfter := jsonvalue.Time(p.CredentialIn(e)[updated]); !isTime || !isAfter || after.After(before) {
			return
		}
	}
	p.Fail(e, "/payload/"+updated, "the time of the creation, more than a second ago", "a later time: the name changed")
}

func judgeUpdateAnswer(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		j := p.Journey(strategy)
		update, get := p.Reached(j, j.Update, "update"), p.Reached(j, j.GetUpdated, "get")
		differ := p.Differences(p.CredentialIn(update), p.CredentialIn(get), p.Described(update))
		p.Expect(get, "/payload", "differs from the answer of the update: "+differ, "the same credential").
			Beside(p.CredentialIn(update), p.CredentialIn(get), p.Described(update)...).Holds(differ == "")
	}
}

// step is an update of a credential, or its create, and the get behind it.
type step struct {
	made         *probe.Credential
	update, next *wire.Exchange
}

// needUpdate ends the check if the update of a step was refused.
func needUpdate(p *probe.Probe, one step) {
	if !one.update.Success() {
		p.Abandon("it needs an update, and update answered %d", one.update.Status)
	}
}

// updateStory is a credential with every field that is renamed, written back as it was read, emptied and cleared. Each check judges a
// step.
type updateStory struct {
	made                 *probe.Credential
	before               *wire.Exchange // the get after its creation
	renamed, back, nulls step
	body                 map[string]any // of the write back
	unwritable           foreign.Own    // why there is none; may be empty
	emptied              []keeping
	cleared              map[string]any
}

// storyOfUpdates returns the story of a strategy. A run sends it once.
func storyOfUpdates(p *probe.Probe, strategy *credmock.Strategy) updateStory {
	return probe.Once(p, "update/"+strategy.Name, func(q *probe.Probe) updateStory { return tellUpdates(q, strategy) })
}

func tellUpdates(p *probe.Probe, strategy *credmock.Strategy) updateStory {
	defer p.DeleteOwn()
	made := p.MustCreate(strategy, p.Full(strategy))
	play := func(body map[string]any) step {
		e := p.Update(strategy, made.ID, body)
		return step{made, e, p.Get(made.ID)}
	}
	story := updateStory{made: made, before: p.Get(made.ID), cleared: map[string]any{}}
	renamed := p.Update(strategy, made.ID, made.Change(map[string]any{p.RoleName(credmock.RoleName): p.RunName + " " + p.Sample.Word()}))
	story.renamed = step{made, renamed, p.GetWhole(made.ID)}
	if story.body, story.unwritable = readBody(p, made, story.renamed.next); story.unwritable == "" {
		story.back = play(story.body)
	}
	story.emptied = keep(p, emptyValues(p, strategy), func(some map[string]any) *wire.Exchange {
		e := p.Update(strategy, made.ID, made.Change(some))
		e.ID = made.ID
		return e
	})
	for _, field := range probe.Public(strategy) {
		if _, sent := made.Sent[field.Name]; sent && field.Nullable {
			story.cleared[field.Name] = nil
		}
	}
	if len(story.cleared) > 0 {
		story.nulls = play(made.Change(story.cleared))
	}
	return story
}

// readBody returns a credential as get answered it, with a new name, or why it cannot be written back.
func readBody(p *probe.Probe, made *probe.Credential, read *wire.Exchange) (body map[string]any, unwritable foreign.Own) {
	body = maps.Clone(p.CredentialIn(read))
	switch {
	case body == nil:
		return nil, "get has no credential in its payload"
	case read.Size > wire.Mebibyte:
		return nil, "what get answered is too large to be written back"
	}
	body[p.RoleName(credmock.RoleName)] = p.RunName + " " + p.Sample.Word()
	for _, secret := range made.Strategy.Secrets {
		if _, required := made.Strategy.Update.Requires(secret.Name); required {
			body[secret.Name] = made.Sent[secret.Name] // no read shows it
		}
	}
	return body, ""
}

func judgeMerge(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		story := storyOfUpdates(p, strategy)
		needUpdate(p, story.renamed)
		name, time := p.RoleName(credmock.RoleName), p.RoleName(credmock.RoleUpdateTime)
		kept := probe.Without(p.CredentialIn(story.before), name, time)
		for _, answer := range []*wire.Exchange{story.renamed.update, story.renamed.next} {
			differ := p.Differences(kept, probe.Without(p.CredentialIn(answer), name, time), p.DescribedIn(kept))
			p.Expect(answer, "/payload", "changed although the update left it out: "+differ, "the values that were stored").
				Beside(kept, p.CredentialIn(answer), p.DescribedIn(kept)...).Holds(differ == "")
		}
	}
}

func judgeNull(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		story := storyOfUpdates(p, strategy)
		if story.nulls.update == nil {
			p.Skip("the target takes no field of %s that null clears", foreign.Own(strategy.Name))
		}
		if !p.ExpectStatus(story.nulls.update, "taken: null clears an optional field").Holds(story.nulls.update.Success()) {
			return
		}
		for _, answer := range []*wire.Exchange{story.nulls.update, story.nulls.next} {
			for name := range story.cleared {
				p.Expect(answer, "/payload/"+name, jsonvalue.Describe(p.CredentialIn(answer), name), "absent or null").
					Value(p.CredentialIn(answer)[name]).IsNull()
			}
		}
	}
}

// writtenBack returns the story of a strategy, or ends the check if nothing could be written back.
func writtenBack(p *probe.Probe, strategy *credmock.Strategy) updateStory {
	story := storyOfUpdates(p, strategy)
	if story.unwritable != "" {
		p.Abandon("%s", story.unwritable)
	}
	return story
}

func judgeWriteBack(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		e := writtenBack(p, strategy).back.update
		p.ExpectStatus(e, "taken: read, edit, write back works").Holds(e.Success())
	}
}

func judgeWrittenBack(strategy *credmock.Strategy) func(*probe.Probe) {
	return func(p *probe.Probe) {
		story := writtenBack(p, strategy)
		name, time, after := p.RoleName(credmock.RoleName), p.RoleName(credmock.RoleUpdateTime), story.back.next
		kept := probe.Without(p.CredentialIn(story.renamed.next), name, time)
		differ := p.Differences(kept, probe.Without(p.CredentialIn(after), name, time), p.DescribedIn(kept))
		p.Expect(after, "/payload", "changed by writing back what was read: "+differ, "everything but the edit as before").
			Beside(kept, p.CredentialIn(after), p.DescribedIn(kept)...).Holds(differ == "")
		p.Expect(after, "/payload/"+name, "not the name that was written", "the edit").
			Beside(story.body, p.CredentialIn(after), name).
			Holds(!story.back.update.Success() || p.CredentialIn(after)[name] == story.body[name])
	}
}

func judgeStable(name string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, strategy := range p.Spec.Strategies {
			j := p.Journey(strategy)
			created := p.Reached(j, j.Create, "create")
			p.Reached(j, j.Update, "update")
			for _, e := range []*wire.Exchange{j.Update, j.GetUpdated} {
				first, now := p.CredentialIn(created)[name], p.CredentialIn(e)[name]
				p.Expect(e, "/payload/"+name, "another "+name+" than after create", "the same").
					Holds(p.IsSame(name, first, now))
			}
		}
	}
}

// otherValue returns a different value of the type of an immutable property.
func otherValue(p *probe.Probe, property *credmock.Property, own *credmock.Strategy) any {
	switch property.Role { //nolint:exhaustive // the rest is any text
	case credmock.RoleStrategy:
		for _, strategy := range p.Spec.Strategies {
			if strategy != own {
				return strategy.Name
			}
		}
	case credmock.RoleEnvironment:
		if p.Second != "" {
			return p.Second
		}
		return p.UnknownEnvironment()
	case credmock.RoleOrganization:
		return p.Organization + 1
	case credmock.RoleCreationTime:
		return "2001-02-03T04:05:06.789Z"
	}
	return p.UnknownID()
}

func judgeFixed(property *credmock.Property) func(*probe.Probe) {
	return func(p *probe.Probe) {
		value := otherValue(p, property, probe.DefaultStrategy(p.Spec))
		p.AgainstFixture(probe.DefaultStrategy(p.Spec), func(made *probe.Credential) *wire.Exchange {
			e := p.Update(made.Strategy, made.ID, made.Change(map[string]any{property.Name: value}))
			p.ExpectStatus(e, "a refusal: "+property.Name+" does not change").Holds(e.Refused())
			return e
		})
	}
}

// repetition is an update that repeats every read-only member of a credential as get answered it.
type repetition struct {
	stored map[string]any
	answer *wire.Exchange
}

func repeatAll(p *probe.Probe) repetition {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	all, changes := repetition{stored: p.CredentialIn(p.Get(made.ID))}, map[string]any{}
	for _, property := range standard.Shown.Properties {
		own := standard.Update.Property(property.Name)
		if value, there := all.stored[property.Name]; there && (property.Immutable || own != nil && own.ReadOnly) {
			changes[property.Name] = value
		}
	}
	all.answer = p.Update(standard, made.ID, made.Change(changes))
	return all
}

// judgeRepeat repeats one member alone if the update that repeats all of them is refused.
func judgeRepeat(name string) func(*probe.Probe) {
	return func(p *probe.Probe) {
		all := probe.Once(p, "repetition", repeatAll)
		if _, there := all.stored[name]; !there {
			p.Skip("get does not answer %s", foreign.Own(name))
		}
		if all.answer.Success() {
			p.Pass()
			return
		}
		standard := probe.DefaultStrategy(p.Spec)
		made := p.MustCreate(standard, p.Full(standard))
		e := p.Update(standard, made.ID, made.Change(map[string]any{name: p.CredentialIn(p.Get(made.ID))[name]}))
		p.ExpectStatus(e, "taken: it repeats the stored value").Holds(e.Success())
	}
}

func judgeUpdateTime(p *probe.Probe) {
	name := p.RoleName(credmock.RoleUpdateTime)
	for _, strategy := range p.Spec.Strategies {
		j := p.Journey(strategy)
		before, after := p.Reached(j, j.Create, "create"), p.Reached(j, j.Update, "update")
		p.Expect(after, "/payload/"+name, "earlier than before the update", "the same or later").
			Holds(!isBefore(p.CredentialIn(after)[name], p.CredentialIn(before)[name]))
	}
}
