package mockserver

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/view"
)

// shownSession is a session as the mock's own surface shows it.
type shownSession struct {
	Name    string `json:"name"`
	URL     string `json:"url"`   // the base of the API in this session
	Admin   string `json:"admin"` // the base of this surface in this session
	Seed    int64  `json:"seed"`
	Expires string `json:"expires"` // when it ends unless a request comes before
}

func adminListSessions(c *call) *reply {
	list := []shownSession{}
	for _, session := range c.server.sessions.all() {
		list = append(list, describe(c, session))
	}
	slices.SortFunc(list, func(a, b shownSession) int { return strings.Compare(a.Name, b.Name) })
	return document(http.StatusOK, map[string]any{"sessions": list})
}

// The beginnings that a session can have.
const (
	fromNow   = "now"   // what the session that it is made of holds
	fromStart = "start" // what the fixtures say
)

// adminCreateSession makes a session that holds what this one does or, where that is asked for, what this one began with.
func adminCreateSession(c *call) *reply {
	var given struct {
		Name string `json:"name"`
		Seed *int64 `json:"seed"`
		From string `json:"from"`
	}
	if refusal := c.instructions(&given); refusal != nil {
		return refusal
	}
	if given.Name != "" && !sessionName.MatchString(given.Name) {
		return badRequest([]view.Violation{{Code: "invalid-name", Pointer: "/name",
			Message: "name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has 64 at most."}})
	}
	if given.From != "" && given.From != fromNow && given.From != fromStart {
		return badRequest([]view.Violation{{Code: "invalid-beginning", Pointer: "/from",
			Message: "from must be now, for a copy of what there is, or start, for what the fixtures say."}})
	}
	var initial *state
	if given.From == fromStart {
		initial = &c.model.initial
	}
	made, err := c.server.sessions.create(c.session, given.Name, given.Seed, initial)
	switch {
	case errors.Is(err, errTaken):
		return refuse(http.StatusConflict, "name-taken", "There is a session of this name; choose another one, or delete it first.")
	case err != nil:
		return refuse(http.StatusConflict, "too-many-sessions", "There are as many sessions as there may be; delete some, or wait until idle ones end.")
	}
	return document(http.StatusCreated, describe(c, made))
}

func adminDeleteSession(c *call) *reply {
	if !c.server.sessions.remove(c.parameter) {
		return refuse(http.StatusNotFound, "unknown-session", "There is no session of this name.")
	}
	return document(http.StatusOK, struct{}{})
}

// describe shows a session to a caller, by the name by which the caller knows this host.
func describe(c *call, one *session) shownSession {
	host := "http://" + c.Host
	if c.TLS != nil {
		host = "https://" + c.Host
	}
	expires := time.UnixMicro(one.used.Load()).Add(c.server.sessions.config.idle).UTC()
	return shownSession{
		Name: one.name, URL: host + one.base + c.model.basePath(), Admin: host + one.base + "/__admin", Seed: one.seed,
		Expires: expires.Format(time.RFC3339),
	}
}
