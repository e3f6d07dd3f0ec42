package mockserver

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listedRequests is the journal as GET requests answers it.
type listedRequests struct {
	Requests []shownExchange `json:"requests"`
	Dropped  int64           `json:"dropped"` // how many are gone because the journal was full
	Last     int64           `json:"last"`    // the id of the latest exchange: ask for those after it next
}

func (s *Server) adminListRequests(c *call) *reply {
	from, wanted, refusal := s.filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.number("limit", 100)
	if refusal != nil {
		return refusal
	}
	found, dropped, last := from.journal.all(wanted)
	if excess := len(found) - int(min(limit, 1<<30)); excess > 0 && c.URL.Query().Has("after") {
		found = found[:limit]
	} else if excess > 0 {
		found = found[excess:]
	}
	list := listedRequests{Requests: make([]shownExchange, len(found)), Dropped: dropped, Last: last}
	for i := range found {
		list.Requests[i] = from.show(&found[i])
	}
	return document(http.StatusOK, list)
}

func (s *Server) adminGetRequest(c *call) *reply {
	id, err := strconv.ParseInt(c.parameter, 10, 64)
	if found, there := s.journal.get(id); there && err == nil {
		return document(http.StatusOK, s.show(&found))
	}
	return refuse(http.StatusNotFound, "not-found", "The journal has no exchange with this id, or has it no more.")
}

func (s *Server) adminClearRequests(*call) *reply {
	s.journal.clear()
	return document(http.StatusOK, struct{}{})
}

// filters are the parameters of a query of the journal.
var filters = []string{"operation", "status", "session", "since", "after", "limit"}

// filter returns what the parameters of a query ask for: of which session, and which of its exchanges.
func (s *Server) filter(c *call) (*Server, func(*exchange) bool, *reply) {
	query := c.URL.Query()
	for name := range query {
		if !slices.Contains(filters, name) {
			return nil, nil, refuse(http.StatusBadRequest, "invalid-parameter", "A parameter is not known here; known are "+strings.Join(filters, ", ")+".")
		}
	}
	from := s
	if name := query.Get("session"); name != "" && name != s.name {
		if from = s.sessions.find(name); from == nil {
			return nil, nil, refuse(http.StatusNotFound, "unknown-session", "There is no session of this name; GET sessions lists those that there are.")
		}
	}
	wanted, refusal := from.wanted(c)
	return from, wanted, refusal
}

// wanted tells which exchanges of the session a query asks for.
func (s *Server) wanted(c *call) (func(*exchange) bool, *reply) {
	query := c.URL.Query()
	operation, status := query.Get("operation"), strings.ToLower(query.Get("status"))
	after, refusal := c.number("after", 0)
	switch {
	case refusal != nil:
		return nil, refusal
	case operation != "" && !s.hasOperation(operation):
		return nil, invalidParameter("operation", "the id of an operation: "+s.operationNames())
	case !isStatus(status):
		return nil, invalidParameter("status", "a status such as 404, or a class such as 4xx")
	}
	var since time.Time
	if text := query.Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, invalidParameter("since", "a time as in 2026-01-15T09:30:00Z")
		}
	}
	return func(e *exchange) bool {
		return e.id > after && !e.started.Before(since) && (operation == "" || e.route.id() == operation) &&
			strings.HasPrefix(strconv.Itoa(e.status), strings.TrimSuffix(status, "xx"))
	}, nil
}

// isStatus tells whether a text is a status, a class of them, or nothing.
func isStatus(text string) bool {
	if class, isClass := strings.CutSuffix(text, "xx"); isClass {
		return len(class) == 1 && class >= "1" && class <= "5"
	}
	number, err := strconv.Atoi(text)
	return text == "" || err == nil && number >= 100 && number <= 599
}
