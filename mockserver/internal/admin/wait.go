package admin

import (
	"fmt"
	"strconv"
	"time"

	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/session"
)

const (
	// waitDefault is how long a query waits for exchanges if it does not say so.
	waitDefault = 10 * time.Second
	// waitMax is how long a query can wait.
	waitMax = time.Minute
)

// await waits until the journal has as many exchanges as the parameter wait says, or until the time is over. It returns
// the member of the answer that says how many are missing; empty without the parameter.
func await(c *serve.Call, in *session.Session, wanted func(*journal.Exchange) bool) (member string, refusal *serve.Reply) {
	count, limit, refusal := waitOf(c)
	if refusal != nil || count == 0 {
		return "", refusal
	}
	if c.Server.Sessions.Listeners.Add(1) > MostListeners {
		c.Server.Sessions.Listeners.Add(-1)
		return "", tooManyListeners()
	}
	defer c.Server.Sessions.Listeners.Add(-1)
	news, _, cancel := in.Journal.Subscribe()
	defer cancel()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		ids, _, _ := in.Journal.Find(wanted)
		missing := fmt.Sprintf(",\n  \"missing\": %d", max(0, count-len(ids)))
		if len(ids) >= count {
			return missing, nil
		}
		select {
		case <-news:
		case <-timer.C:
			return missing, nil
		case <-c.Context().Done():
			return missing, nil
		case <-in.Ended.Done():
			return missing, nil
		}
	}
}

// waitOf reads the parameters wait and timeout. The count is 0 without wait.
func waitOf(c *serve.Call) (count int, limit time.Duration, refusal *serve.Reply) {
	text := c.Query.Get("timeout")
	if !c.Query.Has("wait") {
		if c.Query.Has("timeout") {
			return 0, 0, serve.InvalidParameter("timeout", "sent with wait")
		}
		return 0, 0, nil
	}
	most := c.Server.Sessions.Config.Journal
	count, err := strconv.Atoi(c.Query.Get("wait"))
	if err != nil || count < 1 || count > most {
		return 0, 0, serve.InvalidParameter("wait", fmt.Sprintf("a number of requests, from 1 to the %d that the journal keeps", most))
	}
	if text == "" {
		return count, waitDefault, nil
	}
	if limit, err = time.ParseDuration(text); err != nil || limit <= 0 || limit > waitMax {
		return 0, 0, serve.InvalidParameter("timeout", "a duration as in 5s, of "+waitMax.String()+" at most")
	}
	return count, limit, nil
}
