package contract

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// cleaned is what was done about one run that was cut short.
type cleaned struct {
	deleted []string // the requests that deleted something, as METHOD and path
	left    []string // the requests that should have deleted something
	trouble string   // why it is not known what there is; may be empty
}

// cleanAfter deletes what one run left behind.
func cleanAfter(ctx context.Context, o options, record runRecord) cleaned {
	o.organization, o.environment = record.Organization, ""
	s := newSession(ctx, o)
	s.closing = true
	if environments := record.Environments; len(environments) > 0 {
		s.environment, s.second = environments[0], strings.Join(environments[1:min(len(environments), 2)], "")
	}
	p := s.probe("cleanup")
	done := cleaned{}
	trouble := p.guard(func() {
		found, unlisted := p.named(record.Name)
		ledger := slices.Clone(record.things)
		slices.Reverse(ledger)
		for _, thing := range inOrder(ledger, found) {
			p.cleanOne(&done, thing, slices.ContainsFunc(found, thing.is))
		}
		if len(unlisted) > 0 {
			p.abandon("%s", p.whyUnlisted(unlisted[0]))
		}
	})
	done.trouble = trouble.String()
	return done
}

// cleanOne deletes one thing, where it carries the name of a run: an id may have been given again to somebody else's.
func (p *probe) cleanOne(done *cleaned, thing made, named bool) {
	if p.spec.Operation(thing.resource, "get") == nil || p.spec.Operation(thing.resource, "delete") == nil {
		return
	}
	if !named {
		switch ours, known := p.isOfARun(thing); {
		case !known:
			done.left = append(done.left, requestOf(p, thing))
			return
		case !ours:
			return
		}
	}
	if p.delete(thing) != "" {
		done.left = append(done.left, requestOf(p, thing))
		return
	}
	done.deleted = append(done.deleted, requestOf(p, thing))
}

// requestOf names the request that deletes a thing.
func requestOf(p *probe, thing made) string {
	operation := p.spec.Operation(thing.resource, "delete")
	return operation.Method + " " + pathtemplate.Fill(operation.Path, thing.id)
}

// isOfARun asks for a thing, and tells whether it carries the name of a run, as far as that can be known.
func (p *probe) isOfARun(thing made) (ours, known bool) {
	e := p.try(request{resource: thing.resource, action: "get", id: thing.id})
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
			return list + " answered " + strconv.Itoa(e.status)
		}
	}
	return list + " cannot be read"
}
