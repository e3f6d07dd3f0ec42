package probe

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// unreachable says why the target cannot be reached, and what to look at.
func (s *Session) unreachable(why error) foreign.Mixed {
	if distrust := finalanswer.Distrust(why); distrust != "" {
		return foreign.Say("the target cannot be trusted: %s", foreign.Own(distrust))
	}
	hint := s.URLHint()
	return foreign.Say("the target cannot be reached: %v; %s", why, hint)
}

// URLHint says what may be wrong with the address. It names the path that the document has.
func (s *Session) URLHint() foreign.Mixed {
	if path := s.Spec.Operation("credential", "get").Prefix; path != "" {
		return foreign.Say("look at the address and path of --url: the document's server path is %s", foreign.Own(path))
	}
	return foreign.Say("look at the address and path of --url")
}

// notFoundStatuses are the answers of a server without the API at an address.
var notFoundStatuses = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// onlyAnswered tells whether every answer so far has one of the statuses.
func (s *Session) onlyAnswered(statuses ...int) bool {
	return !slices.ContainsFunc(s.All(), func(e *wire.Exchange) bool { return !slices.Contains(statuses, e.Status) })
}

// stopIfNowhere ends the run if no operation is where the document has it: most likely the URL lacks its path.
func (s *Session) stopIfNowhere(p *Probe, last *wire.Exchange) {
	if s.onlyAnswered(notFoundStatuses...) {
		p.Abandon("the target answered %d to everything; %s", last.Status, s.URLHint())
	}
}

// exploreOrganization finds out whether the organization is visible at all. A sound server of another organization refuses
// everything for this one, or takes it for its own, and must not be accused. The organization is visible if the target lists its
// environments; without that endpoint, if create accepts it or the list shows it.
func (s *Session) exploreOrganization(p *Probe, created *wire.Exchange) {
	name := p.RoleName(credmock.RoleOrganization)
	if s.Environments == nil || !s.Environments.Refused(http.StatusNotFound, http.StatusForbidden) || s.organizationListed {
		return
	}
	for _, strategy := range s.Spec.Strategies {
		if created.Refused() { // the first body may be refused for another reason
			created = p.Create(strategy, p.Full(strategy))
		}
	}
	shown := p.CredentialIn(created)[name]
	switch {
	case created.Refused(http.StatusUnauthorized, http.StatusForbidden):
		s.Hidden = s.notSeen("create answered %d"+organizationHint+", and a token that may write with --token", created.Status)
	case created.Refused():
		s.Hidden = s.notSeen("create answered %d"+organizationHint, created.Status)
	case created.Success() && shown != nil && !jsonvalue.Same(shown, s.Organization):
		s.Hidden = s.notSeen("create answered with a record of another organization" + organizationHint)
	}
}

// notSeen returns why requests about the organization are not judged. The reason ends in format.
func (s *Session) notSeen(format foreign.Own, arguments ...any) foreign.Mixed {
	return foreign.Say("nothing of organization %d can be seen: %s answered %d, and %s", s.Organization,
		foreign.Own(s.Environments.Operation.ID), s.Environments.Status, foreign.Say(format, arguments...))
}

const organizationHint = "; give the number of the token's organization with --organization, and one of its environments with --environment"

// RequireVisible ends the check if its request is about an organization that is not visible.
func (p *Probe) RequireVisible(r Request) {
	if !p.Hidden.IsEmpty() && needsOrganization(p.operation(r)) {
		p.Abandon("%s", p.Hidden)
	}
}

// requireID ends the check if its request is about a thing without an id: another path would be asked for.
func (p *Probe) requireID(r Request) {
	if operation := p.operation(r); operation != nil && r.ID == "" && pathtemplate.Parameters(operation.Path) > 0 {
		p.Abandon("%s needs an id, and no answer had one", foreign.Own(operation.ID))
	}
}

// needsOrganization tells whether an operation is about something within an organization.
func needsOrganization(operation *credmock.Operation) bool {
	return operation != nil && (operation.MediaType != "" || strings.Contains(operation.Path, "{"))
}

// lostAfter is the number of failed connections in a row after which a target is given up.
const lostAfter = 8

// Lost says that the target has disappeared during the run, or nothing.
func (s *Session) Lost() foreign.Mixed {
	if gone := s.gone.Load(); gone != nil {
		return *gone
	}
	if s.IsSilent() {
		return foreign.Say("the target does not answer any more: nothing came within 10 s, several times; look whether it still runs")
	}
	if s.Unconnected.Load() < lostAfter {
		return foreign.Mixed{}
	}
	return foreign.Say("the target cannot be reached any more; look whether it still runs at the address of --url")
}

// IsTurnedAway tells whether an answer in a scope may be none of the implementation, or may say that a token has ended.
func (s *Session) IsTurnedAway(scope string) bool {
	return slices.ContainsFunc(s.All(), func(e *wire.Exchange) bool { return e.Scope == scope && e.Failure == nil && isTurnedAway(e) })
}

