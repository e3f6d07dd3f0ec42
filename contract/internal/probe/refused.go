package probe

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// InvalidStatuses are the statuses with which a faulty body is refused (docs/contract.md#statuses).
var InvalidStatuses = []int{400, 422}

// ExpectRefused wants one of the statuses, and tells of anything else.
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

// ExpectNotListed wants no credential of that name to be there after a refusal. It is looked for at the end of the
// run, for all checks at once.
func (p *Probe) ExpectNotListed(refused *wire.Exchange, body map[string]any) {
	if !refused.Success() { // else it is a finding already
		p.Refused = append(p.Refused, jsonvalue.Text(body[p.RoleName(credmock.RoleName)]))
	}
}

// ReviewRefused looks for credentials whose creation was refused, in a list of the whole run.
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

// ExpectUnchanged wants get to answer as before, as far as the document describes the members.
func (p *Probe) ExpectUnchanged(before *wire.Exchange, id string) (after *wire.Exchange) {
	after = p.Get(id)
	differ := jsonvalue.Differences(p.CredentialIn(before), p.CredentialIn(after), p.Described(before))
	p.Expect(after, "/payload", "changed although nothing may have changed it: "+OrUnreadable(differ), "the credential as before").Holds(after.Success() && differ == "")
	return after
}

func OrUnreadable(text string) string {
	if text == "" {
		return "it cannot be read"
	}
	return text
}

// Described returns the members of a credential's answer that the document knows: others may change at will.
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

// DescribedIn returns the names in a credential that the document knows.
func (p *Probe) DescribedIn(credential map[string]any) []string {
	return p.Described(&wire.Exchange{Value: map[string]any{"payload": credential}})
}

// Accepts tells whether an alternative is fine here. An answer that has one passes.
func (p *Probe) Accepts(alternative string) bool {
	if !slices.Contains(p.Accept, alternative) {
		return false
	}
	p.Pass()
	return true
}
