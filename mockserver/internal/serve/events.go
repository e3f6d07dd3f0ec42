package serve

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// EventStream writes server-sent events. Several goroutines may send at once. After a write fails, because the client is gone or does
// not read, further ones fail too.
type EventStream struct {
	mutex  sync.Mutex
	client *deadlineWriter
}

// NewEventStream returns a stream that ends with a session, and a function that the caller calls at the end.
func NewEventStream(ctx, ended context.Context, control *http.ResponseController, w io.Writer) (made *EventStream, done func()) {
	client, done := newDeadlineWriter(ctx, ended, control, w)
	return &EventStream{client: client}, done
}

// Send sends one event. An id of 0 stands for none. The data is one line.
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
