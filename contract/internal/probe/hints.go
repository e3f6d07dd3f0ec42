package probe

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
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
	shown := jsonvalue.Text(p.CredentialIn(created)[name])
	switch {
	case created.Refused(http.StatusUnauthorized, http.StatusForbidden):
		s.Hidden = s.notSeen("create answered %d"+organizationHint+", and a token that may write with --token", created.Status)
	case created.Refused():
		s.Hidden = s.notSeen("create answered %d"+organizationHint, created.Status)
	case created.Success() && shown != "" && shown != strconv.Itoa(s.Organization):
		s.Hidden = s.notSeen("what create answered is of another organization" + organizationHint)
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

// needsOrganization tells whether an operation is about something within an organization.
func needsOrganization(operation *credmock.Operation) bool {
	return operation != nil && (operation.MediaType != "" || strings.Contains(operation.Path, "{"))
}

// lostAfter is the number of failed connections in a row after which a target is given up.
const lostAfter = 8

// Lost says that the target has disappeared during the run, or nothing.
func (s *Session) Lost() foreign.Mixed {
	if s.Unconnected.Load() < lostAfter {
		return foreign.Mixed{}
	}
	return foreign.Say("the target cannot be reached any more; look whether it still runs at the address of --url")
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
