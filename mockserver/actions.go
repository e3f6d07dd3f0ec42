package mockserver

import (
	"errors"
	"net/http"

	"github.com/credmock/credmock/internal/view"
)

// The actions. Each returns a value; see finish for what becomes of it. None knows a field's name: a property's role in the
// document tells what it is for.

func listStrategies(c *call) *reply {
	return &reply{status: http.StatusOK, payload: c.model.strategies}
}

func listEnvironments(c *call) *reply {
	return &reply{status: http.StatusOK, member: c.route.Member, many: true, records: c.target.organization.environments}
}

func listRecords(c *call) *reply {
	kind := c.route.kind
	records := c.session.store.list(kind.resource, c.target.environment.id)
	return &reply{status: http.StatusOK, form: kind.item, member: kind.listMember, many: true, records: records}
}

func getRecord(c *call) *reply {
	return showOne(c.route.kind, http.StatusOK, c.target.record)
}

func createRecord(c *call) *reply {
	made, faults := c.model.draft(c.session.store, c.session, c.route.kind, c.body, c.principal.organization, c.target.environment)
	if len(faults) > 0 {
		return badRequest(faults)
	}
	form := c.variantOf(made)
	answer, broken := present(c.route.kind, http.StatusCreated, made, form)
	if len(broken) > 0 {
		return breaks(broken)
	}
	if err := c.session.store.put(nil, made); err != nil {
		return badRequest([]view.Violation{brokenLink(form.create)})
	}
	return answer
}

// updateRecord merges a body into a record. It works on a snapshot and tries again when another request was faster, so the
// store is never locked for as long as a check takes, and no change is lost.
func updateRecord(c *call) *reply {
	for current := c.target.record; current != nil; current = c.session.store.get(current.resource, current.id) {
		form := c.variantOf(current)
		next, faults := change(c.session.store, c.session, current, form, c.body)
		if len(faults) > 0 {
			return badRequest(faults)
		}
		answer, broken := present(c.route.kind, http.StatusOK, next, form)
		if len(broken) > 0 {
			return breaks(broken)
		}
		switch err := c.session.store.put(current, next); {
		case err == nil:
			return answer
		case errors.Is(err, errNoCredential):
			return badRequest([]view.Violation{brokenLink(form.update)})
		}
	}
	return notFound(c.route.kind.resource)
}

func deleteRecord(c *call) *reply {
	switch err := c.session.store.remove(c.target.record); {
	case errors.Is(err, errInUse):
		return refuse(http.StatusConflict, "in-use", "A destination uses this "+c.target.record.resource+"; detach it first.")
	case err != nil:
		return notFound(c.target.record.resource)
	}
	return &reply{status: http.StatusOK, payload: map[string]any{c.route.Member: "The " + c.target.record.resource + " is deleted."}}
}

// apiActions are the operations on what the mock stores, by the x-resource and x-action of an operation.
var apiActions = map[string]action{
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
	"destination verify":    getRecord,
	"environment list":      listEnvironments,
}
