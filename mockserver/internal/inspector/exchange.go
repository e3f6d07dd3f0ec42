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

// uiMost is how many exchanges the page shows; the journal may hold more.
const uiMost = 100

// uiExchange is one exchange as a row that opens.
type uiExchange struct {
	admin.Exchange
	Clock    string // the time of day
	Took     string
	Class    string // of the status, as in 4xx
	Reason   string // the status in words
	Refusals []uiRefusal
	Sent     []uiLine
	Answered []uiLine
	Curl     string
}

// uiRefusal is one reason why a request was refused.
type uiRefusal struct {
	journal.Violation
	Mark string // the id of the line of the body that it is about; empty for none
}

// uiExchanges fills in the latest exchanges that the filter leaves, newest first. Who has seen some already asks for those
// after the last one.
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
	_ = page.Each(func(e *journal.Exchange) error { // the visit never fails
		if e.ID > after {
			state.Exchanges = append(state.Exchanges, uiRow(admin.Show(c.Session, e), host))
		}
		return nil
	})
	slices.Reverse(state.Exchanges)
}

// uiRow makes a row of an exchange with the host that has been given, and what stands before the paths of its session.
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
	for i, fault := range exchange.Faults {
		id := fmt.Sprintf("mark-%d-%d", exchange.ID, i)
		if !uiMark(row.Sent, fault, id) {
			id = ""
		}
		row.Refusals = append(row.Refusals, uiRefusal{fault, id})
	}
	return row
}

// Steps are the parts of the path, between which a line may end. The first slash is not alone.
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
