// Package sequences holds the checks about many requests: at the same time, in a random order, or of very many things. It compares
// what a target shows with a model, or with each order in which the requests could have been served.
package sequences

import (
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

const (
	// atOnce is the number of concurrent requests of a check.
	atOnce = 5
	// pairs is the number of races that a check runs at the same time, and rounds how often: a race is lost at random.
	pairs  = 4
	rounds = 2
)

// PlanConcurrency plans that concurrent requests do not disturb each other.
func PlanConcurrency(p *plan.Builder) {
	p.Add("concurrency/create", "Credentials created side by side are each as they were sent.", plan.InferredMust, judgeParallelCreates)
	p.Add("concurrency/update", "Different credentials updated side by side are each as they were sent.", plan.InferredMust,
		judgeParallelUpdates)
	p.Add("concurrency/get", "Credentials read side by side are not mixed up.", plan.InferredMust, judgeParallelReads)
	p.Add("concurrency/same", "Updates of one credential side by side leave one of them whole.", plan.InferredMust, judgeSameUpdates)
	p.Add("concurrency/lost", "Updates of different fields of one credential side by side are all kept.", plan.RuledShould, judgeLostUpdates)
	p.Add("concurrency/read", "A read beside an update shows the credential before or after it, whole.", plan.RuledMust, judgeReadBesideUpdate)
	p.Add("concurrency/delete", "A credential that is deleted beside an update and another deletion is deleted once, and gone.",
		plan.RuledMust,
		judgeDeleteBesideUpdate)
	p.Add("concurrency/list", "A list beside creations and deletions has everything else once, and shows nothing by halves.", plan.RuledMust,
		judgeListBesideWrites)
	if p.Spec.Operation("destination", "create") != nil {
		p.Add("concurrency/attach", "A credential that is deleted beside an attachment is not used by the destination.", plan.RuledMust,
			judgeAttachBesideDelete, probe.CapabilityDestinations)
		p.Add("concurrency/attach/two", "Of two credentials attached side by side to one destination, one is in use and the other is not.",
			plan.RuledMust, judgeTwoAttachments, probe.CapabilityDestinations)
	}
}

// bodies returns atOnce different bodies of create.
func bodies(p *probe.Probe) []map[string]any {
	standard := probe.DefaultStrategy(p.Spec)
	list := make([]map[string]any, atOnce)
	for i := range list {
		list[i] = p.Full(standard)
	}
	return list
}

// expectSent expects an answer to show the body that was sent.
func expectSent(p *probe.Probe, e *wire.Exchange, sent map[string]any) {
	names := []string{p.RoleName(credmock.RoleName)}
	for _, field := range probe.Public(probe.DefaultStrategy(p.Spec)) {
		if _, there := sent[field.Name]; there {
			names = append(names, field.Name)
		}
	}
	differ := jsonvalue.Differences(sent, p.CredentialIn(e), names)
	p.Expect(e, "/payload", strconv.Itoa(e.Status)+" with other values than were sent: "+probe.OrUnreadable(differ),
		"the credential as it was sent").Beside(sent, p.CredentialIn(e), names...).Holds(e.Success() && differ == "")
}

func judgeParallelCreates(p *probe.Probe) {
	bodies := bodies(p)
	requests := make([]probe.Request, len(bodies))
	for i, body := range bodies {
		requests[i] = probe.Request{Action: "create", Body: body}
	}
	ids := map[string]bool{}
	for i, e := range p.SendTogether(requests) {
		expectSent(p, e, bodies[i])
		id := e.ID
		p.Expect(e, "/payload", "an id given twice", "an id for each").Holds(!ids[id])
		ids[id] = true
		if e.Success() && id != "" {
			expectSent(p, p.Get(id), bodies[i])
		}
	}
}

func several(p *probe.Probe) []*probe.Credential {
	var list []*probe.Credential
	for _, body := range bodies(p) {
		list = append(list, p.MustCreate(probe.DefaultStrategy(p.Spec), body))
	}
	return list
}

func judgeParallelUpdates(p *probe.Probe) {
	several, bodies := several(p), bodies(p)
	requests := make([]probe.Request, len(several))
	for i, made := range several {
		requests[i] = probe.Request{Action: "update", ID: made.ID, Body: p.ForUpdate(bodies[i])}
	}
	for i, e := range p.SendTogether(requests) {
		expectSent(p, e, bodies[i])
		expectSent(p, p.Get(several[i].ID), bodies[i])
	}
}

func judgeParallelReads(p *probe.Probe) {
	several := several(p)
	var requests []probe.Request
	for range 2 {
		for _, made := range several {
			requests = append(requests, probe.Request{Action: "get", ID: made.ID})
		}
	}
	for i, e := range p.SendTogether(requests) {
		expectSent(p, e, several[i%len(several)].Sent)
	}
}

func judgeSameUpdates(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	for range rounds {
		if len(p.Findings) == 0 {
			raceUpdates(p, standard, made)
		}
	}
}

func raceUpdates(p *probe.Probe, standard *credmock.Strategy, made *probe.Credential) {
	bodies := bodies(p)
	requests := make([]probe.Request, len(bodies))
	for i, body := range bodies {
		requests[i] = probe.Request{Action: "update", ID: made.ID, Body: p.ForUpdate(body)}
	}
	for _, e := range p.SendTogether(requests) {
		p.ExpectStatus(e, "a success, or a conflict that says so").Holds(e.Success() || e.Refused(409, 412, 423))
	}
	after := p.Get(made.ID)
	names := []string{p.RoleName(credmock.RoleName)}
	for _, field := range probe.Public(standard) {
		names = append(names, field.Name)
	}
	whole := false
	for _, body := range bodies {
		whole = whole || jsonvalue.Differences(body, p.CredentialIn(after), sentNames(p, body, names)) == ""
	}
	p.Expect(after, "/payload", "a mixture of several updates", "one of the updates, whole").Holds(whole)
}

func sentNames(p *probe.Probe, body map[string]any, names []string) []string {
	var sent []string
	for _, name := range names {
		if _, there := body[name]; there {
			sent = append(sent, name)
		}
	}
	return sent
}

func judgeLostUpdates(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.MustCreate(standard, p.Full(standard))
	var requests []probe.Request
	changed := map[string]any{}
	for _, field := range probe.Public(standard) {
		if _, required := standard.Update.Requires(field.Name); required || made.Sent[field.Name] == nil || len(requests) == atOnce {
			continue
		}
		changed[field.Name] = p.AnotherValue(field, made.Sent[field.Name])
		requests = append(requests, probe.Request{Action: "update", ID: made.ID,
			Body: made.Change(map[string]any{field.Name: changed[field.Name]})})
	}
	refused := false
	for _, e := range p.SendTogether(requests) {
		refused = refused || !e.Success()
	}
	if refused {
		p.Pass() // a reported conflict loses nothing
		return
	}
	after := p.Get(made.ID)
	differ := jsonvalue.Differences(changed, p.CredentialIn(after), sentNames(p, changed, p.DescribedIn(changed)))
	p.Expect(after, "/payload", "an update that was answered and is lost: "+differ, "every update").
		Beside(changed, p.CredentialIn(after), sentNames(p, changed, p.DescribedIn(changed))...).Holds(differ == "")
}
