package serve

import (
	"context"
	"io"
	"net/http"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/journal"
)

const (
	// MaxBuffered is the largest number of records in a reply that is built in memory. A longer one is written record
	// by record, so that it takes no more memory than a short one.
	MaxBuffered = 100
	// ChunkSize is how many bytes of a streamed body are gathered before they are written.
	ChunkSize = 32 << 10
	// cancelInterval is the number of records between two checks whether the client has disconnected.
	cancelInterval = 1000
)

// bodyStream writes a body. It can be called more than once, and writes the same each time.
type bodyStream func(ctx context.Context, to io.Writer) error

// fixedBody returns a bodyStream that writes a text.
func fixedBody(text []byte) bodyStream {
	return func(_ context.Context, to io.Writer) error {
		_, err := to.Write(text)
		return err
	}
}

// countingWriter counts the bytes that are written to it.
type countingWriter struct {
	to     io.Writer
	length int
}

func (c *countingWriter) Write(text []byte) (int, error) {
	written, err := c.to.Write(text)
	c.length += written
	return written, err
}

// heldWriter holds each text back until the next one is written.
type heldWriter struct {
	to   io.Writer
	held []byte
}

func (h *heldWriter) Write(text []byte) (int, error) {
	if err := h.release(); err != nil {
		return 0, err
	}
	h.held = append(h.held, text...)
	return len(text), nil
}

// release writes the held text.
func (h *heldWriter) release() error {
	if len(h.held) == 0 {
		return nil
	}
	_, err := h.to.Write(h.held)
	h.held = h.held[:0]
	return err
}

// writeStream writes a reply with a streamed body. If that fails halfway, the connection is aborted, so that no
// client takes the part for the whole.
func (c *Call) writeStream(w http.ResponseWriter, answer *Reply) {
	body, last := answer.StreamBody, &heldWriter{to: w}
	written := &countingWriter{to: last}
	defer func() {
		if recovered := recover(); recovered != nil {
			c.logPanic(recovered)
			c.aborted = true
		}
		c.recordStreamed(answer, written.length, false)
	}()
	if c.fault != nil && c.fault.Breakage != "" {
		written.to = io.Discard
		if c.aborted = body(c.Context(), written) != nil; !c.aborted {
			c.prepare(answer, written.length, true)
			c.writeBroken(w, answer, written.length, body)
		}
		return
	}
	w.WriteHeader(answer.Status)
	if c.aborted = body(c.Context(), written) != nil; !c.aborted {
		c.recordStreamed(answer, written.length, true)
		c.aborted = last.release() != nil
	}
}

// recordStreamed records a streamed reply, if it is not recorded yet.
func (c *Call) recordStreamed(answer *Reply, length int, complete bool) {
	if !c.recorded {
		c.prepare(answer, length, complete)
		c.record(answer)
	}
}

// prepare prepares a streamed reply for the journal, which keeps only the length of a long one.
func (c *Call) prepare(answer *Reply, length int, complete bool) {
	answer.length, answer.StreamBody = length, nil
	if complete && length <= journal.MaxBody {
		c.redact(answer)
		return
	}
	if answer.Member != "" {
		answer.Payload = map[string]any{answer.Member: censor.MaskArray}
	}
	answer.Records, answer.Many = nil, false
}

// checkEach checks the records of a reply against the document, one by one.
func (c *Call) checkEach(answer *Reply) []view.Violation {
	var violations []view.Violation
	var room view.Shown
	for i, record := range answer.Records {
		room = c.viewOf(answer, record, room)
		violations = append(violations, room.Check()...)
		if len(violations) > view.MostFound || i%cancelInterval == 0 && c.Context().Err() != nil {
			break
		}
	}
	return view.First(violations)
}

// streamRecords returns a bodyStream that writes the records of a reply, each redacted. They are the records that
// were checked: a record never changes.
func (c *Call) streamRecords(answer *Reply) bodyStream {
	records := answer.Records
	return func(ctx context.Context, to io.Writer) error {
		text := append(append(make([]byte, 0, ChunkSize+ChunkSize/4), c.Model.Meta...), `"payload":{`...)
		text = append(view.AppendValue(text, answer.Member), `:[`...)
		var room view.Shown
		for i, record := range records {
			if i > 0 {
				text = append(text, ',')
			}
			room = c.viewOf(answer, record, room)
			if text = room.Append(text); len(text) < ChunkSize {
				continue
			}
			if _, err := to.Write(text); err != nil {
				return err
			}
			if text = text[:0]; ctx.Err() != nil {
				return ctx.Err()
			}
		}
		_, err := to.Write(append(text, "]}}\n"...))
		return err
	}
}
