package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/credmock/credmock/mockserver/internal/serve"
)

const (
	// keepAlive is the interval between comments that keep an idle stream open.
	keepAlive = 15 * time.Second
	// MostListeners is the maximum number of event streams open at once, in all sessions together.
	MostListeners = 64
)

// adminEvents answers with server-sent events: one event named exchange for each exchange that ends from now on. The id of an
// event is the id of the exchange, so a client that missed some requests the journal after its last id.
func adminEvents(c *serve.Call) *serve.Reply {
	if c.Method == http.MethodHead {
		return &serve.Reply{Status: http.StatusOK, MediaType: "text/event-stream", Text: []byte{}} // nobody would listen
	}
	if c.Server.Sessions.Listeners.Add(1) > MostListeners {
		c.Server.Sessions.Listeners.Add(-1)
		return tooManyListeners()
	}
	return &serve.Reply{
		Status: http.StatusOK, MediaType: "text/event-stream", Text: []byte{},
		Stream: func(ctx context.Context, control *http.ResponseController, w io.Writer) {
			streamEvents(ctx, c, control, w)
		},
	}
}

func tooManyListeners() *serve.Reply {
	return serve.Refuse(http.StatusTooManyRequests, "too-many-listeners",
		fmt.Sprintf("There are %d listeners to events already, as many as there may be; end one first.", MostListeners))
}

// streamEvents writes events until the client or the session ends.
func streamEvents(ctx context.Context, c *serve.Call, control *http.ResponseController, w io.Writer) {
	defer c.Server.Sessions.Listeners.Add(-1)
	stream, done := serve.NewEventStream(ctx, c.Session.Ended, control, w)
	defer done()
	news, last, cancel := c.Session.Journal.Subscribe()
	defer cancel()
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for err := stream.Comment("listening"); err == nil; {
		select {
		case <-ctx.Done():
			return
		case <-c.Session.Ended.Done():
			return
		case <-ticker.C:
			err = stream.Comment("still here")
		case <-news:
			last, err = sendEvents(c, stream, last)
		}
	}
}

// sendEvents sends the exchanges after last and returns the id of the latest.
func sendEvents(c *serve.Call, stream *serve.EventStream, last int64) (int64, error) {
	for made := c.Session.Journal.After(last); made != nil && c.Session.Ended.Err() == nil; made = c.Session.Journal.After(last) {
		last = made.ID
		if err := stream.Send(last, "exchange", encoded(Show(c.Session, made))); err != nil {
			return last, err
		}
	}
	return last, nil
}
