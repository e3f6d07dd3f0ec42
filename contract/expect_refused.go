package contract

import (
	"slices"
	"strconv"

	"github.com/credmock/credmock"
)

// invalid are the statuses with which a faulty body is refused (docs/contract.md#statuses).
var invalid = []int{400, 422}

// expectRefused wants one of the statuses, and tells of anything else.
func (p *probe) expectRefused(e *exchange, statuses ...int) {
	p.expect(slices.Contains(statuses, e.status), e, "", strconv.Itoa(e.status), "a refusal with "+orList(statuses))
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

// expectNotListed wants no credential of that name to be there after a refusal. It is looked for at the end of the
// run, for all checks at once.
func (p *probe) expectNotListed(refused *exchange, body map[string]any) {
	if !refused.success() { // else it is a finding already
		p.refused = append(p.refused, textOf(body[p.roleName(credmock.RoleName)]))
	}
}

// reviewRefused looks for credentials whose creation was refused, in a list of the whole run.
func (p *probe) reviewRefused(list *exchange) {
	name := p.roleName(credmock.RoleName)
	if !p.answered(list).success() {
		p.abandon("the list at the end answered %d", list.status)
	}
	for _, item := range items(list) {
		if listed := textOf(member(item, name)); listed != "" && slices.Contains(p.refused, listed) {
			p.fail(list, "/payload/"+list.operation.Member, "a credential whose creation was refused", "nothing of a refused create")
		}
	}
}

// expectUnchanged wants get to answer as before, as far as the document describes the members.
func (p *probe) expectUnchanged(before *exchange, id string) (after *exchange) {
	after = p.get(id)
	differ := differences(p.single(before), p.single(after), p.described(before))
	p.expect(after.success() && differ == "", after, "/payload", "changed although nothing may have changed it: "+orNothing(differ), "the credential as before")
	return after
}

func orNothing(text string) string {
	if text == "" {
		return "it cannot be read"
	}
	return text
}

// described returns the members of a credential's answer that the document knows: others may change at will.
func (p *probe) described(e *exchange) []string {
	credential := p.single(e)
	var names []string
	for _, strategy := range p.spec.Strategies {
		for _, property := range strategy.Shown.Properties {
			if _, there := credential[property.Name]; there && !slices.Contains(names, property.Name) {
				names = append(names, property.Name)
			}
		}
	}
	return names
}

// describedIn returns the names in a credential that the document knows.
func (p *probe) describedIn(credential map[string]any) []string {
	return p.described(&exchange{value: map[string]any{"payload": credential}})
}

// accepts tells whether an alternative is fine here. An answer that has one passes.
func (p *probe) accepts(alternative string) bool {
	if !slices.Contains(p.accept, alternative) {
		return false
	}
	p.pass()
	return true
}
