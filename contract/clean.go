package contract

import (
	"context"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// Cleaned is what [Clean] did about one run that was cut short.
type Cleaned struct {
	Run RunRecord
	// Deleted names the requests that deleted something, as METHOD and path.
	Deleted []string
	// Left names the requests that should have deleted something.
	Left []string
	// Trouble says why it is not known what there is. May be empty.
	Trouble string
}

// Clean deletes what runs against target left behind that were cut short: what the folder target.Runs says of them, and what
// carries their names, destinations before credentials. It touches nothing else, and nothing of a run that goes on. The error is a
// *report.UsageError, or says that the folder cannot be read.
func Clean(ctx context.Context, target Target) ([]Cleaned, error) {
	target = withDefaults(target)
	if err := checkURL(target.URL); err != nil {
		return nil, err
	}
	records, err := CutShort(target.Runs, target.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, target.Timeout)
	defer cancel()
	var list []Cleaned
	for _, record := range records {
		one := cleanAfter(ctx, target, record)
		if len(one.Left) == 0 && one.Trouble == "" {
			err = record.forget(target.Runs)
		}
		if list = append(list, one); err != nil {
			return list, err
		}
	}
	return list, nil
}

// cleanAfter deletes what one run left behind.
func cleanAfter(ctx context.Context, target Target, record RunRecord) Cleaned {
	target.Organization, target.Environment = record.Organization, ""
	s := newSession(ctx, target)
	s.closing = true
	if environments := record.Environments; len(environments) > 0 {
		s.environment, s.second = environments[0], strings.Join(environments[1:min(len(environments), 2)], "")
	}
	p := s.probe(&check{id: "cleanup"})
	cleaned := Cleaned{Run: record}
	trouble := p.guard(func() {
		found, unlisted := p.named(record.Name)
		ledger := slices.Clone(record.things)
		slices.Reverse(ledger)
		for _, thing := range inOrder(ledger, found) {
			p.cleanOne(&cleaned, thing, slices.ContainsFunc(found, thing.is))
		}
		if len(unlisted) > 0 {
			p.abandon("%s", p.whyUnlisted(unlisted[0]))
		}
	})
	cleaned.Trouble = trouble.String()
	return cleaned
}

// cleanOne deletes one thing, where it carries the name of a run: an id may have been given again to somebody else's.
func (p *probe) cleanOne(cleaned *Cleaned, thing made, named bool) {
	if p.spec.Operation(thing.resource, "get") == nil || p.spec.Operation(thing.resource, "delete") == nil {
		return
	}
	if !named {
		switch ours, known := p.isOfARun(thing); {
		case !known:
			cleaned.Left = append(cleaned.Left, requestOf(p, thing))
			return
		case !ours:
			return
		}
	}
	if p.delete(thing) != "" {
		cleaned.Left = append(cleaned.Left, requestOf(p, thing))
		return
	}
	cleaned.Deleted = append(cleaned.Deleted, requestOf(p, thing))
}

// requestOf names the request that deletes a thing.
func requestOf(p *probe, thing made) string {
	operation := p.spec.Operation(thing.resource, "delete")
	return operation.Method + " " + fill(operation.Path, p.to(thing.resource, "delete", thing.id))
}

// isOfARun asks for a thing, and tells whether it carries the name of a run, as far as that can be known.
func (p *probe) isOfARun(thing made) (ours, known bool) {
	e := p.try(request{resource: thing.resource, action: "get", parameter: p.to(thing.resource, "get", thing.id)})
	if !e.success() {
		return false, e.refused(gone...)
	}
	shown := p.single(e)
	if thing.resource != "credential" {
		return strings.HasPrefix(textOf(destination(e)[roleIn(e.operation.Item, credmock.RoleName)]), runPrefix), true
	}
	if wrapped, isObject := e.payload()["credential"].(map[string]any); isObject {
		shown = wrapped
	}
	return strings.HasPrefix(textOf(shown[p.roleName(credmock.RoleName)]), runPrefix), true
}

// whyUnlisted says why a list could not be read.
func (p *probe) whyUnlisted(list string) string {
	for _, e := range slices.Backward(p.everything()) {
		switch {
		case e.success() || e.operation == nil || e.operation.Action != "list":
		case e.failure != nil:
			return list + ": " + e.failure.Error()
		default:
			return list + " answered " + itoa(e.status)
		}
	}
	return list + " cannot be read"
}
