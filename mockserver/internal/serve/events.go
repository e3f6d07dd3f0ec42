package serve

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// EventStream writes server-sent events. It is safe for concurrent use. After a write has failed, because the client
// has disconnected or does not read, later writes fail too.
type EventStream struct {
	mutex  sync.Mutex
	client *deadlineWriter
}

// NewEventStream returns a stream that stops writing soon after the context ended is done, and a function that the
// caller must call at the end.
func NewEventStream(ctx, ended context.Context, control *http.ResponseController, w io.Writer) (made *EventStream, done func()) {
	client, done := newDeadlineWriter(ctx, ended, control, w)
	return &EventStream{client: client}, done
}

// Send sends one event. An id of 0 means that the event has no id. The data must not have a newline.
func (s *EventStream) Send(id int64, event string, data []byte) error {
	var text []byte
	if id != 0 {
		text = append(strconv.AppendInt([]byte("id: "), id, 10), '\n')
	}
	text = append(append(text, "event: "+event+"\ndata: "...), data...)
	return s.write(append(text, "\n\n"...))
}

// Comment sends a line that clients ignore.
func (s *EventStream) Comment(text string) error { return s.write([]byte(": " + text + "\n\n")) }

func (s *EventStream) write(text []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, err := s.client.Write(text); err != nil {
		return err
	}
	return s.client.Flush()
}
