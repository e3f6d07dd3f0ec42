package contract

import (
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

// unreachable says why nothing can be judged where no answer came, and what to look at.
func (s *session) unreachable(why error) foreign.Mixed {
	hint := s.lookAtURL()
	var untrusted *tls.CertificateVerificationError
	if errors.As(why, &untrusted) {
		hint = foreign.Say("name a file with the certificate authority of the target with --ca")
	}
	return foreign.Say("the target cannot be reached: %v; %s", why, hint)
}

// lookAtURL says what may be wrong with the address. Its path is the document's to say: nobody knows it by heart.
func (s *session) lookAtURL() foreign.Mixed {
	if path := s.spec.Operation("credential", "get").Prefix; path != "" {
		return foreign.Say("look at the address and path of --url: the document's server path is %s", foreign.Own(path))
	}
	return foreign.Say("look at the address and path of --url")
}

// notThere are the answers of a server at an address where it has nothing.
var notThere = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// onlyAnswered tells whether every answer so far had one of the statuses.
func (s *session) onlyAnswered(statuses ...int) bool {
	return !slices.ContainsFunc(s.everything(), func(e *exchange) bool { return !slices.Contains(statuses, e.status) })
}

// refuseNowhere ends the run when nothing is where the document has it: most likely the URL lacks its path.
func (s *session) refuseNowhere(p *probe, last *exchange) {
	if s.onlyAnswered(notThere...) {
		p.abandon("the target answered %d to everything; %s", last.status, s.lookAtURL())
	}
}

// exploreOrganization finds out whether the organization can be seen at all: a sound server of another one refuses, or
// takes for its own, whatever is sent for this one, and must not be accused of that. Where the target tells its
// environments the number is right; a target that has no such endpoint proves it by what it creates, or has already.
func (s *session) exploreOrganization(p *probe, created *exchange) {
	name := p.roleName(credmock.RoleOrganization)
	if s.environments == nil || !s.environments.refused(http.StatusNotFound, http.StatusForbidden) || s.organizationListed {
		return
	}
	for _, strategy := range s.spec.Strategies {
		if created.refused() { // one body may be refused for another reason
			created = p.create(strategy, p.full(strategy))
		}
	}
	shown := textOf(p.single(created)[name])
	switch {
	case created.refused(http.StatusUnauthorized, http.StatusForbidden):
		s.hidden = s.notSeen("create answered %d"+lookAtOrganization+", and a token that may write with --token", created.status)
	case created.refused():
		s.hidden = s.notSeen("create answered %d"+lookAtOrganization, created.status)
	case created.success() && shown != "" && shown != strconv.Itoa(s.organization):
		s.hidden = s.notSeen("what create answered is of another organization" + lookAtOrganization)
	}
}

// notSeen returns the reason why what is about the organization is not judged. It ends in format.
func (s *session) notSeen(format foreign.Own, arguments ...any) foreign.Mixed {
	return foreign.Say("nothing of organization %d can be seen: %s answered %d, and %s", s.organization,
		foreign.Own(s.environments.operation.ID), s.environments.status, foreign.Say(format, arguments...))
}

const lookAtOrganization = "; give the number of the token's organization with --organization, and one of its environments with --environment"

// mayAsk ends the check where its request is about an organization that cannot be seen: no answer to it says anything.
func (p *probe) mayAsk(r request) {
	if !p.hidden.IsEmpty() && needsOrganization(p.operation(r)) {
		p.abandon("%s", p.hidden)
	}
}

// needsOrganization tells whether an operation is about something that an organization has.
func needsOrganization(operation *credmock.Operation) bool {
	return operation != nil && (operation.MediaType != "" || strings.Contains(operation.Path, "{"))
}

// lostAfter is after how many connections in a row that were refused a target is given up: each check would wait for
// its own, and tell the same.
const lostAfter = 8

// lost says that the target has gone during the run; nothing while it is there.
func (s *session) lost() foreign.Mixed {
	if s.unconnected.Load() < lostAfter {
		return foreign.Mixed{}
	}
	return foreign.Say("the target cannot be reached any more; look whether it still runs at the address of --url")
}

// hint says what to look at where checks could not be judged; nothing where that is not known.
func (s *session) hint() foreign.Mixed {
	if !s.hidden.IsEmpty() {
		return s.hidden
	}
	if lost := s.lost(); !lost.IsEmpty() {
		return lost
	}
	for _, e := range s.everything() {
		if e.isUnread() && !s.ranOut {
			return foreign.Say("%v", e.failure)
		}
	}
	if s.ranOut {
		return foreign.Say(outOfTime)
	}
	return foreign.Mixed{}
}
