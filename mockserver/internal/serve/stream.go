package serve

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// WriteLimit is how long a client may take to read what is written to it at once.
	WriteLimit = 30 * time.Second
	// lastWrites is how long it may take when the session or the mock ends.
	finalWriteLimit = time.Second
	// pieceSize is how much of a long answer is gathered before it is written.
	bufferSize = 32 << 10
)

// deadlineWriter writes an answer that goes on for long. Each write has a time of its own, in which a client must read: one that never
// reads holds nothing for long, and nothing at all when the mock ends.
type deadlineWriter struct {
	control   *http.ResponseController
	to        io.Writer
	unlimited bool // no limit was there before

	mutex sync.Mutex
	final time.Time // after which nothing is written; zero for not yet
}

// newDeadlineWriter returns a writer, and what ends its work.
func newDeadlineWriter(ctx, ended context.Context, control *http.ResponseController, w io.Writer) (made *deadlineWriter, done func()) {
	server, _ := ctx.Value(http.ServerContextKey).(*http.Server)
	made = &deadlineWriter{control: control, to: w, unlimited: server == nil || server.WriteTimeout == 0}
	stop := context.AfterFunc(ended, made.shortenDeadline)
	return made, func() {
		stop()
		made.mutex.Lock()
		defer made.mutex.Unlock()
		if made.unlimited && made.final.IsZero() {
			_ = control.SetWriteDeadline(time.Time{}) // or it would meet the next answer on this connection
		}
	}
}

// hurry lets little time pass until nothing is written any more, for a write that is under way, too.
func (p *deadlineWriter) shortenDeadline() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.final = time.Now().Add(finalWriteLimit)
	_ = p.control.SetWriteDeadline(p.final) // a writer that knows no deadline never waits for a client
}

// begin gives a write its time.
func (p *deadlineWriter) extendDeadline() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	limit := p.final
	if limit.IsZero() {
		limit = time.Now().Add(WriteLimit)
	}
	_ = p.control.SetWriteDeadline(limit)
}

func (p *deadlineWriter) Write(text []byte) (int, error) {
	p.extendDeadline()
	return p.to.Write(text)
}

// Flush sends what was written on its way.
func (p *deadlineWriter) Flush() error {
	p.extendDeadline()
	return p.control.Flush()
}

// InPieces returns what writes a long answer piece by piece, so that it is nowhere as a whole.
func InChunks(ended context.Context, write func(io.Writer) error) func(context.Context, *http.ResponseController, io.Writer) {
	return func(ctx context.Context, control *http.ResponseController, w io.Writer) {
		client, done := newDeadlineWriter(ctx, ended, control, w)
		defer done()
		pieces := bufio.NewWriterSize(client, bufferSize)
		if write(pieces) == nil {
			_ = pieces.Flush() // a client that has gone misses the rest
		}
	}
}
