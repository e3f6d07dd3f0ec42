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

func (s *Server) adminListSessions(c *call) *reply {
	list := []shownSession{}
	for _, session := range s.sessions.all() {
		list = append(list, session.describe(c))
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
func (s *Server) adminCreateSession(c *call) *reply {
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
	made, err := s.sessions.create(s, given.Name, given.Seed, given.From == fromStart)
	switch {
	case errors.Is(err, errTaken):
		return refuse(http.StatusConflict, "name-taken", "There is a session of this name; choose another one, or delete it first.")
	case err != nil:
		return refuse(http.StatusConflict, "too-many-sessions", "There are as many sessions as there may be; delete some, or wait until idle ones end.")
	}
	return document(http.StatusCreated, made.describe(c))
}

func (s *Server) adminDeleteSession(c *call) *reply {
	if !s.sessions.remove(c.parameter) {
		return refuse(http.StatusNotFound, "unknown-session", "There is no session of this name.")
	}
	return document(http.StatusOK, struct{}{})
}

// describe shows a session to a caller, by the name by which the caller knows this host.
func (s *Server) describe(c *call) shownSession {
	host := "http://" + c.Host
	if c.TLS != nil {
		host = "https://" + c.Host
	}
	expires := time.UnixMicro(s.used.Load()).Add(s.sessions.idle).UTC()
	return shownSession{
		Name: s.name, URL: host + s.base + s.basePath(), Admin: host + s.base + "/__admin", Seed: s.seed,
		Expires: expires.Format(time.RFC3339),
	}
}

// What is in the way of a new session.
var (
	errTaken   = errors.New("the name is taken")
	errTooMany = errors.New("there are too many sessions")
)

// create makes a session of another one, of what that holds or of what the fixtures say. Without a name it gets one.
func (s *sessions) create(from *Server, name string, seed *int64, anew bool) (*Server, error) {
	live := len(s.all()) // which ends idle ones
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.byName[name] != nil:
		return nil, errTaken
	case max(live, len(s.byName)) >= s.limit:
		return nil, errTooMany
	case name == "":
		name = s.freeName()
	}
	for next := from.successor.Load(); next != nil; next = from.successor.Load() {
		from = next // the request came before a reload
	}
	made := from.fork(name, seed)
	if anew {
		made.store.restore(made.initial)
		made.begin()
	}
	made.used.Store(s.now().UnixMicro())
	s.byName[name] = made
	return made, nil
}

func (s *sessions) remove(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.drop(name)
}
