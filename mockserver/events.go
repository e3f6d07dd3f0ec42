package mockserver

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	// keepAlive is how often a stream of events says that it is still there.
	keepAlive = 15 * time.Second
	// mostListeners is how many streams of events there may be at once, of all sessions together.
	mostListeners = 64
)

// adminEvents answers with server-sent events: one named exchange for each exchange that ends from now on. The id of an
// event is that of the exchange; who missed some asks the journal for those after the last one.
func adminEvents(c *call) *reply {
	if c.server.sessions.listeners.Add(1) > mostListeners {
		c.server.sessions.listeners.Add(-1)
		return refuse(http.StatusTooManyRequests, "too-many-listeners",
			fmt.Sprintf("There are %d listeners to events already, as many as there may be; end one first.", mostListeners))
	}
	return &reply{
		status: http.StatusOK, mediaType: "text/event-stream", text: []byte(": listening\n\n"), stream: func(ctx context.Context, control *http.ResponseController, w io.Writer) {
			streamEvents(ctx, c, control, w)
		},
	}
}

// streamEvents writes events until the client or the session goes.
func streamEvents(ctx context.Context, c *call, control *http.ResponseController, w io.Writer) {
	defer c.server.sessions.listeners.Add(-1)
	client, done := newPatient(ctx, c.session.ended, control, w)
	defer done()
	news, last, cancel := c.session.journal.subscribe()
	defer cancel()
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for {
		if client.Flush() != nil {
			return
		}
		text := []byte(": still here\n\n")
		select {
		case <-ctx.Done():
			return
		case <-c.session.ended.Done():
			return
		case <-ticker.C:
		case <-news:
			text = nil
		}
		var err error
		if text != nil {
			_, err = client.Write(text)
		} else {
			last, err = writeEvents(c, client, last)
		}
		if err != nil {
			return
		}
	}
}

// writeEvents writes the events of the exchanges after one, and returns the last of them.
func writeEvents(c *call, w io.Writer, last int64) (int64, error) {
	for made := c.session.journal.after(last); made != nil && c.session.ended.Err() == nil; made = c.session.journal.after(last) {
		last = made.id
		if _, err := w.Write(event(c, made)); err != nil {
			return last, err
		}
	}
	return last, nil
}

// event encodes one event.
func event(c *call, made *exchange) []byte {
	text := append([]byte("id: "), strconv.FormatInt(made.id, 10)...)
	text = append(text, "\nevent: exchange\ndata: "...)
	return append(append(text, encoded(show(c.session, made))...), "\n\n"...)
}
