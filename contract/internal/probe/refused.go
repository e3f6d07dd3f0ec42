package probe

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// InvalidStatuses are the statuses of a refused body (docs/contract.md#statuses).
var InvalidStatuses = []int{400, 422}

// ExpectRefused expects one of the statuses.
func (p *Probe) ExpectRefused(e *wire.Exchange, statuses ...int) {
	p.ExpectStatus(e, "a refusal with "+orList(statuses)).Holds(slices.Contains(statuses, e.Status))
}

func orList(statuses []int) string {
	text := ""
	for i, status := range statuses {
		if i > 0 {
			text += " or "
		}
		text += strconv.Itoa(status)
	}
	return text
}

// ExpectNotListed expects that a refused create left no credential of that name. One list at the end of the run shows it for all
// checks.
func (p *Probe) ExpectNotListed(refused *wire.Exchange, body map[string]any) {
	if !refused.Success() { // else there is a finding already
		p.Refused = append(p.Refused, jsonvalue.Text(body[p.RoleName(credmock.RoleName)]))
	}
}

// ReviewRefused looks in a list for credentials whose creation was refused.
func (p *Probe) ReviewRefused(list *wire.Exchange) {
	name := p.RoleName(credmock.RoleName)
	if !p.Answered(list).Success() {
		p.Abandon("the list at the end answered %d", list.Status)
	}
	for _, item := range Items(list) {
		if listed := jsonvalue.Text(jsonvalue.Member(item, name)); listed != "" && slices.Contains(p.Refused, listed) {
			p.Fail(list, "/payload/"+list.Operation.Member, "a credential whose creation was refused", "nothing of a refused create")
		}
	}
}

// ExpectUnchanged expects get to answer the same described members as before.
func (p *Probe) ExpectUnchanged(before *wire.Exchange, id string) (after *wire.Exchange) {
	after = p.Get(id)
	p.ExpectSame(before, after)
	return after
}

// ExpectSame expects an answer of get to show the same described members as one before.
func (p *Probe) ExpectSame(before, after *wire.Exchange) {
	differ := p.Differences(p.CredentialIn(before), p.CredentialIn(after), p.Described(before))
	p.Expect(after, "/payload", "changed although nothing may have changed it: "+OrUnreadable(differ), "the credential as before").
		Beside(p.CredentialIn(before), p.CredentialIn(after), p.Described(before)...).Holds(after.Success() && differ == "")
}

// OrUnreadable returns the text, or says that the credential cannot be read.
func OrUnreadable(text string) string {
	if text == "" {
		return "it cannot be read"
	}
	return text
}

// Described returns the members of a credential in an answer that the document describes. Others may change.
func (p *Probe) Described(e *wire.Exchange) []string {
	credential := p.CredentialIn(e)
	var names []string
	for _, strategy := range p.Spec.Strategies {
		for _, property := range strategy.Shown.Properties {
			if _, there := credential[property.Name]; there && !slices.Contains(names, property.Name) {
				names = append(names, property.Name)
			}
		}
	}
	return names
}

// DescribedIn returns the described members of a credential.
func (p *Probe) DescribedIn(credential map[string]any) []string {
	return p.Described(&wire.Exchange{Value: map[string]any{"payload": credential}})
}

// IsSame tells whether a member of a credential has the same value twice. A time that the server sets may be written with another number
// of digits, or with another offset (docs/contract.md#times).
func (p *Probe) IsSame(name string, a, b any) bool {
	isTime := name == p.RoleName(credmock.RoleCreationTime) || name == p.RoleName(credmock.RoleUpdateTime)
	return jsonvalue.Same(a, b) || isTime && jsonvalue.SameTime(a, b)
}

// Differences returns those of names, joined, whose values differ in two credentials.
func (p *Probe) Differences(a, b map[string]any, names []string) string {
	others := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return p.IsSame(name, a[name], b[name]) })
	return jsonvalue.Differences(a, b, others)
}

// Accepts tells whether an alternative is accepted. If so, the answer counts as judged.
func (p *Probe) Accepts(alternative string) bool {
	if !slices.Contains(p.Accept, alternative) {
		return false
	}
	p.Pass()
	return true
}
