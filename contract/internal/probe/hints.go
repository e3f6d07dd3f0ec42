package probe

import (
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

// unreachable says why nothing can be judged where no answer came, and what to look at.
func (s *Session) unreachable(why error) foreign.Mixed {
	hint := s.URLHint()
	var untrusted *tls.CertificateVerificationError
	if errors.As(why, &untrusted) {
		hint = foreign.Say("name a file with the certificate authority of the target with --ca")
	}
	return foreign.Say("the target cannot be reached: %v; %s", why, hint)
}

// URLHint says what may be wrong with the address. Its path is the document's to say: nobody knows it by heart.
func (s *Session) URLHint() foreign.Mixed {
	if path := s.Spec.Operation("credential", "get").Prefix; path != "" {
		return foreign.Say("look at the address and path of --url: the document's server path is %s", foreign.Own(path))
	}
	return foreign.Say("look at the address and path of --url")
}

// notFoundStatuses are the answers of a server at an address where it has nothing.
var notFoundStatuses = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// onlyAnswered tells whether every answer so far had one of the statuses.
func (s *Session) onlyAnswered(statuses ...int) bool {
	return !slices.ContainsFunc(s.All(), func(e *wire.Exchange) bool { return !slices.Contains(statuses, e.Status) })
}

// stopIfNowhere ends the run when nothing is where the document has it: most likely the URL lacks its path.
func (s *Session) stopIfNowhere(p *Probe, last *wire.Exchange) {
	if s.onlyAnswered(notFoundStatuses...) {
		p.Abandon("the target answered %d to everything; %s", last.Status, s.URLHint())
	}
}

// exploreOrganization finds out whether the organization can be seen at all: a sound server of another one refuses, or
// takes for its own, whatever is sent for this one, and must not be accused of that. Where the target tells its
// environments the number is right; a target that has no such endpoint proves it by what it creates, or has already.
func (s *Session) exploreOrganization(p *Probe, created *wire.Exchange) {
	name := p.RoleName(credmock.RoleOrganization)
	if s.Environments == nil || !s.Environments.Refused(http.StatusNotFound, http.StatusForbidden) || s.organizationListed {
		return
	}
	for _, strategy := range s.Spec.Strategies {
		if created.Refused() { // one body may be refused for another reason
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

// notSeen returns the reason why what is about the organization is not judged. It ends in format.
func (s *Session) notSeen(format foreign.Own, arguments ...any) foreign.Mixed {
	return foreign.Say("nothing of organization %d can be seen: %s answered %d, and %s", s.Organization,
		foreign.Own(s.Environments.Operation.ID), s.Environments.Status, foreign.Say(format, arguments...))
}

const organizationHint = "; give the number of the token's organization with --organization, and one of its environments with --environment"

// RequireVisible ends the check where its request is about an organization that cannot be seen: no answer to it says anything.
func (p *Probe) RequireVisible(r Request) {
	if !p.Hidden.IsEmpty() && needsOrganization(p.operation(r)) {
		p.Abandon("%s", p.Hidden)
	}
}

// needsOrganization tells whether an operation is about something that an organization has.
func needsOrganization(operation *credmock.Operation) bool {
	return operation != nil && (operation.MediaType != "" || strings.Contains(operation.Path, "{"))
}

// lostAfter is after how many connections in a row that were refused a target is given up: each check would wait for
// its own, and tell the same.
const lostAfter = 8

// Lost says that the target has gone during the run; nothing while it is there.
func (s *Session) Lost() foreign.Mixed {
	if s.Unconnected.Load() < lostAfter {
		return foreign.Mixed{}
	}
	return foreign.Say("the target cannot be reached any more; look whether it still runs at the address of --url")
}

// Hint says what to look at where checks could not be judged; nothing where that is not known.
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
