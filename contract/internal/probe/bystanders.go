package probe

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
)

// bystander is a credential that was there before the run: its id and digests of its metadata. The list itself is not kept, since
// a target may have thousands.
type bystander struct {
	id      string
	digests []uint64
}

// rememberBystanders notes what the list holds before the run creates anything.
func (s *Session) rememberBystanders(e *wire.Exchange) {
	s.organizationListed = slices.ContainsFunc(Items(e), func(item any) bool {
		return jsonvalue.Same(jsonvalue.Member(item, s.RoleName(credmock.RoleOrganization)), s.Organization)
	})
	s.bystanderAt = map[string]int{}
	for _, item := range Items(e) {
		if strings.HasPrefix(jsonvalue.Text(jsonvalue.Member(item, s.RoleName(credmock.RoleName))), leftover.NamePrefix) {
			continue // another run deletes it, or has deleted it and the list lags
		}
		one := bystander{jsonvalue.Text(jsonvalue.Member(item, s.RoleName(credmock.RoleID))), s.digestsOf(item)}
		s.bystanderAt[one.id] = len(s.bystanders)
		s.bystanders = append(s.bystanders, one)
	}
}

// digestsOf returns a digest of each described member of a list item.
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

// ReviewBystanders compares the lists before and after the run. It is a SHOULD, since others may work in the environment too.
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
		p.Expect(after, "/payload/"+after.Operation.Member, "a credential that was there before the run, changed or gone: "+differ,
			"as it was").Holds(differ == "")
	}
}

// changedSince names the changed members of a bystander.
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

// manyItems is the length from which unchanged bystanders are dropped from a list.
const manyItems = 500

// condense drops from an answer what no check looks at: unchanged bystanders of a long list, and large members that the document
// does not describe. They become null.
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
				object[name] = nil
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

// noteItems notes what a list shows of things that were not there before the run.
func (s *Session) noteItems(e *wire.Exchange) {
	if e.Operation == nil || e.Operation.Action != "list" || !e.Success() {
		return
	}
	id, name, link := s.idName(e), s.RoleName(credmock.RoleName), ""
	if e.Operation.Resource == "destination" {
		body := s.Spec.Operation("destination", "create").Body
		name, link = rerun.RoleIn(body, credmock.RoleName), rerun.RoleIn(body, credmock.RoleCredential)
	}
	list, isList := jsonvalue.Member(e.Value, "payload", e.Operation.Member).([]any)
	if isList {
		e.Items = []*wire.Item{}
	}
	for _, item := range list {
		object, _ := item.(map[string]any)
		one := wire.Item{ID: jsonvalue.Text(object[id]), Name: jsonvalue.Text(object[name])}
		if _, others := s.bystanderAt[one.ID]; others || one.ID == "" {
			continue
		}
		if credential, shown := object[link]; shown && link != "" {
			text := jsonvalue.Text(credential)
			one.Link = &text
		}
		e.Items = append(e.Items, &one)
	}
}
