package inspector

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// uiMost is the maximum number of exchanges that the page shows; the journal may hold more.
const uiMost = 100

// uiExchange is an exchange as an expandable row.
type uiExchange struct {
	admin.Exchange
	Clock    string // time of day
	Took     string
	Class    string // class of the status, such as 4xx
	Reason   string // status text
	Refusals []uiRefusal
	Sent     []uiLine
	Answered []uiLine
	Curl     string
}

// uiRefusal is one reason why a request was rejected.
type uiRefusal struct {
	journal.Violation
	Mark string // id of the marked line of the body; empty if none
}

// uiExchanges adds the latest exchanges that match the filter, newest first. A page with rows requests only those after its
// last.
func uiExchanges(c *serve.Call, state *uiState) {
	filtered := &serve.Call{Server: c.Server, Model: c.Model, Session: c.Session,
		Query: url.Values{"operation": {state.Filter.Operation}, "status": {state.Filter.Status}}}
	wanted, refusal := admin.WantedBy(filtered)
	if refusal != nil {
		return
	}
	page := admin.PageOf(c.Session, filtered, wanted, uiMost)
	state.Dropped, state.Last = page.Dropped, page.Last
	after, refusal := c.Number("after", 0)
	if refusal != nil || after > page.Last {
		after = 0
	}
	host := strings.TrimSuffix(admin.Describe(c, c.Session).Admin, "/__admin")
	_ = page.Each(func(e *journal.Exchange) error { // visit returns no error
		if e.ID > after {
			state.Exchanges = append(state.Exchanges, uiRow(admin.Show(c.Session, e), host))
		}
		return nil
	})
	slices.Reverse(state.Exchanges)
}

// uiRow makes the row of an exchange, with the host of the request for its curl line.
func uiRow(exchange admin.Exchange, host string) uiExchange {
	for _, message := range []*admin.Message{&exchange.Request, &exchange.Response} {
		message.Body = jsontext.Value(foreign.Text(message.Body).JSON())
	}
	row := uiExchange{
		Exchange: exchange, Clock: exchange.Time, Took: uiDuration(exchange.Duration),
		Class: fmt.Sprintf("%dxx", exchange.Status/100), Reason: http.StatusText(exchange.Status),
		Sent: uiLines(exchange.Request.Body), Answered: uiLines(exchange.Response.Body),
	}
	row.Curl = row.asCurl(host)
	if at, err := time.Parse(time.RFC3339, exchange.Time); err == nil {
		row.Clock = at.UTC().Format("15:04:05.000")
	}
	for i, violation := range exchange.Faults {
		id := fmt.Sprintf("mark-%d-%d", exchange.ID, i)
		if !uiMark(row.Sent, violation, id) {
			id = ""
		}
		row.Refusals = append(row.Refusals, uiRefusal{violation, id})
	}
	return row
}

// Steps returns the segments of the path, between which a line may break. The first slash stays with the first segment.
func (e uiExchange) Steps() []string {
	steps := strings.SplitAfter(strings.TrimPrefix(e.Path, "/"), "/")
	steps[0] = "/" + steps[0]
	return steps
}

func uiDuration(microseconds int64) string {
	switch {
	case microseconds < 1000:
		return strconv.FormatInt(microseconds, 10) + " µs"
	case microseconds < 10_000:
		return strconv.FormatFloat(float64(microseconds)/1000, 'f', 1, 64) + " ms"
	}
	return strconv.FormatInt(microseconds/1000, 10) + " ms"
}
