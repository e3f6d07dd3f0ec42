package contract

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/jsonbound"
)

// cannot is what a check that looks into an answer which cannot be judged ends with; guard makes its reason the check's.
type cannot struct{ reason foreign.Mixed }

// unread says why an answer that came cannot be judged. Nothing of it is a finding but a secret that it shows.
func (e *exchange) unread(format string, arguments ...any) {
	e.value = nil
	e.failure = &unreadError{e.method + " " + e.template, fmt.Sprintf(format, arguments...)}
}

// unreadError says that an answer came, and why it cannot be judged.
type unreadError struct{ request, why string }

func (e *unreadError) Error() string { return "the answer to " + e.request + " " + e.why }

// isUnread tells whether an answer came that cannot be judged.
func (e *exchange) isUnread() bool {
	var unread *unreadError
	return errors.As(e.failure, &unread)
}

// tooLong says of an answer that more of it came than is read.
func (c *client) tooLong() string {
	return fmt.Sprintf("is larger than %s and was not read to its end", inUnits(c.bounds.answer))
}

func inUnits(size int) string {
	if size >= mebibyte {
		return fmt.Sprintf("%d MiB", size/mebibyte)
	}
	return fmt.Sprintf("%d bytes", size)
}

// readBody reads an answer, but at most one byte more than the bound. What is longer than a short answer waits for room, which
// the exchange gives back when it has been looked at; the time for the request does not run meanwhile.
func (c *client) readBody(ctx context.Context, clock *clock, e *exchange, response *http.Response) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(response.Body, shortAnswer))
	if err != nil || len(head) < shortAnswer {
		return head, err
	}
	size := c.bounds.answer
	if response.ContentLength >= 0 {
		size = int(min(response.ContentLength, int64(size)))
	}
	clock.pause()
	leave, err := c.reading.take(ctx, int64(size))
	clock.goOn()
	e.leaves = append(e.leaves, leave)
	if err != nil {
		return head, err
	}
	var text bytes.Buffer
	text.Grow(min(size+bytes.MinRead, 4*mebibyte))
	text.Write(head)
	_, err = text.ReadFrom(io.LimitReader(response.Body, int64(c.bounds.answer+1-len(head))))
	return text.Bytes(), err
}

// maxCodings is how many compressions round each other are undone.
const maxCodings = 3

// inflate undoes the compressions that net/http left, so that nothing can hide in them. It says why it cannot, or nothing.
func (c *client) inflate(header http.Header, body []byte) (plain []byte, trouble string) {
	codings := strings.FieldsFunc(strings.ToLower(strings.Join(header.Values("Content-Encoding"), ",")), func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t'
	})
	if len(body) == 0 {
		return body, ""
	}
	if len(codings) > maxCodings {
		return body, "is compressed more often than can be undone"
	}
	for _, coding := range slices.Backward(codings) {
		reader, err := undo(coding, body)
		if err != nil {
			return body, fmt.Sprintf("has the encoding %q, which was not asked for and cannot be undone", quoted(coding))
		}
		inner, err := io.ReadAll(io.LimitReader(reader, int64(c.bounds.answer+1)))
		if err != nil {
			return append(inner, body[:min(len(body), shortAnswer)]...), fmt.Sprintf("is said to have the encoding %q and has not", quoted(coding))
		}
		if body = inner; len(body) > c.bounds.answer {
			return body, c.tooLong()
		}
	}
	return body, ""
}

var errCoding = errors.New("unknown coding")

// undo returns a reader of what was compressed.
func undo(coding string, body []byte) (io.Reader, error) {
	switch coding {
	case "identity":
		return bytes.NewReader(body), nil
	case "gzip", "x-gzip":
		return gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		if reader, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			return reader, nil
		}
		return flate.NewReader(bytes.NewReader(body)), nil // as some servers understand it
	}
	return nil, errCoding
}

// look decodes an answer that was searched, has the run note what it asks of it, and keeps what checks look at.
func (c *client) look(ctx context.Context, e *exchange) {
	defer e.trim()
	if e.status == 0 {
		return
	}
	leave := c.decode(ctx, e)
	defer leave()
	c.inspect(e)
	if e.failure == nil {
		c.keep(e)
	}
}

// decode decodes an answer within the bounds. It returns what gives back the room for that.
func (c *client) decode(ctx context.Context, e *exchange) (leave func()) {
	leave = func() {}
	if e.failure != nil {
		return leave
	}
	values, size := measure(e.body)
	begins := bytes.TrimLeft(e.body, " \t\r\n")
	switch structured := len(begins) > 0 && (begins[0] == '{' || begins[0] == '['); {
	case structured && jsonbound.TooDeep(e.body):
		e.unread("is nested deeper than anything of this API, beyond %d levels", jsonbound.MaxDepth)
	case structured && values > c.bounds.values:
		e.unread("has more than %d values", c.bounds.values)
	}
	if e.failure == nil && len(e.body) > shortAnswer {
		var err error
		if leave, err = c.decoding.take(ctx, size); err != nil {
			e.unread("was not judged, for %s", over(ctx))
		}
	}
	if e.failure == nil {
		e.decode()
	}
	return leave
}

// trim keeps as much of a body as a finding shows, and gives back the room that the answer took.
func (e *exchange) trim() {
	e.size = len(e.body)
	if len(e.body) > shortAnswer && !e.whole {
		e.body = bytes.ToValidUTF8(bytes.Clone(e.body[:shortAnswer]), nil)
	}
	e.leave()
	kept := http.Header{}
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if values := e.header.Values(name); len(values) > 0 {
			kept[name] = []string{quoted(values[0])}
		}
	}
	e.header = kept
}

// leave gives back the room that the answer took.
func (e *exchange) leave() {
	for _, leave := range e.leaves {
		leave()
	}
	e.leaves = nil
}

const outOfTime = "the time for the run is over; give it more with --timeout"

// over says that the run ends, and what gives it more time.
func over(ctx context.Context) foreign.Mixed {
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return foreign.Say(outOfTime)
	}
	return foreign.Say("the run was interrupted")
}
