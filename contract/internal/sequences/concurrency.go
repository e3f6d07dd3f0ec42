// Package sequences holds the checks that need many requests: concurrent requests, random sequences and many records. It compares
// the answers with a model, or with each order in which a server could have handled the requests.
package sequences

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
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
	differ := p.Differences(sent, p.CredentialIn(e), names)
	p.Expect(e, "/payload", strconv.Itoa(e.Status)+" with other values than were sent: "+probe.OrUnreadable(differ),
		"the credential as it was sent").Beside(sent, p.CredentialIn(e), names...).Holds(e.Success() && differ == "")
}

// sideBySide is credentials that are created, read and updated side by side, and read one by one after each write.
type sideBySide struct {
	sent, changed                             []map[string]any
	created, first, read, updated, afterwards []*wire.Exchange
}

// playSideBySide sends the requests. A run does so once, and each check judges a part.
func playSideBySide(p *probe.Probe) sideBySide {
	return probe.Once(p, "side-by-side", func(q *probe.Probe) sideBySide {
		defer q.DeleteOwn()
		all := sideBySide{sent: bodies(q), changed: bodies(q)}
		var creates, reads, updates []probe.Request
		for _, body := range all.sent {
			creates = append(creates, probe.Request{Action: "create", Body: body})
		}
		all.created = q.SendTogether(creates)
		for i, e := range all.created {
			if !e.Success() || e.ID == "" {
				return all
			}
			reads = append(reads, probe.Request{Action: "get", ID: e.ID})
			updates = append(updates, probe.Request{Action: "update", ID: e.ID, Body: q.ForUpdate(all.changed[i])})
		}
		all.first = readOneByOne(q, reads)
		all.read = q.SendTogether(slices.Concat(reads, reads))
		all.updated = q.SendTogether(updates)
		all.afterwards = readOneByOne(q, reads)
		return all
	})
}

func readOneByOne(p *probe.Probe, reads []probe.Request) (answers []*wire.Exchange) {
	for _, r := range reads {
		answers = append(answers, p.Do(r))
	}
	return answers
}

func judgeParallelCreates(p *probe.Probe) {
	all, ids := playSideBySide(p), map[string]bool{}
	for i, e := range all.created {
		expectSent(p, e, all.sent[i])
		p.Expect(e, "/payload", "an id given twice", "an id for each").Holds(!ids[e.ID])
		ids[e.ID] = true
	}
	for i, e := range all.first {
		expectSent(p, e, all.sent[i])
	}
}

// needSideBySide is playSideBySide for a check that needs the credentials.
func needSideBySide(p *probe.Probe) sideBySide {
	all := playSideBySide(p)
	if all.first == nil {
		p.Abandon("it needs several credentials, and a create was refused or answered no id")
	}
	return all
}

func judgeParallelUpdates(p *probe.Probe) {
	all := needSideBySide(p)
	for i, e := range all.updated {
		expectSent(p, e, all.changed[i])
		expectSent(p, all.afterwards[i], all.changed[i])
	}
}

func judgeParallelReads(p *probe.Probe) {
	all := needSideBySide(p)
	for i, e := range all.read {
		expectSent(p, e, all.sent[i%len(all.sent)])
	}
}

func judgeSameUpdates(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	id := someIDs(p, 1)[0]
	for range rounds {
		if len(p.Findings) == 0 {
			raceUpdates(p, standard, id)
		}
	}
}

func raceUpdates(p *probe.Probe, standard *credmock.Strategy, id string) {
	bodies := bodies(p)
	requests := make([]probe.Request, len(bodies))
	for i, body := range bodies {
		requests[i] = probe.Request{Action: "update", ID: id, Body: p.ForUpdate(body)}
	}
	for _, e := range p.SendTogether(requests) {
		p.ExpectStatus(e, "a success, or a conflict that says so").Holds(e.Success() || e.Refused(409, 412, 423))
	}
	after := p.Get(id)
	names := []string{p.RoleName(credmock.RoleName)}
	for _, field := range probe.Public(standard) {
		names = append(names, field.Name)
	}
	whole := false
	for _, body := range bodies {
		whole = whole || p.Differences(body, p.CredentialIn(after), sentNames(p, body, names)) == ""
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
	differ := p.Differences(changed, p.CredentialIn(after), sentNames(p, changed, p.DescribedIn(changed)))
	p.Expect(after, "/payload", "an update that was answered and is lost: "+differ, "every update").
		Beside(changed, p.CredentialIn(after), sentNames(p, changed, p.DescribedIn(changed))...).Holds(differ == "")
}
