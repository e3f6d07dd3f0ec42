package probe

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// bystander is a credential that was there before the run: its id, and digests of its metadata. A target may have thousands, so
// the list itself is not kept.
type bystander struct {
	id      string
	digests []uint64
}

// rememberBystanders notes what the list held before anything was created.
func (s *Session) rememberBystanders(e *wire.Exchange) {
	s.organizationListed = slices.ContainsFunc(Items(e), func(item any) bool {
		return jsonvalue.Same(jsonvalue.Member(item, s.RoleName(credmock.RoleOrganization)), s.Organization)
	})
	s.bystanderAt = map[string]int{}
	for _, item := range Items(e) {
		one := bystander{jsonvalue.Text(jsonvalue.Member(item, s.RoleName(credmock.RoleID))), s.digestsOf(item)}
		s.bystanderAt[one.id] = len(s.bystanders)
		s.bystanders = append(s.bystanders, one)
	}
}

// digestsOf returns a digest of each member of a list item that the document describes.
func (s *Session) digestsOf(item any) []uint64 {
	digests := make([]uint64, len(s.Metadata))
	for i, name := range s.Metadata {
		switch value := jsonvalue.Member(item, name).(type) {
		case string:
			digests[i] = maphash.String(s.Hash, "s"+value)
		default:
			digests[i] = maphash.String(s.Hash, "v"+jsonvalue.Canonical(value))
		}
	}
	return digests
}

// ReviewBystanders compares the lists before and after. Others may work in the environment too, so it is a SHOULD.
func ReviewBystanders(p *Probe) {
	if p.unlisted != nil {
		p.Abandon("%v", p.unlisted)
	}
	after := p.Do(Request{Action: "list", ID: p.Environment, whole: true})
	defer p.Drop(after)
	at := map[string]any{}
	for _, item := range slices.Backward(Items(after)) {
		at[jsonvalue.Text(jsonvalue.Member(item, p.RoleName(credmock.RoleID)))] = item
	}
	for _, before := range p.bystanders {
		differ := p.changedSince(before, at[before.id])
		p.Expect(after, "/payload/"+after.Operation.Member, "a credential that was there before the run, changed or gone: "+differ, "as it was").Holds(differ == "")
	}
}

// changedSince names the members of a bystander that are not what they were.
func (p *Probe) changedSince(before bystander, item any) string {
	var differ []string
	for i, digest := range p.digestsOf(item) {
		if digest != before.digests[i] {
			differ = append(differ, p.Metadata[i])
		}
	}
	slices.Sort(differ)
	return strings.Join(differ, ", ")
}

// manyItems is how many items a list has of which those that are as they were before the run are not kept.
const manyItems = 500

// condense leaves out of an answer what no check looks at: in a long list the bystanders that are as they were, and everywhere
// large members that the document does not describe. Null stands in their places.
func (s *Session) condense(e *wire.Exchange) {
	list, _ := jsonvalue.Member(e.Value, "payload", s.memberOf(e)).([]any)
	if len(list) > manyItems && e.Operation.Resource == "credential" {
		for i, item := range list {
			at, there := s.bystanderAt[jsonvalue.Text(jsonvalue.Member(item, s.RoleName(credmock.RoleID)))]
			if there && slices.Equal(s.bystanders[at].digests, s.digestsOf(item)) {
				list[i] = nil
			}
		}
	}
	if jsonvalue.Weigh(e.Value) <= wire.LargeTree {
		return
	}
	jsonvalue.Walk(e.Value, func(_ *jsonvalue.Path, value any) bool {
		object, _ := value.(map[string]any)
		for name, inner := range object {
			if !s.described[name] && jsonvalue.Weigh(inner) > wire.SmallTree {
				object[name], e.Condensed = nil, true
			}
		}
		return true
	})
}

func (s *Session) memberOf(e *wire.Exchange) string {
	if e.Operation == nil {
		return ""
	}
	return e.Operation.Member
}
