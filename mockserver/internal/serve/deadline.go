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
	// WriteLimit is how long a client may take to read one write.
	WriteLimit = 30 * time.Second
	// finalWriteLimit replaces WriteLimit once the session or the mock ends.
	finalWriteLimit = time.Second
	// bufferSize is how many bytes of a long reply are gathered before they are written.
	bufferSize = 32 << 10
)

// deadlineWriter writes a long reply with a deadline for each write. A client that does not read blocks the mock for
// WriteLimit at most, and hardly at all once the mock ends.
type deadlineWriter struct {
	control   *http.ResponseController
	to        io.Writer
	unlimited bool // the server has no write timeout, so the deadline must be removed at the end

	mutex sync.Mutex
	final time.Time // deadline of all writes once the session has ended; zero before
}

// newDeadlineWriter returns a writer whose deadline shrinks when the context ended is done, and a function that the
// caller must call at the end.
func newDeadlineWriter(ctx, ended context.Context, control *http.ResponseController, w io.Writer) (made *deadlineWriter, done func()) {
	server, _ := ctx.Value(http.ServerContextKey).(*http.Server)
	made = &deadlineWriter{control: control, to: w, unlimited: server == nil || server.WriteTimeout == 0}
	stop := context.AfterFunc(ended, made.shortenDeadline)
	return made, func() {
		stop()
		made.mutex.Lock()
		defer made.mutex.Unlock()
		if made.unlimited && made.final.IsZero() {
			_ = control.SetWriteDeadline(time.Time{}) // or it would apply to the next reply on this connection
		}
	}
}

// shortenDeadline lets all writes, a pending one included, fail soon.
func (p *deadlineWriter) shortenDeadline() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.final = time.Now().Add(finalWriteLimit)
	_ = p.control.SetWriteDeadline(p.final) // a writer without deadlines never blocks
}

// extendDeadline sets the deadline of the next write.
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

// Flush sends the buffered data.
func (p *deadlineWriter) Flush() error {
	p.extendDeadline()
	return p.control.Flush()
}

// InChunks returns a function for [Reply.Stream] that writes a long reply in chunks, without building it in memory.
func InChunks(ended context.Context, write func(io.Writer) error) func(context.Context, *http.ResponseController, io.Writer) {
	return func(ctx context.Context, control *http.ResponseController, w io.Writer) {
		client, done := newDeadlineWriter(ctx, ended, control, w)
		defer done()
		pieces := bufio.NewWriterSize(client, bufferSize)
		if write(pieces) == nil {
			_ = pieces.Flush() // a client that has disconnected misses the rest
		}
	}
}
