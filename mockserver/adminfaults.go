package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

func adminListFaults(c *call) *reply {
	return document(http.StatusOK, map[string]any{"faults": c.session.faults.forms()})
}

func adminListMutants(c *call) *reply {
	return document(http.StatusOK, map[string]any{"mutants": c.model.config.mutants})
}

func adminAddFault(c *call) *reply {
	var given faultPlan
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	made, found := c.model.readFault(&given)
	if len(found) > 0 {
		return badRequest(found)
	}
	shown := made.form()
	switch err := c.server.sessions.inject(c.session, made); {
	case errors.Is(err, errMutantAtWork):
		return refuse(http.StatusConflict, "mutant-at-work", "One broken server is at work already; delete that fault first.")
	case err != nil:
		return refuse(http.StatusConflict, "too-many-faults", fmt.Sprintf(
			"The session has %d faults, which is as many as there may be; DELETE /__admin/faults, or those that are spent, first.", mostFaults))
	}
	shown.ID = made.id
	return document(http.StatusCreated, shown)
}

func adminClearFaults(c *call) *reply {
	c.session.faults.clear()
	return document(http.StatusOK, struct{}{})
}

func adminDeleteFault(c *call) *reply {
	id, err := strconv.ParseInt(c.parameter, 10, 64)
	if err != nil || id <= 0 || !c.session.faults.remove(id) {
		return refuse(http.StatusNotFound, "not-found", "There is no fault with this id.")
	}
	return document(http.StatusOK, struct{}{})
}
