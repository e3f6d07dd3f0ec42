package wire

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

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/jsonbound"
)

// Unjudgeable is the panic of a check that looks into an answer that cannot be judged. Guard turns it into the check's reason.
type Unjudgeable struct{ Reason foreign.Mixed }

// MarkUnread records why an answer that came cannot be judged. Only a secret in it is still a finding.
func (e *Exchange) MarkUnread(format string, arguments ...any) {
	e.Value = nil
	e.Failure = &unreadError{e.Method + " " + e.Template, fmt.Sprintf(format, arguments...)}
}

// unreadError says that an answer came, and why it cannot be judged.
type unreadError struct{ request, why string }

func (e *unreadError) Error() string { return "the answer to " + e.request + " " + e.why }

// IsUnread tells whether an answer came that cannot be judged.
func (e *Exchange) IsUnread() bool {
	var unread *unreadError
	return errors.As(e.Failure, &unread)
}

// tooLong describes an answer that is longer than the bound.
func (c *Client) tooLong() string {
	return fmt.Sprintf("is larger than %s and was not read to its end", inUnits(c.Bounds.Answer))
}

func inUnits(size int) string {
	if size >= Mebibyte {
		return fmt.Sprintf("%d MiB", size/Mebibyte)
	}
	return fmt.Sprintf("%d bytes", size)
}

// readBody reads an answer up to one byte beyond the bound. An answer that is not short waits for room, which the exchange keeps
// until it has been looked at. The clock of the request stands still meanwhile.
func (c *Client) readBody(ctx context.Context, clock *clock, e *Exchange, response *http.Response) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(response.Body, ShortAnswer))
	if err != nil || len(head) < ShortAnswer {
		return head, err
	}
	size, first := c.Bounds.Answer, 4*ShortAnswer
	if response.ContentLength >= 0 {
		size = int(min(response.ContentLength, int64(size)))
		first = min(size+bytes.MinRead, 4*Mebibyte)
	}
	clock.pause()
	leave, err := c.reading.acquire(ctx, int64(size))
	clock.goOn()
	e.releases = append(e.releases, leave)
	if err != nil {
		return head, err
	}
	var text bytes.Buffer
	text.Grow(first)
	text.Write(head)
	_, err = text.ReadFrom(io.LimitReader(response.Body, int64(c.Bounds.Answer+1-len(head))))
	return text.Bytes(), err
}

// maxCodings is the number of nested compressions that are undone.
const maxCodings = 3

// inflate undoes compressions that net/http left, so that nothing can hide in them. If it cannot, trouble says why.
func (c *Client) inflate(header http.Header, body []byte) (plain []byte, trouble string) {
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
			return body, fmt.Sprintf("has the encoding %q, which was not asked for and cannot be undone", jsonvalue.Shorten(coding))
		}
		inner, err := io.ReadAll(io.LimitReader(reader, int64(c.Bounds.Answer+1)))
		if err != nil {
			return append(inner, body[:min(len(body), ShortAnswer)]...),
				fmt.Sprintf("is said to have the encoding %q and has not", jsonvalue.Shorten(coding))
		}
		if body = inner; len(body) > c.Bounds.Answer {
			return body, c.tooLong()
		}
	}
	return body, ""
}

var errCoding = errors.New("unknown coding")

// undo returns a reader that decompresses body.
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
		return flate.NewReader(bytes.NewReader(body)), nil // some servers send raw deflate
	}
	return nil, errCoding
}

// look decodes a searched answer, lets the run inspect it, and keeps it for the checks.
func (c *Client) look(ctx context.Context, e *Exchange) {
	defer e.trim()
	if e.Status == 0 {
		return
	}
	leave := c.decode(ctx, e)
	defer leave()
	c.Inspect(e)
	if e.Failure == nil {
		c.keep(e)
	}
}

// decode decodes an answer within the bounds. It returns a function that releases the room for it.
func (c *Client) decode(ctx context.Context, e *Exchange) (leave func()) {
	leave = func() {}
	if e.Failure != nil {
		return leave
	}
	values, size := jsonvalue.Measure(e.Body)
	begins := bytes.TrimLeft(e.Body, " \t\r\n")
	switch structured := len(begins) > 0 && (begins[0] == '{' || begins[0] == '['); {
	case structured && jsonbound.TooDeep(e.Body):
		e.MarkUnread("is nested deeper than anything of this API, beyond %d levels", jsonbound.MaxDepth)
	case structured && values > c.Bounds.Values:
		e.MarkUnread("has more than %d values", c.Bounds.Values)
	}
	if e.Failure == nil && len(e.Body) > ShortAnswer {
		var err error
		if leave, err = c.decoding.acquire(ctx, size); err != nil {
			e.MarkUnread("was not judged, for %s", WhyEnded(ctx))
		}
	}
	if e.Failure == nil {
		e.decode()
	}
	return leave
}

// trim keeps as much of a body as a finding shows, and releases the room of the answer.
func (e *Exchange) trim() {
	e.Size = len(e.Body)
	if len(e.Body) > ShortAnswer && !e.Whole {
		e.Body = bytes.ToValidUTF8(bytes.Clone(e.Body[:ShortAnswer]), nil)
	}
	e.releaseRoom()
	kept := http.Header{}
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if values := e.Header.Values(name); len(values) > 0 {
			kept[name] = []string{jsonvalue.Shorten(values[0])}
		}
	}
	e.Header = kept
}

// releaseRoom releases the room of the answer.
func (e *Exchange) releaseRoom() {
	for _, leave := range e.releases {
		leave()
	}
	e.releases = nil
}

// OutOfTime says why a run ended that took too long.
const OutOfTime = "the time for the run is over; give it more with --timeout"

// WhyEnded says why the run ends, and which flag gives it more time.
func WhyEnded(ctx context.Context) foreign.Mixed {
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return foreign.Say(OutOfTime)
	}
	return foreign.Say("the run was interrupted")
}
