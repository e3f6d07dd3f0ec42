package mockserver

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/foreign"
)

func adminListRequests(c *call) *reply {
	from, wanted, refusal := filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.number("limit", 100)
	if refusal != nil {
		return refusal
	}
	page := pageOf(from, c, wanted, limit)
	// What document would write, but one exchange after the other.
	return &reply{status: http.StatusOK, text: []byte("{\n  \"requests\": ["), stream: inPieces(c.session.ended, func(w io.Writer) error {
		if err := page.writeEach(w, "    ", func(e *exchange) any { return show(from, e) }); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "],\n  \"dropped\": %d,\n  \"last\": %d\n}\n", page.dropped, page.last)
		return err
	})}
}

// journalPage is the exchanges of a journal that were asked for, by their ids: while a client takes its time to read them, the
// journal may drop some.
type journalPage struct {
	journal *journal
	ids     []int64
	dropped int64 // how many are gone because there was no room
	last    int64 // the id of the latest exchange: ask for those after it next
}

// pageOf returns the exchanges that are wanted: the latest up to a limit, or the first after the one that the query names.
func pageOf(s *session, c *call, wanted func(*exchange) bool, limit int64) *journalPage {
	page := &journalPage{journal: s.journal}
	page.ids, page.dropped, page.last = s.journal.find(wanted)
	if excess := int64(len(page.ids)) - limit; excess > 0 && c.query.Has("after") {
		page.ids = page.ids[:limit]
	} else if excess > 0 {
		page.ids = page.ids[excess:]
	}
	return page
}

// each visits the exchanges that are still there.
func (p *journalPage) each(visit func(*exchange) error) error {
	for _, id := range p.ids {
		kept, there := p.journal.get(id)
		if !there {
			p.dropped++
			continue
		}
		if err := visit(kept); err != nil {
			return err
		}
	}
	return nil
}

// writeEach writes the items of a list as JSON, each one laid out for people behind a margin.
func (p *journalPage) writeEach(w io.Writer, margin string, item func(*exchange) any) error {
	separator := ""
	err := p.each(func(e *exchange) error {
		_, err := fmt.Fprintf(w, "%s\n%s%s", separator, margin, encoded(item(e), jsontext.WithIndentPrefix(margin), jsontext.WithIndent("  ")))
		separator = ","
		return err
	})
	if separator != "" && err == nil {
		_, err = io.WriteString(w, "\n"+strings.TrimPrefix(margin, "  "))
	}
	return err
}

// encoded returns a value as JSON. Whatever it holds, it comes out, and steers no terminal.
func encoded(value any, options ...json.Options) []byte {
	text, err := json.Marshal(value, json.JoinOptions(options...), json.Deterministic(true), json.FormatNilSliceAsNull(false),
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return []byte("{}") // a body that is no JSON, which none is that was kept
	}
	if bytes.IndexFunc(text, func(letter rune) bool { return letter > '~' }) >= 0 {
		text = []byte(foreign.Text(text).JSON())
	}
	return text
}

func adminGetRequest(c *call) *reply {
	id, err := strconv.ParseInt(c.parameter, 10, 64)
	if found, there := c.session.journal.get(id); there && err == nil {
		return &reply{status: http.StatusOK, text: append(encoded(show(c.session, found), jsontext.WithIndent("  ")), '\n')}
	}
	return refuse(http.StatusNotFound, "not-found", "The journal has no exchange with this id, or has it no more.")
}

func adminClearRequests(c *call) *reply {
	c.session.journal.clear()
	return document(http.StatusOK, struct{}{})
}

// filters are the parameters of a query of the journal.
var filters = []string{"operation", "status", "session", "since", "after", "limit"}

// filter returns what the parameters of a query ask for: of which session, and which of its exchanges.
func filter(c *call) (*session, func(*exchange) bool, *reply) {
	from := c.session
	if name := c.query.Get("session"); name != "" && name != c.session.name {
		if from = c.server.sessions.find(name); from == nil {
			return nil, nil, refuse(http.StatusNotFound, "unknown-session", "There is no session of this name; GET sessions lists those that there are.")
		}
	}
	wanted, refusal := wantedBy(c)
	return from, wanted, refusal
}

// wantedBy returns which exchanges a query asks for.
func wantedBy(c *call) (func(*exchange) bool, *reply) {
	operation, status := c.query.Get("operation"), strings.ToLower(c.query.Get("status"))
	after, refusal := c.number("after", 0)
	switch {
	case refusal != nil:
		return nil, refusal
	case operation != "" && !slices.Contains(c.model.operationIDs(), operation):
		return nil, invalidParameter("operation", "the id of an operation: "+strings.Join(c.model.operationIDs(), ", "))
	case !isStatus(status):
		return nil, invalidParameter("status", "a status such as 404, or a class such as 4xx")
	}
	var since time.Time
	if text := c.query.Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, invalidParameter("since", "a time as in 2026-01-15T09:30:00Z")
		}
	}
	return func(e *exchange) bool {
		return e.id > after && !e.started.Before(since) && (operation == "" || e.at.id == operation) &&
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

// indented lays out a text of JSON for people.
func indented(text []byte) string {
	value := jsontext.Value(text)
	if value.Indent(jsontext.WithIndent("  ")) != nil {
		return string(text)
	}
	return string(value)
}
