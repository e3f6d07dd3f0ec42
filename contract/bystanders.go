package contract

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// bystander is a credential that was there before the run: its id, and digests of its metadata. A target may have thousands, so
// the list itself is not kept.
type bystander struct {
	id      string
	digests []uint64
}

// rememberBystanders notes what the list held before anything was created.
func (s *session) rememberBystanders(e *exchange) {
	s.organizationListed = slices.ContainsFunc(items(e), func(item any) bool {
		return same(member(item, s.roleName(credmock.RoleOrganization)), s.organization)
	})
	s.bystanderAt = map[string]int{}
	for _, item := range items(e) {
		one := bystander{textOf(member(item, s.roleName(credmock.RoleID))), s.digestsOf(item)}
		s.bystanderAt[one.id] = len(s.bystanders)
		s.bystanders = append(s.bystanders, one)
	}
}

// digestsOf returns a digest of each member of a list item that the document describes.
func (s *session) digestsOf(item any) []uint64 {
	digests := make([]uint64, len(s.metadata))
	for i, name := range s.metadata {
		switch value := member(item, name).(type) {
		case string:
			digests[i] = maphash.String(s.hash, "s"+value)
		default:
			digests[i] = maphash.String(s.hash, "v"+canonical(value))
		}
	}
	return digests
}

// reviewBystanders compares the lists before and after. Others may work in the environment too, so it is a SHOULD.
func reviewBystanders(p *probe) {
	if p.unlisted != nil {
		p.abandon("%v", p.unlisted)
	}
	after := p.do(request{action: "list", id: p.environment, whole: true})
	defer p.drop(after)
	at := map[string]any{}
	for _, item := range slices.Backward(items(after)) {
		at[textOf(member(item, p.roleName(credmock.RoleID)))] = item
	}
	for _, before := range p.bystanders {
		differ := p.changedSince(before, at[before.id])
		p.expect(differ == "", after, "/payload/"+after.operation.Member, "a credential that was there before the run, changed or gone: "+differ, "as it was")
	}
}

// changedSince names the members of a bystander that are not what they were.
func (p *probe) changedSince(before bystander, item any) string {
	var differ []string
	for i, digest := range p.digestsOf(item) {
		if digest != before.digests[i] {
			differ = append(differ, p.metadata[i])
		}
	}
	slices.Sort(differ)
	return strings.Join(differ, ", ")
}

// manyItems is how many items a list has of which those that are as they were before the run are not kept.
const manyItems = 500

// condense leaves out of an answer what no check looks at: in a long list the bystanders that are as they were, and everywhere
// large members that the document does not describe. Null stands in their places.
func (s *session) condense(e *exchange) {
	list, _ := member(e.value, "payload", s.memberOf(e)).([]any)
	if len(list) > manyItems && e.operation.Resource == "credential" {
		for i, item := range list {
			at, there := s.bystanderAt[textOf(member(item, s.roleName(credmock.RoleID)))]
			if there && slices.Equal(s.bystanders[at].digests, s.digestsOf(item)) {
				list[i] = nil
			}
		}
	}
	if weigh(e.value) <= largeTree {
		return
	}
	walk(e.value, func(_ *step, value any) bool {
		object, _ := value.(map[string]any)
		for name, inner := range object {
			if !s.described[name] && weigh(inner) > smallTree {
				object[name], e.condensed = nil, true
			}
		}
		return true
	})
}

func (s *session) memberOf(e *exchange) string {
	if e.operation == nil {
		return ""
	}
	return e.operation.Member
}
