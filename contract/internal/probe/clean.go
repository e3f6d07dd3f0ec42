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

// Cleaned is the result of cleaning up after one interrupted run.
type Cleaned struct {
	Deleted []string // the requests that deleted something, as METHOD and path
	Left    []string // the requests that failed to delete something
	Trouble string   // why it is unknown what is left; may be empty
}

// CleanAfter deletes what one run left.
func CleanAfter(ctx context.Context, o Options, record leftover.Record) Cleaned {
	o.Organization, o.Environment = record.Organization, ""
	s := NewSession(ctx, o)
	s.Closing = true
	if environments := record.Environments; len(environments) > 0 {
		s.Environment, s.Second = environments[0], strings.Join(environments[1:min(len(environments), 2)], "")
	}
	p := s.Probe("cleanup")
	done := Cleaned{}
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

// cleanOne deletes one thing if it carries the name of a run: a server may have given its id to somebody else's.
func (p *Probe) cleanOne(done *Cleaned, thing leftover.Thing, named bool) {
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

// requestOf returns the request that deletes a thing, as METHOD and path.
func requestOf(p *Probe, thing leftover.Thing) string {
	operation := p.Spec.Operation(thing.Resource, "delete")
	return operation.Method + " " + pathtemplate.Fill(operation.Path, thing.ID)
}

// isOfARun gets a thing and tells whether it carries the name of a run, if that can be known.
func (p *Probe) isOfARun(thing leftover.Thing) (ours, known bool) {
	e := p.Try(Request{Resource: thing.Resource, Action: "get", ID: thing.ID})
	if !e.Success() {
		return false, e.Refused(GoneStatuses...)
	}
	shown := p.CredentialIn(e)
	if thing.Resource != "credential" {
		title := jsonvalue.Text(Destination(e)[rerun.RoleIn(e.Operation.Item, credmock.RoleName)])
		return strings.HasPrefix(strings.TrimSpace(title), leftover.NamePrefix), true
	}
	if wrapped, isObject := e.Payload()["credential"].(map[string]any); isObject {
		shown = wrapped
	}
	return strings.HasPrefix(strings.TrimSpace(jsonvalue.Text(shown[p.RoleName(credmock.RoleName)])), leftover.NamePrefix), true
}

// whyUnlisted returns why a list could not be read.
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
