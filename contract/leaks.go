package contract

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// secretNames returns the names of the strategies' secrets, each once.
func secretNames(spec *credmock.Spec) []string {
	var names []string
	for _, strategy := range spec.Strategies {
		for _, secret := range strategy.Secrets {
			if !slices.Contains(names, secret.Name) {
				names = append(names, secret.Name)
			}
		}
	}
	return names
}

func (p *probe) failLeak(e *exchange, found located) {
	if len(p.findings) > maxFindings {
		p.findings = report.CountUntold(p.findings, "") // to find the place is costly, and no more is told
		return
	}
	p.fail(e, p.locate(e, found, found.Secret.Scope), "the secret "+found.Secret.Label+" ("+found.Form+")", "no part or form of a secret")
}

// namedMember is a member of an answer that has the name of a secret.
type namedMember struct {
	name, pointer, shown string
	more                 int // how many further ones of the name the answer has
}

// told says what was seen, and how often.
func (m namedMember) told() string {
	if m.more == 0 {
		return m.shown
	}
	return m.shown + ", and " + itoa(m.more) + " more in the answer"
}

// noteSecretMembers finds the members of a success that have the name of a secret, once for all checks that ask.
func (s *session) noteSecretMembers(e *exchange) {
	if e.operation == nil || e.operation.Resource != "credential" || !e.success() {
		return
	}
	last := map[string]*namedMember{}
	count := map[string]int{}
	walk(member(e.value, "payload"), func(path *step, value any) bool {
		object, isObject := value.(map[string]any)
		if !isObject {
			return true
		}
		for _, name := range s.secretNames {
			secret, there := object[name]
			if !there || !s.owns(object, name, secret, path == nil) {
				continue
			}
			if count[name]++; count[name] > maxFindings {
				last[name].more++
				continue
			}
			last[name] = &namedMember{name: name, pointer: path.pointer("/payload") + "/" + name, shown: shown(object, name)}
			e.secretMembers = append(e.secretMembers, *last[name])
		}
		return true
	})
	for i := range e.secretMembers {
		if one := &e.secretMembers[i]; last[one.name].pointer == one.pointer {
			one.more = last[one.name].more
		}
	}
}

// owns tells whether a member is the secret itself rather than a word about it: any value in a credential that has
// such a secret, a string elsewhere.
func (s *session) owns(object map[string]any, name string, value any, outermost bool) bool {
	if _, isText := value.(string); isText {
		return true
	}
	strategy := s.spec.Strategy(textOf(object[s.roleName(credmock.RoleStrategy)]))
	isCredential := object[s.roleName(credmock.RoleID)] != nil || outermost
	return isCredential && (strategy == nil || slices.ContainsFunc(strategy.Secrets, func(one *credmock.Property) bool { return one.Name == name }))
}
