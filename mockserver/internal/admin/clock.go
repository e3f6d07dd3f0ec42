package admin

import (
	"net/http"
	"time"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// Clock is the clock of a session as the admin surface shows it.
type Clock struct {
	Now    string `json:"now"`
	Frozen bool   `json:"frozen"`
	Ahead  string `json:"ahead"` // ahead of the mock's base clock, as in 1h30m0s
}

func adminGetClock(c *serve.Call) *serve.Reply {
	return serve.JSON(http.StatusOK, Clock{
		Now: c.Session.Clock.Now().UTC().Format(time.RFC3339Nano), Frozen: c.Session.Clock.IsFrozen(), Ahead: c.Session.Clock.Offset(),
	})
}

// adminSetClock sets, advances, freezes or unfreezes the clock. An absent member changes nothing.
func adminSetClock(c *serve.Call) *serve.Reply {
	var given struct {
		Set     *string `json:"set"`
		Advance *string `json:"advance"`
		Frozen  *bool   `json:"frozen"`
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	var violations []view.Violation
	wanted := session.ClockChange{Frozen: given.Frozen}
	if given.Set != nil {
		at, err := time.Parse(time.RFC3339, *given.Set)
		if at = at.UTC(); err != nil {
			violations = append(violations,
				view.Violation{Code: "invalid-time", Pointer: "/set", Message: "set must be a time as in 2026-01-15T09:30:00Z."})
		} else if !at.Equal(session.Clamp(at)) {
			violations = append(violations, outOfRange("/set"))
		}
		wanted.To = &at
	}
	if given.Advance != nil {
		var err error
		if wanted.By, err = time.ParseDuration(*given.Advance); err != nil {
			violations = append(violations, view.Violation{Code: "invalid-duration", Pointer: "/advance",
				Message: "advance must be a duration as in 6m or 1h30m, of 292 years at most."})
		}
	}
	if len(violations) == 0 && c.Session.Clock.Set(wanted) != nil {
		violations = append(violations, outOfRange("/advance"))
	}
	if len(violations) > 0 {
		return serve.BadRequest(violations)
	}
	return adminGetClock(c)
}

// outOfRange returns the violation of a time that the clock cannot show.
func outOfRange(pointer string) view.Violation {
	return view.Violation{Code: "time-out-of-range", Pointer: pointer,
		Message: "The clock must stay between " + session.Earliest.Format(time.RFC3339) + " and " + session.Latest.Format(time.RFC3339) +
			"; it was not changed."}
}