// isTurnedAway tells whether an answer refuses an engineer or a known token, or is strange.
func isTurnedAway(e *wire.Exchange) bool {
	switch e.Principal {
	case wire.Engineer:
		return strange(e) != "" || !e.Edited && e.Refused(http.StatusUnauthorized, http.StatusForbidden)
	case wire.Viewer, wire.Other:
		return strange(e) != "" || !e.Edited && e.Refused(http.StatusUnauthorized)
	}
	return strange(e) != ""
}

// IsOfGateway tells whether an answer is the error of what stands before an implementation, as far as its status says. Such a one
// may be fleeting.
func IsOfGateway(e *wire.Exchange) bool { return slices.Contains(gatewayStatuses, e.Status) }

// IsGone finds out whether the implementation, or the right of the token, went away during the run, after a check has met an answer
// that says so (docs/contract.md#no-answer-of-an-implementation). What succeeded at the beginning is then refused in the same way.
func (s *Session) IsGone(scope string) bool {
	if s.gone.Load() != nil {
		return s.IsTurnedAway(scope)
	}
	if !s.IsTurnedAway(scope) {
		return false
	}
	if s.present.Load() >= presenceEnough {
		return false
	}
	var gone foreign.Mixed
	for range presenceTries {
		if gone = s.presence(scope + "/presence"); gone.IsEmpty() {
			s.present.Add(1)
			return false
		}
		if !wire.Sleep(s.Ctx, presencePause) {
			break
		}
	}
	s.gone.CompareAndSwap(nil, &gone)
	return true
}

// A gateway that fails for a moment is not taken for one that fails for good.
const (
	presenceTries = 3
	presencePause = 200 * time.Millisecond
	// presenceEnough is how often a target is found to be there until refusals are taken for its own.
	presenceEnough = 24
)

// IsForeign tells whether the exchange that a finding shows, which several checks may share, may be none of the implementation. Broken
// JSON is the implementation's own.
func IsForeign(e *wire.Exchange) bool {
	if e == nil || e.Failure != nil || !isTurnedAway(e) {
		return false
	}
	isPage := strings.HasPrefix(e.Header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(e.Body), []byte("<"))
	return e.NotJSON == nil || isPage
}

// flakyOperations is the number of operations for which a gateway must have failed to be taken for one that fails now and then.
const flakyOperations = 3

// Flaky says that a gateway fails now and then, or nothing. Then its errors come for several operations, and most answers of each are
// others. An implementation that fails does so for one thing, or always.
func (s *Session) Flaky() foreign.Mixed {
	answers, errors := map[*credmock.Operation]int{}, map[*credmock.Operation]int{}
	requests, failed := 0, 0
	for _, e := range s.All() {
		requests++
		answers[e.Operation]++
		if isGatewayError(e) {
			errors[e.Operation]++
			failed++
		}
	}
	maps.DeleteFunc(errors, func(at *credmock.Operation, count int) bool { return at == nil || 2*count > answers[at] })
	if len(errors) < flakyOperations {
		return foreign.Mixed{}
	}
	return foreign.Say("a gateway failed now and then: %d of %d requests were answered with its error", failed, requests)
}

// isGatewayError tells whether an answer is the error of a gateway, and not one in the envelope of an implementation.
func isGatewayError(e *wire.Exchange) bool {
	return e.Failure == nil && IsOfGateway(e) && jsonvalue.Member(e.Value, "meta") == nil
}

// fleetingStatuses are the errors of a gateway that may be over soon.
var fleetingStatuses = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// gatewayPauses are the pauses before a request is sent again that a gateway did not pass on.
var gatewayPauses = []time.Duration{50 * time.Millisecond, 150 * time.Millisecond}

// maxResent bounds the requests of a run that are sent again. A gateway that fails more often is no matter of a moment.
const maxResent = 32

// pastGateway returns the answer to a request, which is sent again while a gateway fails for a moment.
func (p *Probe) pastGateway(send func() *wire.Exchange) *wire.Exchange {
	e := send()
	for _, pause := range gatewayPauses {
		fleeting := isGatewayError(e) && slices.Contains(fleetingStatuses, e.Status)
		if !fleeting || p.resent.Add(1) > maxResent || !wire.Sleep(p.ctx, pause) {
			break
		}
		e = send()
	}
	return e
}

// MetGateway tells whether the check, or a shared story that its finding shows, met the error of a gateway.
func (p *Probe) MetGateway() bool {
	return slices.ContainsFunc(p.All(), func(e *wire.Exchange) bool {
		return isGatewayError(e) && (e.Scope == p.Scope || p.Shown != nil && e.Scope == p.Shown.Scope)
	})
}

