package admin

import (
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

// adminReset restores the initial state of the session, or the records of a named snapshot.
func adminReset(c *serve.Call) *serve.Reply {
	var given struct {
		Snapshot jsontext.Value `json:"snapshot"` // raw, since null and "" are mistakes that must not reset everything
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	var name string
	switch {
	case given.Snapshot == nil:
		c.Server.Sessions.Reset(c.Session)
	case given.Snapshot.Kind() != '"' || json.Unmarshal(given.Snapshot, &name) != nil || name == "":
		return serve.BadRequest([]view.Violation{{Code: view.CodeType, Pointer: "/snapshot",
			Message: "snapshot must be the name of one; leave it out to reset everything."}})
	case !c.Session.RestoreSnapshot(name):
		return serve.BadRequest([]view.Violation{{Code: "unknown-snapshot", Pointer: "/snapshot", Message: "The session has no snapshot of " +
			"this name."}})
	}
	return serve.JSON(http.StatusOK, struct{}{})
}

func adminListSnapshots(c *serve.Call) *serve.Reply {
	c.Session.Mutex.Lock()
	defer c.Session.Mutex.Unlock()
	return serve.JSON(http.StatusOK, map[string]any{"snapshots": slices.Sorted(maps.Keys(c.Session.Snapshots))})
}

// adminTakeSnapshot stores the records of the session under a name and replaces a snapshot of the same name.
func adminTakeSnapshot(c *serve.Call) *serve.Reply {
	var given struct {
		Name string `json:"name"`
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	if !session.SessionName().MatchString(given.Name) {
		return serve.BadRequest([]view.Violation{{Code: "invalid-name", Pointer: "/name", Message: "name has letters, digits, dots, dashes " +
			"and underscores, begins with a letter or digit, and has 64 at most."}})
	}
	if !c.Session.TakeSnapshot(given.Name) {
		return serve.Refuse(http.StatusConflict, "too-many-snapshots", "The session has as many snapshots as it may; reset it to be rid of them.")
	}
	return serve.JSON(http.StatusCreated, given)
}
