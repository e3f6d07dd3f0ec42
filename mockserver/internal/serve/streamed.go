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
	// MostAtOnce is how many records an answer may have that is made as a whole. A longer one is written record by record, so that it
	// takes no more memory than a short one.
	MaxBuffered = 100
	// PourSize is how many bytes of such an answer are gathered before they are written.
	ChunkSize = 32 << 10
	// lookUp is after how many records it is asked whether the client is still there.
	cancelInterval = 1000
)

// pour writes a body. It can be done more than once, and writes the same each time.
type bodyStream func(ctx context.Context, to io.Writer) error

// whole returns a pour of a body that is there as a whole.
func fixedBody(text []byte) bodyStream {
	return func(_ context.Context, to io.Writer) error {
		_, err := to.Write(text)
		return err
	}
}

// counted counts what is written.
type countingWriter struct {
	to     io.Writer
	length int
}

func (c *countingWriter) Write(text []byte) (int, error) {
	written, err := c.to.Write(text)
	c.length += written
	return written, err
}

// pourOut writes an answer whose body is not made as a whole. Where that fails halfway the connection ends, so that nobody takes the
// half for all of it.
func (c *Call) writeStream(w http.ResponseWriter, answer *Reply) {
	written := &countingWriter{to: w}
	defer func() {
		if recovered := recover(); recovered != nil {
			c.logPanic(recovered)
			c.aborted = true
		}
		c.recordStreamed(answer, written.length, !c.aborted)
	}()
	if c.fault != nil && c.fault.Breakage != "" {
		length := &countingWriter{to: io.Discard}
		if c.aborted = answer.StreamBody(c.Context(), length) != nil; !c.aborted {
			c.writeBroken(w, answer.Status, length.length, answer.StreamBody)
			written.length = length.length
		}
		return
	}
	w.WriteHeader(answer.Status)
	c.aborted = answer.StreamBody(c.Context(), written) != nil
}

// noteWritten notes what was written, for the journal. A short answer is kept there as any other; of others there is nothing to keep.
func (c *Call) recordStreamed(answer *Reply, length int, complete bool) {
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

// checkEach holds the records of an answer to the document, one by one.
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

// pourRecords returns what writes the records of an answer, redacted one by one. They are the ones that were checked: a record never
// changes.
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
