package checks

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
)

// planCallers plans that a caller is refused before anything else is said (docs/contract.md#refused-callers), and what a viewer may do
// (docs/contract.md#viewer).
func planCallers(p *plan.Builder) {
	for _, operation := range probe.Enveloped(p.Spec) {
		name, needs := probe.NameOf(operation), probe.NeedsOf(operation)
		viewer, other := append(slices.Clone(needs), probe.CapabilityViewer), append(slices.Clone(needs), probe.CapabilityOther)
		p.Add("auth/"+name+"/almost", operation.ID+" with a token that differs in one character, or in case, is refused.", plan.DocumentedMust,
			judgeAlmost(operation), needs...)
		p.Add("auth/"+name+"/form", operation.ID+" with a token that has no scheme, or has it twice, is refused.", plan.DocumentedMust,
			judgeForm(operation), needs...)
		if hasParameter(operation) || operation.MediaType != "" {
			p.Add("auth/"+name+"/before", operation.ID+" without a token is refused with 401, whatever the id and the body are.", plan.RuledMust,
				judgeBefore(operation, wire.Nobody, []int{401}), needs...)
		}
		switch {
		case operation.Method == http.MethodGet:
			p.Add("auth/"+name+"/viewer", "A member without the engineer role can call "+operation.ID+".", plan.RuledShould,
				judgeViewerReads(operation), viewer...)
			if operation.Action != "list" || operation.Resource == "environment" { // every other list is reviewed
				p.Add("auth/"+name+"/viewer-same", operation.ID+" shows a member without the engineer role what it shows an engineer.",
					plan.InferredMust, judgeSameView(operation), viewer...)
			}
			if operation.Resource == "credential" && operation.Action == "list" {
				p.Add("auth/list/viewer-all", "The list shows a member without the engineer role the credentials that an engineer sees.",
					plan.InferredMust, judgeViewerSeesAll, viewer...)
			}
		case operation.Action == "verify":
			p.Add("auth/"+name+"/viewer", "A member without the engineer role cannot call "+operation.ID+".", plan.RuledMust,
				judgeRefused(operation, wire.Viewer, 403), viewer...)
			fallthrough
		default:
			p.Add("auth/"+name+"/viewer-before",
				"A member without the engineer role is refused by "+operation.ID+" with 403, whatever the id and the body are.", plan.RuledShould,
				judgeBefore(operation, wire.Viewer, []int{403}), viewer...)
		}
		if operation.Resource == "credential" {
			planSaidFirst(p, operation)
		}
		if isAboutOne(operation) {
			p.Add("auth/"+name+"/other-before",
				"Another organization cannot learn from "+operation.ID+" whether an id exists here, or whether a body is valid.", plan.RuledShould,
				judgeOtherBefore(operation), other...)
		}
	}
}

// planSaidFirst plans the refusals that a server is tempted to say before it asks who calls: a body is too large, a credential is in use.
func planSaidFirst(p *plan.Builder, operation *credmock.Operation) {
	name := probe.NameOf(operation)
	switch operation.Action {
	case "create":
		p.Add("auth/"+name+"/large", operation.ID+" without a token is refused with 401, however long the body is.", plan.RuledMust,
			judgeLargeBefore)
	case "delete":
		p.Add("auth/"+name+"/in-use", operation.ID+" without a token is refused with 401, also while a destination uses the credential.",
			plan.RuledMust, func(q *probe.Probe) { q.ExpectRefused(q.Attachment().Need(q).DeleteOfNobody, 401) },
			probe.CapabilityDestinations)
		p.Add("auth/"+name+"/viewer-in-use",
			"A member without the engineer role is refused by "+operation.ID+" with 403, also while a destination uses the credential.",
			plan.RuledShould, func(q *probe.Probe) { q.ExpectRefused(q.Attachment().Need(q).DeleteOfViewer, 403) },
			probe.CapabilityDestinations, probe.CapabilityViewer)
	}
}

func hasParameter(operation *credmock.Operation) bool { return strings.Contains(operation.Path, "{") }

