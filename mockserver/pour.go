package mockserver

import (
	"context"
	"io"
	"net/http"

	"github.com/credmock/credmock/internal/view"
)

const (
	// mostAtOnce is how many records an answer may have that is made as a whole. A longer one is written record by record, so that it
	// takes no more memory than a short one.
	mostAtOnce = 100
	// pourSize is how many bytes of such an answer are gathered before they are written.
	pourSize = 32 << 10
	// lookUp is after how many records it is asked whether the client is still there.
	lookUp = 1000
)

// pour writes a body. It can be done more than once, and writes the same each time.
type pour func(ctx context.Context, to io.Writer) error

// whole returns a pour of a body that is there as a whole.
func whole(text []byte) pour {
	return func(_ context.Context, to io.Writer) error {
		_, err := to.Write(text)
		return err
	}
}

// counted counts what is written.
type counted struct {
	to     io.Writer
	length int
}

func (c *counted) Write(text []byte) (int, error) {
	written, err := c.to.Write(text)
	c.length += written
	return written, err
}

// pourOut writes an answer whose body is not made as a whole. Where that fails halfway the connection ends, so that nobody takes the
// half for all of it.
func (c *call) pourOut(w http.ResponseWriter, answer *reply) {
	written := &counted{to: w}
	defer func() {
		if recovered := recover(); recovered != nil {
			c.report(recovered)
			c.aborted = true
		}
		c.settleAnswer(answer, written.length, !c.aborted)
	}()
	if c.fault != nil && c.fault.breakage != "" {
		length := &counted{to: io.Discard}
		if c.aborted = answer.pour(c.Context(), length) != nil; !c.aborted {
			c.breakOff(w, answer.status, length.length, answer.pour)
			written.length = length.length
		}
		return
	}
	w.WriteHeader(answer.status)
	c.aborted = answer.pour(c.Context(), written) != nil
}

// settleAnswer notes what was written, for the journal. A short answer is kept there as any other; of others there is nothing to keep.
func (c *call) settleAnswer(answer *reply, length int, complete bool) {
	answer.length, answer.pour = length, nil
	if complete && length <= mostRemembered {
		c.redact(answer)
		return
	}
	if answer.member != "" {
		answer.payload = map[string]any{answer.member: withheldArray}
	}
	answer.records, answer.many = nil, false
}

// checkEach holds the records of an answer to the document, one by one.
func (c *call) checkEach(answer *reply) []view.Violation {
	var broken []view.Violation
	var room view.Shown
	for i, record := range answer.records {
		room = c.viewOf(answer, record, room)
		broken = append(broken, room.Check()...)
		if len(broken) > view.MostFound || i%lookUp == 0 && c.Context().Err() != nil {
			break
		}
	}
	return view.First(broken)
}

// pourRecords returns what writes the records of an answer, redacted one by one. They are the ones that were checked: a record never
// changes.
func (c *call) pourRecords(answer *reply) pour {
	records := answer.records
	return func(ctx context.Context, to io.Writer) error {
		text := append(append(make([]byte, 0, pourSize+pourSize/4), c.model.meta...), `"payload":{`...)
		text = append(view.AppendValue(text, answer.member), `:[`...)
		var room view.Shown
		for i, record := range records {
			if i > 0 {
				text = append(text, ',')
			}
			room = c.viewOf(answer, record, room)
			if text = room.Append(text); len(text) < pourSize {
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
