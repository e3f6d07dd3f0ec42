package sequences

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// PlanLists plans the reviews of every list of the run (docs/contract.md#lists). They send nothing of their own: the checks ask for lists
// at so many moments that a list which is wrong at some of them shows.
func PlanLists(p *plan.Builder) {
	for _, resource := range []string{"credential", "destination"} {
		operation := p.Spec.Operation(resource, "list")
		if operation == nil {
			continue
		}
		p.AddReview("lists/"+resource, "Every list of "+resource+"s has what exists, once, and as it was last written.", plan.InferredMust,
			func(q *probe.Probe) {
				q.RunJourneys()
				if resource == "destination" {
					q.Attachment()
				}
			},
			func(q *probe.Probe) { reviewLists(q, resource) }, probe.NeedsOf(operation)...)
	}
}

// life is what the run knows of one thing that it created.
type life struct {
	environment string
	made, gone  span   // the create, and the first delete; gone is zero before that
	texts       []text // what writes gave it
	unsure      bool   // something was sent to it whose effect nobody knows
}

// span is the time from a request to its answer. A request takes effect within it.
type span struct{ began, ended time.Time }

func spanOf(e *wire.Exchange) span { return span{e.Started, e.Started.Add(e.Took)} }

// text is a name or a link that a write gave a thing.
type text struct {
	span
	member, value string
}

// livesOf returns the lives of all things of a kind, by id.
func livesOf(p *probe.Probe, resource string) map[string]*life {
	lives := map[string]*life{}
	for _, e := range p.SoFar() {
		switch {
		case e.Operation == nil:
			if id, isAbout := pathtemplate.Match(e.Template, e.Path); isAbout && e.Method != http.MethodGet && lives[id] != nil {
				lives[id].unsure = lives[id].unsure || !e.Refused()
			}
		case e.Operation.Resource == resource && e.Method != http.MethodGet:
			noteWrite(p, e, lives)
		}
	}
	return lives
}

// noteWrite notes what a write did to a thing.
func noteWrite(p *probe.Probe, e *wire.Exchange, lives map[string]*life) {
	body := map[string]any{}
	known := e.Success() && !e.Edited && e.Principal == wire.Engineer &&
		(e.Operation.MediaType == "" || json.Unmarshal(e.Sent, &body) == nil)
	id := e.Subject()
	switch one := lives[id]; {
	case e.Refused() || e.Unsent || id == "":
	case e.IsCreate():
		lives[id] = &life{environment: environmentOf(p, e, body), made: spanOf(e), unsure: !known || one != nil}
		lives[id].write(p, e, body)
	case one == nil:
	case !known:
		one.unsure = true
	case e.Operation.Action == "update":
		one.write(p, e, body)
	case e.Operation.Action == "delete" && one.gone.began.IsZero():
		one.gone = spanOf(e)
	}
}

// environmentOf returns the environment in which a create puts a thing: its body or its path names it.
func environmentOf(p *probe.Probe, e *wire.Exchange, body map[string]any) string {
	if e.Operation.Resource == "credential" {
		return jsonvalue.Text(body[p.RoleName(credmock.RoleEnvironment)])
	}
	environment, _ := pathtemplate.Match(e.Template, e.Path)
	return environment
}

// write notes the name and the link in a body.
func (l *life) write(p *probe.Probe, e *wire.Exchange, body map[string]any) {
	for _, member := range membersOf(p, e.Operation.Resource) {
		if value, sent := body[member]; sent {
			l.texts = append(l.texts, text{spanOf(e), member, jsonvalue.Text(value)})
		}
	}
}

// membersOf returns the members that a list may show as they were written.
func membersOf(p *probe.Probe, resource string) []string {
	if resource == "credential" {
		return []string{p.RoleName(credmock.RoleName)}
	}
	return []string{p.DestinationProperty(credmock.RoleName), p.DestinationProperty(credmock.RoleCredential)}
}

// reviewLists holds every list of the run to the lives of what is in it.
func reviewLists(p *probe.Probe, resource string) {
	p.Pass()
	if p.Serial {
		return // one id is several things
	}
	lives := livesOf(p, resource)
	for _, e := range p.SoFar() {
		isList := e.Operation != nil && e.Operation.Resource == resource && e.Operation.Action == "list"
		if isList && e.Items != nil && p.CanJudge(e) && !e.Edited && (e.Principal == wire.Engineer || e.Principal == wire.Viewer) {
			if !reviewList(p, e, lives) {
				return // one finding is enough
			}
		}
	}
}

// reviewList holds one list to the lives, and tells whether it is right.
func reviewList(p *probe.Probe, e *wire.Exchange, lives map[string]*life) bool {
	place := "/payload/" + e.Operation.Member
	environment, _ := pathtemplate.Match(e.Template, e.Path)
	moment := span{e.Started.Add(-p.Lag), e.Started.Add(e.Took)}
	listed := map[string]*wire.Item{}
	for _, item := range e.Items {
		if !p.Expect(e, place, "one id twice", "each "+e.Operation.Resource+" once").Holds(listed[item.ID] == nil) {
			return false
		}
		listed[item.ID] = item
	}
	for id, one := range lives {
		if seen, owed := one.mistake(p, e, moment, environment, listed[id]); seen != "" {
			p.Fail(e, place, seen, owed)
			return false
		}
	}
	return true
}

// mistake compares an item of a list, which may be nil, with the life of its thing. It returns what is wrong and what would be right.
func (l *life) mistake(p *probe.Probe, e *wire.Exchange, moment span, environment string, item *wire.Item) (seen, owed string) {
	lived := !l.gone.began.IsZero() // it was deleted at some time
	switch {
	case l.unsure || l.environment == "":
	case item == nil:
		isThere := l.made.ended.Before(moment.began) && (!lived || l.gone.began.After(moment.ended))
		if isThere && l.environment == environment {
			return "a " + e.Operation.Resource + " is missing", "each that was created there and not deleted"
		}
	case lived && l.gone.ended.Before(moment.began):
		return "one that was deleted before", "only what exists"
	case l.environment != environment:
		return "one of another environment", "only what was created in the environment"
	default:
		return l.differs(p, e, moment, item)
	}
	return "", ""
}

// differs looks for a member of an item that is not as it was last written.
func (l *life) differs(p *probe.Probe, e *wire.Exchange, moment span, item *wire.Item) (seen, owed string) {
	shown := []*string{&item.Name, item.Link}
	for i, member := range membersOf(p, e.Operation.Resource) {
		if value := shown[i]; value != nil && !l.may(member, *value, moment) {
			return "another " + member + " than was last written", "what was last written"
		}
	}
	return "", ""
}

// may tells whether a member may be shown with a value at a moment: the last write before it gave it that, or one at the same time.
func (l *life) may(member, value string, moment span) bool {
	known := false
	for _, one := range l.texts {
		if one.member != member || one.began.After(moment.ended) {
			continue
		}
		known = true
		replaced := slices.ContainsFunc(l.texts, func(later text) bool {
			return later.member == member && later.began.After(one.ended) && later.ended.Before(moment.began)
		})
		if !replaced && one.value == value {
			return true
		}
	}
	return !known
}
