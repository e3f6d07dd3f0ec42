package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/session"
)

// SessionHeader names the session of a request whose path does not name one.
const SessionHeader = "X-Credmock-Session"

// portKey is the key of a request's context for the session that owns the port at which it came.
type portKey struct{}

// named returns the session that a request names, in its path, by its port or in its header, and the path within the
// session. The base is the part of the path that names it.
func (c *Call) named() (name, rest, base string, isNamed bool) {
	if rest, inPath := strings.CutPrefix(c.path, session.SessionPrefix); inPath {
		name, rest, _ = strings.Cut(rest, "/")
		return name, "/" + rest, session.SessionPrefix + name, true
	}
	if name, onPort := c.Context().Value(portKey{}).(string); onPort {
		return name, c.path, "", true
	}
	name = c.Header.Get(SessionHeader)
	return name, c.path, "", name != ""
}

// enter finds the session that the request names, and strips the part of the path that names it.
func (c *Call) enter() {
	name, rest, base, isNamed := c.named()
	if !isNamed {
		if c.Server.Sessions.HasClients() && !isOwnPath(c.path) {
			c.left = c.Server.Sessions.SessionOf(c.address(), c.UserAgent())
		}
		return
	}
	found := c.Server.Sessions.Find(name)
	switch other := c.Header.Get(SessionHeader); {
	case found == nil:
		c.misled = Refuse(http.StatusNotFound, "unknown-session",
			"There is no session of this name, or it was not used for too long; create it again.")
	case other != "" && other != name:
		c.misled = Refuse(http.StatusBadRequest, "two-sessions",
			"The header "+SessionHeader+" names another session than the path or the port; send one of the two.")
	default:
		c.Session, c.path, c.Base = found, rest, base
		if !isOwnPath(rest) {
			c.Server.Sessions.NoteClient(c.address(), c.UserAgent(), name)
		}
	}
}

// address returns the address of the client without its port.
func (c *Call) address() string {
	client, _, _ := net.SplitHostPort(c.RemoteAddr) // any other text identifies a client as well
	return client
}

// isUnprefixed reports whether a request names its session elsewhere than in its path.
func isUnprefixed(r *http.Request) bool {
	return r.Header.Get(SessionHeader) != "" || r.Context().Value(portKey{}) != nil
}

// maxPorts is the number of sessions that may have a port at a time.
const maxPorts = 100

// Errors of [Mock.OpenPort].
var (
	ErrTooManyPorts = errors.New("there are too many ports")
	errNoListener   = errors.New("the mock cannot listen")
)

// OpenPort gives a session a port of its own until it ends.
func (m *Mock) OpenPort(of *session.Session) error {
	if m.Listen == nil {
		return errNoListener
	}
	if m.ports.Add(1) > maxPorts {
		m.ports.Add(-1)
		return ErrTooManyPorts
	}
	root, stop, err := m.Listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), portKey{}, of.Name)))
	}))
	if err != nil {
		m.ports.Add(-1)
		return err
	}
	of.Root.Store(&root)
	context.AfterFunc(of.Ended, func() {
		stop()
		m.ports.Add(-1)
	})
	return nil
}
