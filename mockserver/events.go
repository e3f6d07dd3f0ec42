package mockserver

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// keepAlive is how often a stream of events says that it is still there.
const keepAlive = 15 * time.Second

// adminEvents answers with server-sent events: one named exchange for each exchange that ends from now on. The id of an
// event is that of the exchange; who missed some asks the journal for those after the last one.
func (s *Server) adminEvents(*call) *reply {
	return &reply{
		status: http.StatusOK, mediaType: "text/event-stream", text: []byte(": listening\n\n"), stream: s.streamEvents,
	}
}

// streamEvents writes events until the client or the session goes.
func (s *Server) streamEvents(ctx context.Context, control *http.ResponseController, w io.Writer) {
	_ = control.SetWriteDeadline(time.Time{}) // where a server has none, there is none to lift
	events, cancel := s.journal.subscribe()
	defer cancel()
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for {
		if control.Flush() != nil {
			return
		}
		text := []byte(": still here\n\n")
		select {
		case <-ctx.Done():
			return
		case <-s.ended.Done():
			return
		case <-ticker.C:
		case made := <-events:
			text = s.event(&made)
		}
		if _, err := w.Write(text); err != nil {
			return
		}
	}
}

// event encodes one event.
func (s *Server) event(made *exchange) []byte {
	text := append([]byte("id: "), strconv.FormatInt(made.id, 10)...)
	text = append(text, "\nevent: exchange\ndata: "...)
	encoded, err := json.Marshal(s.show(made), json.Deterministic(true))
	if err != nil {
		encoded = []byte("{}")
	}
	return append(append(text, encoded...), "\n\n"...)
}
