package admin

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

func adminListFaults(c *serve.Call) *serve.Reply {
	forms := c.Session.Faults.Forms()
	for i := range forms {
		maskFault(c, &forms[i])
	}
	return serve.JSON(http.StatusOK, map[string]any{"faults": forms})
}

// maskFault masks the texts of a fault that hold a secret.
func maskFault(c *serve.Call, form *faults.Form) {
	by := censor.Censor{Words: c.Model.Words, Secrets: c.Model.Secrets}
	if by.Hides(form.BodyContains) {
		form.BodyContains = string(censor.MaskText)
	}
	form.Headers = maps.Clone(form.Headers) // the fault has it too
	for name, value := range form.Headers {
		if by.Hides(value) {
			form.Headers[name] = string(censor.MaskText)
		}
	}
	if form.Body != nil {
		form.Body = by.Rewrite(form.Body)
	}
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
	var shadowed *faults.ShadowedError
	switch err := c.Server.Sessions.Inject(c.Session, made, c.Model.World()); {
	case errors.As(err, &shadowed):
		return serve.Refuse(http.StatusConflict, "shadowed-fault",
			strings.ToUpper(shadowed.Error()[:1])+shadowed.Error()[1:]+".")
	case errors.Is(err, faults.ErrMutantActive):
		return serve.Refuse(http.StatusConflict, "mutant-at-work", "One broken server is at work already; delete that fault first.")
	case err != nil:
		return serve.Refuse(http.StatusConflict, "too-many-faults", fmt.Sprintf(
			"The session has %d faults, which is as many as there may be; DELETE /__admin/faults, or those that are spent, first.", faults.Max))
	}
	shown.ID = made.ID
	maskFault(c, &shown)
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