// isAboutOne tells whether the operation is about one credential or destination.
func isAboutOne(operation *credmock.Operation) bool {
	return hasParameter(operation) && operation.Action != "list" && operation.Action != "create"
}

// withFixture calls send with a request as its owner would send it, for a credential that nothing may change. send returns its last
// answer.
func withFixture(p *probe.Probe, operation *credmock.Operation, send func(r probe.Request) *wire.Exchange) {
	if operation.Resource != "credential" {
		send(requestOf(p, operation))
		return
	}
	againstFixture(p, operation.Action, func(made *probe.Credential) *wire.Exchange {
		return send(credentialRequest(p, operation.Action, made))
	})
}

// againstFixture calls send for a credential of the default strategy that a refused action must not change.
func againstFixture(p *probe.Probe, action string, send func(made *probe.Credential) *wire.Exchange) {
	if action == "delete" {
		p.AgainstDeletion(send)
		return
	}
	p.AgainstFixture(probe.DefaultStrategy(p.Spec), send)
}

// refuse sends a request with another Authorization and expects one of the statuses.
func refuse(p *probe.Probe, r probe.Request, authorization string, statuses ...int) *wire.Exchange {
	r.Edit = func(request *http.Request) { request.Header.Set("Authorization", authorization) }
	return expectRefusal(p, r, statuses...)
}

// judgeAlmost sends tokens that differ from the right one in one character at both ends and in the middle, and in case.
func judgeAlmost(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		withFixture(p, operation, func(r probe.Request) (last *wire.Exchange) {
			tokens := almost(p.Token(wire.Engineer), operation.Resource == "credential")
			if operation.Resource == "credential" && operation.Action == "get" {
				tokens = append(tokens, respelt(p.Token(wire.Engineer))...)
				for _, who := range []wire.Principal{wire.Viewer, wire.Other} {
					tokens = append(tokens, swapCase(p.Token(who)))
				}
			}
			for _, token := range tokens {
				if token != "" && !p.IsToken(token) {
					last = refuse(p, r, "Bearer "+token, 401)
				}
			}
			if last == nil {
				p.Skip("the token is too short to be changed")
			}
			return last
		})
	}
}

