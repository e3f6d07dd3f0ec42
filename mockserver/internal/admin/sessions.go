package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Session is a session as the admin surface shows it.
type Session struct {
	Name    string `json:"name"`
	URL     string `json:"url"`   // base of the API in this session
	Admin   string `json:"admin"` // base of the admin surface in this session
	Seed    int64  `json:"seed"`
	Expires string `json:"expires"` // when it ends if no request arrives before
}

func adminListSessions(c *serve.Call) *serve.Reply {
	list := []Session{}
	for _, session := range c.Server.Sessions.All() {
		list = append(list, Describe(c, session))
	}
	slices.SortFunc(list, func(a, b Session) int { return strings.Compare(a.Name, b.Name) })
	return serve.JSON(http.StatusOK, map[string]any{"sessions": list})
}

// The initial states of a new session.
const (
	fromNow   = "now"   // a copy of the present session
	fromStart = "start" // the fixtures
)

// adminCreateSession creates a session with the present records of this one, or with its initial records on request.
func adminCreateSession(c *serve.Call) *serve.Reply {
	var given struct {
		Name string `json:"name"`
		Seed *int64 `json:"seed"`
		From string `json:"from"`
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	if given.Name != "" && !session.SessionName.MatchString(given.Name) {
		return serve.BadRequest([]view.Violation{{Code: "invalid-name", Pointer: "/name",
			Message: "name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has 64 at most."}})
	}
	if given.From != "" && given.From != fromNow && given.From != fromStart {
		return serve.BadRequest([]view.Violation{{Code: "invalid-beginning", Pointer: "/from",
			Message: "from must be now, for a copy of what there is, or start, for what the fixtures say."}})
	}
	var initial *store.State
	if given.From == fromStart {
		initial = &c.Model.Initial
	}
	made, err := c.Server.Sessions.Create(c.Session, given.Name, given.Seed, initial)
	switch {
	case errors.Is(err, session.ErrNameTaken):
		return serve.Refuse(http.StatusConflict, "name-taken", "There is a session of this name; choose another one, or delete it first.")
	case err != nil:
		return serve.Refuse(http.StatusConflict, "too-many-sessions",
			"There are as many sessions as there may be; delete some, or wait until idle ones end.")
	}
	return serve.JSON(http.StatusCreated, Describe(c, made))
}

func adminDeleteSession(c *serve.Call) *serve.Reply {
	if !c.Server.Sessions.Remove(c.Parameter) {
		return serve.Refuse(http.StatusNotFound, "unknown-session", "There is no session of this name.")
	}
	return serve.JSON(http.StatusOK, struct{}{})
}

// Describe returns a session with URLs that have the host name of the request.
func Describe(c *serve.Call, one *session.Session) Session {
	host := "http://" + c.Host
	if c.TLS != nil {
		host = "https://" + c.Host
	}
	expires := time.UnixMicro(one.LastUsed.Load()).Add(c.Server.Sessions.Config.Idle).UTC()
	return Session{
		Name: one.Name, URL: host + one.Base + c.Model.BasePath(), Admin: host + one.Base + "/__admin", Seed: one.Seed,
		Expires: expires.Format(time.RFC3339),
	}
}
