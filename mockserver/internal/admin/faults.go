package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

func adminListFaults(c *serve.Call) *serve.Reply {
	return serve.JSON(http.StatusOK, map[string]any{"faults": c.Session.Faults.Forms()})
}

func adminListMutants(c *serve.Call) *serve.Reply {
	return serve.JSON(http.StatusOK, map[string]any{"mutants": c.Model.Config.Mutants})
}

func adminAddFault(c *serve.Call) *serve.Reply {
	var given faults.Plan
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	made, found := c.Model.ReadFault(&given)
	if len(found) > 0 {
		return serve.BadRequest(found)
	}
	shown := made.Form()
	switch err := c.Server.Sessions.Inject(c.Session, made); {
	case errors.Is(err, faults.ErrMutantActive):
		return serve.Refuse(http.StatusConflict, "mutant-at-work", "One broken server is at work already; delete that fault first.")
	case err != nil:
		return serve.Refuse(http.StatusConflict, "too-many-faults", fmt.Sprintf(
			"The session has %d faults, which is as many as there may be; DELETE /__admin/faults, or those that are spent, first.", faults.Max))
	}
	shown.ID = made.ID
	return serve.JSON(http.StatusCreated, shown)
}

func adminClearFaults(c *serve.Call) *serve.Reply {
	c.Session.Faults.Clear()
	return serve.JSON(http.StatusOK, struct{}{})
}

func adminDeleteFault(c *serve.Call) *serve.Reply {
	id, err := strconv.ParseInt(c.Parameter, 10, 64)
	if err != nil || id <= 0 || !c.Session.Faults.Remove(id) {
		return serve.Refuse(http.StatusNotFound, "not-found", "There is no fault with this id.")
	}
	return serve.JSON(http.StatusOK, struct{}{})
}