// almost returns tokens that are nearly one.
func almost(token string, thorough bool) []string {
	if token == "" {
		return nil
	}
	list := []string{swapCase(token), changedAt(token, len(token)-1)}
	if thorough {
		list = append(list, changedAt(token, len(token)/2))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// respelt returns other spellings of a token that has punctuation.
func respelt(token string) (list []string) {
	if at := strings.IndexAny(token, "-_"); at > 0 {
		other := "-"
		if token[at] == '-' {
			other = "_"
		}
		list = append(list, token[:at]+other+token[at+1:], token[:at]+token[at+1:], `"`+token+`"`)
	}
	return list
}

// changedAt returns the token with another letter or digit at a place.
func changedAt(token string, at int) string {
	changed := []byte(token)
	if changed[at] == 'x' || changed[at] == 'X' {
		changed[at] = 'k'
	} else {
		changed[at] = 'x'
	}
	return string(changed)
}

func swapCase(token string) string {
	return strings.Map(func(letter rune) rune {
		if unicode.IsUpper(letter) {
			return unicode.ToLower(letter)
		}
		return unicode.ToUpper(letter)
	}, token)
}

// judgeForm sends the right token in a wrong form. A scheme in another case is the same scheme (RFC 9110, section 11.1): it is taken, or
// refused like an unknown one.
func judgeForm(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		withFixture(p, operation, func(r probe.Request) *wire.Exchange {
			token := p.Token(wire.Engineer)
			last := refuse(p, r, token, 401)
			if operation.Resource == "credential" {
				last = refuse(p, r, "Bearer Bearer "+token, 401, 400)
			}
			if operation.Method == http.MethodGet && operation.Resource == "credential" {
				head := p.TryRoute(probe.Route{Method: http.MethodHead, Template: operation.Path, ID: r.ID,
					Edit: func(request *http.Request) { request.Header.Del("Authorization") }})
				p.ExpectStatus(head, "a refusal: GET without a token is refused").Holds(!head.Success())
				last = p.Do(probe.Request{Resource: r.Resource, Action: r.Action, ID: r.ID,
					Edit: func(request *http.Request) { request.Header.Set("Authorization", "bEARER "+token) }})
				p.ExpectStatus(last, "a success or a refusal with 401").Holds(last.Success() || last.Refused(401, 400))
			}
			return last
		})
	}
}

// judgeBefore sends requests of a caller who may not send them, with an unknown id and with broken JSON.
func judgeBefore(operation *credmock.Operation, who wire.Principal, statuses []int) func(*probe.Probe) {
	return func(p *probe.Probe) {
		withFixture(p, operation, func(r probe.Request) (last *wire.Exchange) {
			r.Principal = who
			if hasParameter(operation) {
				elsewhere := r
				elsewhere.ID = anotherID(r.ID)
				if who == wire.Nobody && operation.MediaType != "" {
					elsewhere.MediaType = "text/plain" // another reason to refuse it
				}
				last = expectRefusal(p, elsewhere, statuses...)
			}
			if operation.MediaType != "" {
				invalid := r
				invalid.Body, invalid.Raw = nil, []byte(`{"broken":`)
				last = expectRefusal(p, invalid, statuses...)
			}
			if last == nil {
				last = expectRefusal(p, r, statuses...)
			}
			return last
		})
	}
}

// judgeLargeBefore sends a body over the limit without a token. A 413 that is not JSON may be a gateway's, which knows no callers. A server
// may answer before it has read the body, and end the connection: then the answer may be lost.
func judgeLargeBefore(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	body := probe.With(p.Minimal(standard), map[string]any{
		p.RoleName(credmock.RoleName): p.RunName + " " + strings.Repeat("x", wire.Mebibyte),
	})
	e := p.Try(probe.Request{Action: "create", Body: body, Principal: wire.Nobody})
	if e.Failure != nil && !e.Unsent && !e.UnderWay && !e.IsUnread() {
		p.Skip("no answer to a long body came through: %v", e.Failure)
	}
	if p.Answered(e).Refused(http.StatusRequestEntityTooLarge) && e.Value == nil {
		p.Skip("something before the target refuses long bodies")
	}
	p.ExpectRefused(e, 401)
	p.ExpectNotListed(e, body)
}

// anotherID returns an id of the same form with other digits, which nothing is likely to have.
func anotherID(id string) string {
	changed := []byte(id)
	for i, digit := range changed {
		if digit >= '0' && digit <= '9' {
			changed[i] = '0' + (digit-'0'+7)%10
		}
	}
	if string(changed) == id {
		return id + "0000000"
	}
	return string(changed)
}

func judgeViewerReads(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.ExpectStatus(readAsViewer(p, operation).viewer, "a success: a viewer may read").Holds(readAsViewer(p, operation).viewer.Success())
	}
}

// views is what a viewer is shown, and what an engineer was shown of the same thing before.
type views struct{ viewer, engineer *wire.Exchange }

// readAsViewer reads what nothing changes. A run does so once.
func readAsViewer(p *probe.Probe, operation *credmock.Operation) views {
	return probe.Once(p, "viewer/"+probe.NameOf(operation), func(q *probe.Probe) (both views) {
		switch {
		case operation.Action == "strategies":
			both.engineer = strategyList(q)
		case operation.Resource == "environment":
			both.engineer = environmentList(q)
		}
		withFixture(q, operation, func(r probe.Request) *wire.Exchange {
			for _, e := range q.SoFar() {
				shows := e.Operation != nil && e.Operation.Resource == operation.Resource && (e.IsCreate() || e.Operation.Action == "get")
				if shows && e.Success() && e.Subject() == r.ID && e.Principal == wire.Engineer && !e.Edited {
					both.engineer = e
				}
			}
			r.Principal = wire.Viewer
			both.viewer = q.Do(r)
			return both.viewer
		})
		return both
	})
}

