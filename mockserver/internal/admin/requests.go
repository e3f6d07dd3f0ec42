package admin

import (
	"bytes"
	"cmp"
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
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

func adminListRequests(c *serve.Call) *serve.Reply {
	from, wanted, refusal := filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.Number("limit", 100)
	if refusal != nil {
		return refusal
	}
	missing, refusal := await(c, from, wanted)
	if refusal != nil {
		return refusal
	}
	page := PageOf(from, c, wanted, limit)
	// The text equals the output of document, but is written one exchange at a time.
	return &serve.Reply{Status: http.StatusOK, Text: []byte("{\n  \"requests\": ["),
		Stream: serve.InChunks(c.Session.Ended, func(w io.Writer) error {
			if err := page.writeEach(w, "    ", func(e *journal.Exchange) any { return Show(from, e) }); err != nil {
				return err
			}
			_, err := fmt.Fprintf(w, "],\n  \"dropped\": %d,\n  \"last\": %d%s\n}\n", page.Dropped, page.Last, missing)
			return err
		})}
}

// JournalPage is the result of a journal query, as ids: the journal may drop some exchanges while a client reads them.
type JournalPage struct {
	journal *journal.Journal
	ids     []int64
	Dropped int64 // number of exchanges dropped for lack of room
	Last    int64 // id of the latest exchange, for the next query with after
}

// PageOf returns the matching exchanges: the latest up to limit, or the first after the id in the query.
func PageOf(s *session.Session, c *serve.Call, wanted func(*journal.Exchange) bool, limit int64) *JournalPage {
	page := &JournalPage{journal: s.Journal}
	page.ids, page.Dropped, page.Last = s.Journal.Find(wanted)
	if excess := int64(len(page.ids)) - limit; excess > 0 && c.Query.Has("after") {
		page.ids = page.ids[:limit]
	} else if excess > 0 {
		page.ids = page.ids[excess:]
	}
	return page
}

// Each calls visit for every exchange that the journal still has.
func (p *JournalPage) Each(visit func(*journal.Exchange) error) error {
	for _, id := range p.ids {
		kept, there := p.journal.Get(id)
		if !there {
			p.Dropped++
			continue
		}
		if err := visit(kept); err != nil {
			return err
		}
	}
	return nil
}

// writeEach writes the items of a list as indented JSON, each behind margin.
func (p *JournalPage) writeEach(w io.Writer, margin string, item func(*journal.Exchange) any) error {
	separator := ""
	err := p.Each(func(e *journal.Exchange) error {
		_, err := fmt.Fprintf(w, "%s\n%s%s", separator, margin, encoded(item(e), jsontext.WithIndentPrefix(margin), jsontext.WithIndent("  ")))
		separator = ","
		return err
	})
	if separator != "" && err == nil {
		_, err = io.WriteString(w, "\n"+strings.TrimPrefix(margin, "  "))
	}
	return err
}

// encoded returns a value as JSON without terminal control characters. It never fails.
func encoded(value any, options ...json.Options) []byte {
	text, err := json.Marshal(value, json.JoinOptions(options...), json.Deterministic(true), json.FormatNilSliceAsNull(false),
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return []byte("{}") // the journal keeps no invalid JSON
	}
	if bytes.IndexFunc(text, func(letter rune) bool { return letter > '~' }) >= 0 {
		text = []byte(foreign.Text(text).JSON())
	}
	return text
}

func adminGetRequest(c *serve.Call) *serve.Reply {
	id, err := strconv.ParseInt(c.Parameter, 10, 64)
	if found, there := c.Session.Journal.Get(id); there && err == nil {
		return &serve.Reply{Status: http.StatusOK, Text: append(encoded(Show(c.Session, found), jsontext.WithIndent("  ")), '\n')}
	}
	return serve.Refuse(http.StatusNotFound, "not-found", "The journal has no exchange with this id, or has it no more.")
}

func adminClearRequests(c *serve.Call) *serve.Reply {
	c.Session.Journal.Clear()
	return serve.JSON(http.StatusOK, struct{}{})
}

// filters are the query parameters of the journal.
var filters = []string{"operation", "method", "path", "status", "caller", "text", "session", "since", "after", "limit"}

// listed are the query parameters of the list of exchanges.
var listed = append([]string{"wait", "timeout"}, filters...)

// filter returns the session and the filter of exchanges that the query parameters select.
func filter(c *serve.Call) (*session.Session, func(*journal.Exchange) bool, *serve.Reply) {
	from := c.Session
	if name := c.Query.Get("session"); name != "" && name != c.Session.Name {
		if from = c.Server.Sessions.Find(name); from == nil {
			return nil, nil, serve.Refuse(http.StatusNotFound, "unknown-session",
				"There is no session of this name; GET sessions lists all.")
		}
	}
	wanted, refusal := WantedBy(c)
	return from, wanted, refusal
}

// query is the query of a journal. Its empty members select all.
type query struct {
	operation, status, method, caller, path, text string
	after                                         int64
	since                                         time.Time
}

// WantedBy returns the filter of exchanges that a query selects. It refuses a value that no exchange can have.
func WantedBy(c *serve.Call) (func(*journal.Exchange) bool, *serve.Reply) {
	asked := query{
		operation: c.Query.Get("operation"), status: strings.ToLower(c.Query.Get("status")), caller: c.Query.Get("caller"),
		method: strings.ToUpper(c.Query.Get("method")), path: c.Query.Get("path"), text: c.Query.Get("text"),
	}
	var refusal *serve.Reply
	if asked.after, refusal = c.Number("after", 0); refusal != nil {
		return nil, refusal
	}
	if text := c.Query.Get("since"); text != "" {
		var err error
		if asked.since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, serve.InvalidParameter("since", "a time as in 2026-01-15T09:30:00Z")
		}
	}
	callers := append(c.Model.PrincipalNames(), faults.NoCaller)
	switch {
	case asked.operation != "" && !slices.Contains(serve.RecordedIDs(c.Model), asked.operation):
		return nil, serve.InvalidParameter("operation", "the id of an operation: "+strings.Join(serve.RecordedIDs(c.Model), ", "))
	case !isStatus(asked.status):
		return nil, serve.InvalidParameter("status", "a status such as 404, or a class such as 4xx")
	case asked.method != "" && !slices.Contains(faults.Methods[:], asked.method):
		return nil, serve.InvalidParameter("method", "a method of HTTP")
	case asked.caller != "" && !slices.Contains(callers, asked.caller):
		return nil, serve.InvalidParameter("caller", "the name of a principal: "+strings.Join(callers, ", "))
	}
	return asked.selects, nil
}

// selects reports whether the query selects an exchange.
func (q *query) selects(e *journal.Exchange) bool {
	return e.ID > q.after && !e.Started.Before(q.since) && (q.operation == "" || e.At.ID == q.operation) &&
		strings.HasPrefix(strconv.Itoa(e.Status), strings.TrimSuffix(q.status, "xx")) && (q.method == "" || e.Method == q.method) &&
		(q.caller == "" || cmp.Or(e.Caller.Name, faults.NoCaller) == q.caller) && (q.path == "" || strings.Contains(e.Path(), q.path)) &&
		(q.text == "" || e.Contains(q.text))
}

// isStatus reports whether a text is empty, a status or a class of statuses.
func isStatus(text string) bool {
	if class, isClass := strings.CutSuffix(text, "xx"); isClass {
		return len(class) == 1 && class >= "1" && class <= "5"
	}
	number, err := strconv.Atoi(text)
	return text == "" || err == nil && number >= 100 && number <= 599
}

// indented returns JSON text indented.
func indented(text []byte) string {
	value := jsontext.Value(text)
	if value.Indent(jsontext.WithIndent("  ")) != nil {
		return string(text)
	}
	return string(value)
}
