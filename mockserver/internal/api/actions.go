// Package api has the actions of the API: list, create, get, update and delete the stored records.
package api

import (
	"errors"
	"net/http"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// The actions return a reply, which finish completes. No action has the name of a field: the roles in the document identify the
// properties.

func listStrategies(c *serve.Call) *serve.Reply {
	return &serve.Reply{Status: c.Route.Status, Payload: c.Model.Strategies}
}

func listEnvironments(c *serve.Call) *serve.Reply {
	return &serve.Reply{Status: c.Route.Status, Member: c.Route.Member, Many: true, Records: c.Target.Organization.Environments}
}

func listRecords(c *serve.Call) *serve.Reply {
	kind := c.Route.Kind
	records := c.Session.Store.List(kind.Resource, c.Target.Environment.ID)
	return &serve.Reply{Status: c.Route.Status, Form: kind.Item, Member: kind.ListMember, Many: true, Records: records}
}

func getRecord(c *serve.Call) *serve.Reply {
	return serve.ShowOne(c.Route.Kind, c.Route.Status, c.Target.Record)
}

func createRecord(c *serve.Call) *serve.Reply {
	made, faults := c.Model.Draft(c.Session.Store, c.Session, c.Route.Kind, c.JSON, c.Principal.Organization, c.Target.Environment)
	if len(faults) > 0 {
		return serve.BadRequest(faults)
	}
	form := c.VariantOf(made)
	answer, broken := serve.Present(c.Route.Kind, c.Route.Status, made, form)
	if len(broken) > 0 {
		return serve.InvalidAnswer(broken)
	}
	if err := c.Session.Store.Put(nil, made); err != nil {
		return serve.BadRequest([]view.Violation{model.BrokenLink(form.Create)})
	}
	return answer
}

// updateRecord merges a body into a record. It works on a snapshot and retries if another request changed the record meanwhile,
// so the store is not locked during validation and no change is lost.
func updateRecord(c *serve.Call) *serve.Reply {
	for current := c.Target.Record; current != nil; current = c.Session.Store.Get(current.Resource, current.ID) {
		form := c.VariantOf(current)
		next, faults := model.Change(c.Session.Store, c.Session, current, form, c.JSON)
		if len(faults) > 0 {
			return serve.BadRequest(faults)
		}
		answer, broken := serve.Present(c.Route.Kind, c.Route.Status, next, form)
		if len(broken) > 0 {
			return serve.InvalidAnswer(broken)
		}
		switch err := c.Session.Store.Put(current, next); {
		case err == nil:
			return answer
		case errors.Is(err, store.ErrNoCredential):
			return serve.BadRequest([]view.Violation{model.BrokenLink(form.Update)})
		}
	}
	return serve.NotFound(c.Route.Kind.Resource)
}

func deleteRecord(c *serve.Call) *serve.Reply {
	switch err := c.Session.Store.Remove(c.Target.Record); {
	case errors.Is(err, store.ErrInUse):
		return serve.Refuse(http.StatusConflict, "in-use", "A destination uses this "+c.Target.Record.Resource+"; detach it first.")
	case err != nil:
		return serve.NotFound(c.Target.Record.Resource)
	}
	if c.Route.Status == http.StatusNoContent {
		return &serve.Reply{Status: http.StatusNoContent, Text: []byte{}}
	}
	return &serve.Reply{Status: c.Route.Status, Payload: map[string]any{c.Route.Member: "The " + c.Target.Record.Resource + " is deleted."}}
}

// Actions are the operations on stored records, by the x-resource and x-action of an operation.
var Actions = map[string]serve.Action{
	"credential strategies": listStrategies,
	"credential list":       listRecords,
	"credential create":     createRecord,
	"credential get":        getRecord,
	"credential update":     updateRecord,
	"credential delete":     deleteRecord,
	"destination list":      listRecords,
	"destination create":    createRecord,
	"destination get":       getRecord,
	"destination update":    updateRecord,
	"destination delete":    deleteRecord,
	"environment list":      listEnvironments,
}
