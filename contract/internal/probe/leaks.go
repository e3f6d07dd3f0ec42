package probe

import (
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/blame"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
)

// SecretNames returns the names of all secrets, without duplicates.
func SecretNames(spec *credmock.Spec) []string {
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

// FailLeak reports a secret in an answer.
func (p *Probe) FailLeak(e *wire.Exchange, found wire.Leak) {
	if len(p.Findings) > MaxFindings {
		p.Findings = report.CountUntold(p.Findings, "") // finding the place is costly, and is not reported any more
		return
	}
	p.fail(e, p.locate(e, found, found.Secret.Scope), report.Finding{Kind: blame.Leak, Owed: "no part or form of a secret",
		Seen: "the secret " + found.Secret.Label + " (" + found.Form + ")"})
}

// locate returns the JSON pointer of the value with the secret, or the part of the answer.
func (s *Session) locate(e *wire.Exchange, found wire.Leak, scope string) string {
	if found.Place != "body" {
		return jsonvalue.Shorten(found.Place)
	}
	if e.Value == nil {
		return "body"
	}
	pointer := "body"
	jsonvalue.Walk(e.Value, func(path *jsonvalue.Path, value any) bool {
		text, isText := value.(string)
		if !isText {
			return true
		}
		for _, sighting := range s.Detector.Scan(text, scope) {
			if sighting.Secret == found.Secret {
				pointer = s.SafePointer(path.Pointer(""))
				return false
			}
		}
		return !s.Late()
	})
	return pointer
}

// SafePointer returns a pointer that shows no secret, not even in the name of a member, and shortens a long one.
func (s *Session) SafePointer(pointer string) string {
	if len(s.Detector.Scan(pointer)) > 0 {
		return "body"
	}
	return jsonvalue.Shorten(pointer)
}

// metadataNames returns the names of the members of a list item.
func metadataNames(spec *credmock.Spec) []string {
	var names []string
	for _, property := range spec.Operation("credential", "list").Item.Properties {
		names = append(names, property.Name)
	}
	return names
}

// describedNames returns the names of all described members of answers.
func describedNames(spec *credmock.Spec) map[string]bool {
	names := map[string]bool{"meta": true, "version": true, "payload": true, "availableFields": true, "credential": true}
	add := func(object *credmock.Object) {
		if object == nil {
			return
		}
		for _, property := range object.Properties {
			names[property.Name] = true
		}
	}
	for _, strategy := range spec.Strategies {
		names[strategy.Name] = true
		add(strategy.Shown)
	}
	for _, operation := range spec.Operations {
		names[operation.Member] = true
		add(operation.Item)
	}
	return names
}
