package probe

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// cleaned is what was done about one run that was cut short.
type cleaned struct {
	Deleted []string // the requests that deleted something, as METHOD and path
	Left    []string // the requests that should have deleted something
	Trouble string   // why it is not known what there is; may be empty
}

// CleanAfter deletes what one run left behind.
func CleanAfter(ctx context.Context, o Options, record leftover.Record) cleaned {
	o.Organization, o.Environment = record.Organization, ""
	s := NewSession(ctx, o)
	s.Closing = true
	if environments := record.Environments; len(environments) > 0 {
		s.Environment, s.Second = environments[0], strings.Join(environments[1:min(len(environments), 2)], "")
	}
	p := s.Probe("cleanup")
	done := cleaned{}
	trouble := p.Guard(func() {
		found, unlisted := p.named(record.Name)
		ledger := slices.Clone(record.Things)
		slices.Reverse(ledger)
		for _, thing := range leftover.InOrder(ledger, found) {
			p.cleanOne(&done, thing, slices.ContainsFunc(found, thing.Is))
		}
		if len(unlisted) > 0 {
			p.Abandon("%s", p.whyUnlisted(unlisted[0]))
		}
	})
	done.Trouble = trouble.String()
	return done
}

// cleanOne deletes one thing, where it carries the name of a run: an id may have been given again to somebody else's.
func (p *Probe) cleanOne(done *cleaned, thing leftover.Thing, named bool) {
	if p.Spec.Operation(thing.Resource, "get") == nil || p.Spec.Operation(thing.Resource, "delete") == nil {
		return
	}
	if !named {
		switch ours, known := p.isOfARun(thing); {
		case !known:
			done.Left = append(done.Left, requestOf(p, thing))
			return
		case !ours:
			return
		}
	}
	if p.delete(thing) != "" {
		done.Left = append(done.Left, requestOf(p, thing))
		return
	}
	done.Deleted = append(done.Deleted, requestOf(p, thing))
}

// requestOf names the request that deletes a thing.
func requestOf(p *Probe, thing leftover.Thing) string {
	operation := p.Spec.Operation(thing.Resource, "delete")
	return operation.Method + " " + pathtemplate.Fill(operation.Path, thing.ID)
}

// isOfARun asks for a thing, and tells whether it carries the name of a run, as far as that can be known.
func (p *Probe) isOfARun(thing leftover.Thing) (ours, known bool) {
	e := p.Try(Request{Resource: thing.Resource, Action: "get", ID: thing.ID})
	if !e.Success() {
		return false, e.Refused(GoneStatuses...)
	}
	shown := p.CredentialIn(e)
	if thing.Resource != "credential" {
		return strings.HasPrefix(jsonvalue.Text(Destination(e)[rerun.RoleIn(e.Operation.Item, credmock.RoleName)]), leftover.NamePrefix), true
	}
	if wrapped, isObject := e.Payload()["credential"].(map[string]any); isObject {
		shown = wrapped
	}
	return strings.HasPrefix(jsonvalue.Text(shown[p.RoleName(credmock.RoleName)]), leftover.NamePrefix), true
}

// whyUnlisted says why a list could not be read.
func (p *Probe) whyUnlisted(list string) string {
	for _, e := range slices.Backward(p.All()) {
		switch {
		case e.Success() || e.Operation == nil || e.Operation.Action != "list":
		case e.Failure != nil:
			return list + ": " + e.Failure.Error()
		default:
			return list + " answered " + strconv.Itoa(e.Status)
		}
	}
	return list + " cannot be read"
}
