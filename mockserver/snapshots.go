package mockserver

import (
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/view"
)

// adminReset leads the session back to its start or, where one is named, its records back to a snapshot.
func adminReset(c *call) *reply {
	var given struct {
		Snapshot jsontext.Value `json:"snapshot"` // as it was sent: a null or an empty name is a slip, and must not reset everything
	}
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	var name string
	switch {
	case given.Snapshot == nil:
		c.server.sessions.reset(c.session)
	case given.Snapshot.Kind() != '"' || json.Unmarshal(given.Snapshot, &name) != nil || name == "":
		return badRequest([]view.Violation{{Code: view.CodeType, Pointer: "/snapshot",
			Message: "snapshot must be the name of one; leave it out to reset everything."}})
	case !c.session.restoreSnapshot(name):
		return badRequest([]view.Violation{{Code: "unknown-snapshot", Pointer: "/snapshot", Message: "The session has no snapshot of this name."}})
	}
	return document(http.StatusOK, struct{}{})
}

func adminListSnapshots(c *call) *reply {
	c.session.mutex.Lock()
	defer c.session.mutex.Unlock()
	return document(http.StatusOK, map[string]any{"snapshots": slices.Sorted(maps.Keys(c.session.snapshots))})
}

// adminTakeSnapshot notes the records of the session under a name, in the place of what was noted under it before.
func adminTakeSnapshot(c *call) *reply {
	var given struct {
		Name string `json:"name"`
	}
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	if !sessionName.MatchString(given.Name) {
		return badRequest([]view.Violation{{Code: "invalid-name", Pointer: "/name", Message: "name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has 64 at most."}})
	}
	if !c.session.takeSnapshot(given.Name) {
		return refuse(http.StatusConflict, "too-many-snapshots", "The session has as many snapshots as it may; reset it to be rid of them.")
	}
	return document(http.StatusCreated, given)
}