func judgeSameView(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		both := readAsViewer(p, operation)
		e := both.viewer
		if !e.Success() || both.engineer == nil || !p.Answered(both.engineer).Success() {
			p.Skip("a viewer, or an engineer, cannot read here")
		}
		p.Expect(e, "/meta/version", "another version than an engineer's answer has", "the same version").
			Holds(e.Version == both.engineer.Version)
		if operation.Action != "get" {
			p.Expect(e, "/payload", "other items than an engineer is shown", "the same items").
				Holds(slices.Equal(describedItems(e), describedItems(both.engineer)))
			return
		}
		seen, owed := subjectIn(p, e), subjectIn(p, both.engineer)
		differ := p.Differences(owed, seen, describedIn(p, both.engineer))
		p.Expect(e, "/payload", "another value than an engineer is shown: "+differ, "what an engineer is shown").Holds(differ == "")
	}
}

// describedItems returns what a list has as texts in an order of their own, with described members alone.
func describedItems(e *wire.Exchange) (texts []string) {
	for name, entry := range strategiesOf(e) {
		texts = append(texts, name+" "+jsonvalue.Canonical(jsonvalue.Member(entry, "availableFields")))
	}
	for _, item := range probe.Items(e) {
		object, isObject := item.(map[string]any)
		if shape := e.Operation.Item; isObject && shape != nil {
			object = maps.Clone(object)
			maps.DeleteFunc(object, func(name string, _ any) bool { return shape.Property(name) == nil })
			item = object
		}
		texts = append(texts, jsonvalue.Canonical(item))
	}
	slices.Sort(texts)
	return texts
}

// judgeViewerSeesAll looks for credentials of every strategy in the list that a viewer gets.
func judgeViewerSeesAll(p *probe.Probe) {
	var ids []string
	for _, strategy := range p.Spec.Strategies {
		if p.Capabilities[probe.CapabilityOf(strategy)].Present {
			ids = append(ids, p.MustCreate(strategy, p.Minimal(strategy)).ID)
		}
	}
	missing := func(e *wire.Exchange) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return p.Listed(e, id) == nil })
	}
	e := p.Eventually(func() *wire.Exchange {
		return p.Do(probe.Request{Action: "list", ID: p.Environment, Principal: wire.Viewer})
	}, func(e *wire.Exchange) bool { return !e.Success() || !missing(e) })
	if !e.Success() {
		p.Skip("a viewer cannot list here")
	}
	p.Expect(e, "/payload/"+e.Operation.Member, "a credential is missing that an engineer has created", "the credentials of every strategy").
		Holds(!missing(e))
}

// judgeOtherBefore compares what another organization is told of a known id, of an unknown one, and of an invalid body.
func judgeOtherBefore(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		withFixture(p, operation, func(r probe.Request) *wire.Exchange {
			r.Principal = wire.Other
			known := p.Do(r)
			requests := []probe.Request{r}
			requests[0].ID = anotherID(r.ID)
			if operation.MediaType != "" {
				invalid := r
				invalid.Body, invalid.Raw = nil, []byte(`{"broken":`)
				requests = append(requests, invalid)
			}
			last := known
			for _, one := range requests {
				last = p.Do(one)
				p.ExpectStatus(last, "the status that the known id got with a valid body").Holds(last.Status == known.Status)
			}
			return last
		})
	}
}

// expectSilence expects a refusal to hold no plain value of a credential that its caller did not send.
func expectSilence(p *probe.Probe, e *wire.Exchange, made *probe.Credential) {
	if e.Success() { // there is a finding already
		return
	}
	text := string(e.Body)
	for _, field := range append(probe.Public(made.Strategy), made.Strategy.Create.Role(credmock.RoleName)) {
		value, isText := made.Sent[field.Name].(string)
		if !isText || len(value) < longValue || len(field.Schema.Enum) > 0 || strings.Contains(value, "/") ||
			strings.Contains(string(e.Sent), value) {
			continue
		}
		p.Expect(e, "body", "the credential's "+field.Name, "nothing of the credential").
			Holds(!strings.Contains(text, value) && !strings.Contains(text, strings.Trim(jsonvalue.Canonical(value), `"`)))
	}
}

// longValue is the length from which a value in a refusal cannot be chance.
const longValue = 10
