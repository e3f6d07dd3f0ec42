package admin

import (
	"errors"
	"net"
	"net/http"
	"net/url"
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
	Expires string `json:"expires"`          // when it ends if no request arrives before
	Deliver bool   `json:"deliver,omitzero"` // verifying a destination delivers a request to it
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
		Name   string `json:"name"`
		Seed   *int64 `json:"seed"`
		From   string `json:"from"`
		Listen bool   `json:"listen"`

		Deliver *bool `json:"deliver"`
	}
	if refusal := c.Instructions(&given); refusal != nil {
		return refusal
	}
	if given.Name != "" && !session.SessionName().MatchString(given.Name) {
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
	if given.Deliver != nil {
		made.Deliver.Store(*given.Deliver)
	}
	if given.Listen {
		if refusal := openPort(c, made); refusal != nil {
			return refusal
		}
	}
	return serve.JSON(http.StatusCreated, Describe(c, made))
}

// openPort gives a new session a port of its own, or removes the session and refuses.
func openPort(c *serve.Call, made *session.Session) *serve.Reply {
	err := c.Server.OpenPort(made)
	if err == nil {
		return nil
	}
	c.Server.Sessions.Remove(made.Name)
	if errors.Is(err, serve.ErrTooManyPorts) {
		return serve.Refuse(http.StatusConflict, "too-many-ports",
			"There are as many sessions with a port of their own as there may be; delete some, or leave out listen.")
	}
	return serve.Refuse(http.StatusConflict, "cannot-listen", "The mock cannot listen at another port here; leave out listen.")
}

func adminDeleteSession(c *serve.Call) *serve.Reply {
	if !c.Server.Sessions.Remove(c.Parameter) {
		return serve.Refuse(http.StatusNotFound, "unknown-session", "There is no session of this name.")
	}
	return serve.JSON(http.StatusOK, struct{}{})
}

// Describe returns a session with URLs that have the host name of the request. The URLs of a session with a port of its own
// lead there.
func Describe(c *serve.Call, one *session.Session) Session {
	root := rootOf(c, one)
	expires := time.UnixMicro(one.LastUsed.Load()).Add(c.Server.Sessions.Config.Idle).UTC()
	return Session{
		Name: one.Name, URL: root + c.Model.BasePath(), Admin: root + "/__admin", Seed: one.Seed,
		Expires: expires.Format(time.RFC3339), Deliver: one.Deliver.Load(),
	}
}

// rootOf returns the URL of a session under the host name of the request.
func rootOf(c *serve.Call, one *session.Session) string {
	scheme := "http://"
	if c.TLS != nil {
		scheme = "https://"
	}
	root := one.Root.Load()
	if root == nil {
		return scheme + c.Host + one.Base
	}
	at, err := url.Parse(*root)
	name := (&url.URL{Host: c.Host}).Hostname()
	if err != nil || name == "" {
		return *root
	}
	at.Host = net.JoinHostPort(name, at.Port())
	return at.String()
}