// presence sends what succeeded at the beginning, and says what is refused now; nothing if all succeeds.
func (s *Session) presence(scope string) (gone foreign.Mixed) {
	p, standard := s.Probe(scope), DefaultStrategy(s.Spec)
	defer p.DeleteOwn()
	p.Guard(func() {
		answers := []*wire.Exchange{p.Do(Request{Action: "strategies"}), p.Create(standard, p.Minimal(standard))}
		for _, who := range []wire.Principal{wire.Viewer, wire.Other} {
			if s.Has(who) {
				answers = append(answers, p.Do(Request{Action: "strategies", Principal: who}))
			}
		}
		if at := slices.IndexFunc(answers, isTurnedAway); at >= 0 {
			e := answers[at]
			gone = foreign.Say("the target changed during the run: %s %s succeeded at the beginning, and was later answered with %s (%d); "+
				"checks that met such an answer are not judged", foreign.Own(e.Method), foreign.Own(e.Template),
				cmp.Or(strange(e), foreign.Own("a refusal of the token of the "+string(e.Principal))), e.Status)
		}
	})
	return gone
}

// Hint says what to look at if checks could not be judged, or nothing.
func (s *Session) Hint() foreign.Mixed {
	if !s.Hidden.IsEmpty() {
		return s.Hidden
	}
	if lost := s.Lost(); !lost.IsEmpty() {
		return lost
	}
	for _, e := range s.All() {
		if e.IsUnread() && !s.RanOut {
			return foreign.Say("%v", e.Failure)
		}
	}
	if s.RanOut {
		return foreign.Say(wire.OutOfTime)
	}
	return foreign.Mixed{}
}

// gatewayStatuses are the answers of what stands between client and implementation (docs/contract.md#no-answer-of-an-implementation).
var gatewayStatuses = []int{http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	http.StatusNetworkAuthenticationRequired}

// strange says why an answer is none of an implementation of the API, or nothing.
func strange(e *wire.Exchange) foreign.Own {
	switch {
	case e.Status >= 300 && e.Status < 400:
		return "a redirect"
	case slices.Contains(gatewayStatuses, e.Status):
		return "the error of a gateway"
	case e.IsDone() && e.NotJSON != nil && len(e.Body) > 0:
		return "a page that is not JSON"
	}
	return ""
}

// isObject tells whether an answer is a success of some API.
func isObject(e *wire.Exchange) bool {
	_, object := e.Value.(map[string]any)
	return e.Success() && object
}

// stopIfForeign ends the run if no answer so far is one of an implementation: it met a proxy, a sign-in page or another site.
func (s *Session) stopIfForeign(p *Probe) {
	all := s.All()
	first := slices.IndexFunc(all, func(e *wire.Exchange) bool { return strange(e) != "" })
	if first < 0 || slices.ContainsFunc(all, isObject) {
		return
	}
	one := all[first]
	p.Abandon("no implementation answers there: %s %s was answered with %s (%d), and so was everything, or refused; %s",
		foreign.Own(one.Method), foreign.Own(one.Template), strange(one), one.Status, s.URLHint())
}

// stopIfElsewhere ends the run if the target knows nothing of its environment: it neither lists nor takes anything there.
func (s *Session) stopIfElsewhere(p *Probe, created *wire.Exchange) {
	if !created.Refused() || s.listing < 400 && s.environmentListed {
		return
	}
	if s.listing >= 400 && (s.listing >= 500 || s.listing == http.StatusUnauthorized) {
		return
	}
	p.Abandon("nothing of the environment %s can be seen: list answered %d, and create answered %d; give the id of an environment "+
		"of organization %d with --environment", foreign.Text(s.Environment).Short(), s.listing, created.Status, s.Organization)
}

// stopIfUseless ends the run if nothing has succeeded yet: nothing further will.
func (s *Session) stopIfUseless(p *Probe) {
	if !slices.ContainsFunc(s.All(), (*wire.Exchange).Success) {
		p.Abandon("the target refused everything; %s", s.URLHint())
	}
}

// stopIfUnknown ends the run if the target does not know the token of a principal: whatever it refuses him would say nothing.
func (s *Session) stopIfUnknown(p *Probe, who wire.Principal, token, flag foreign.Own) {
	if !s.Has(who) {
		return
	}
	e := p.Do(Request{Action: "strategies", Principal: who})
	refused := unknown(e)
	if !refused && who != wire.Viewer {
		return
	}
	if e = p.Do(Request{Action: "list", ID: s.Environment, Principal: who}); refused && unknown(e) {
		p.Abandon("the target refuses %s (%d) that %s names; look at that flag", token, e.Status, flag)
	}
	if who == wire.Viewer && e.Refused(http.StatusNotFound) && s.listing < 400 {
		p.stopIfStranger(flag)
	}
}

// stopIfStranger ends the run if the viewer sees neither the environment nor the organization, which the engineer sees: the token
// is one of another organization.
func (p *Probe) stopIfStranger(flag foreign.Own) {
	if p.Environments == nil || !p.Environments.Success() {
		return
	}
	seen := p.Do(Request{Resource: "environment", Action: "list", ID: strconv.Itoa(p.Organization), Principal: wire.Viewer})
	if seen.Refused(http.StatusNotFound, http.StatusForbidden) {
		p.Abandon("the viewer token sees nothing of organization %d (%d), so it seems to be one of another organization; look at %s",
			p.Organization, seen.Status, flag)
	}
}

// unknown tells whether an answer says that a token is unknown.
func unknown(e *wire.Exchange) bool { return e.Status == http.StatusUnauthorized || strange(e) != "" }
