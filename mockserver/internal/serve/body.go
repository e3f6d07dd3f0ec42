package serve

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/jsonbody"
)

// BodyLimit is the largest size of a body, in bytes.
const BodyLimit = 1 << 20 // docs/contract.md#statuses

// decode reads the JSON body of an operation that has one. It is the only place that reads it.
func decode(c *Call) *Reply {
	if c.Route.MediaType != MediaTypeJSON {
		return nil // no body, or one that the action reads itself
	}
	if refusal := CheckMediaType(c); refusal != nil {
		return refusal
	}
	read := Borrow()
	defer read.Release() // decoding copies what it keeps
	if refusal := read.Fill(c, BodyLimit); refusal != nil {
		return refusal
	}
	var violation *view.Violation
	if c.JSON, violation = jsonbody.DecodeObject(read.Text); violation != nil {
		c.KeepText(read.Text)
	}
	return BadBody(violation)
}

// MediaTypeJSON is the media type of the API.
const MediaTypeJSON = "application/json"

// CheckMediaType refuses a body whose Content-Type is not the operation's media type. It ignores parameters such as
// charset.
func CheckMediaType(c *Call) *Reply {
	sent, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	encoding := c.Header.Get("Content-Encoding")
	if strings.EqualFold(strings.TrimSpace(sent), c.Route.MediaType) && (encoding == "" || strings.EqualFold(encoding, "identity")) {
		return nil
	}
	return Refuse(http.StatusUnsupportedMediaType, "unsupported-media-type",
		"Send Content-Type: "+c.Route.MediaType+", and no Content-Encoding.")
}

// Scratch is a reusable buffer for one body.
type Scratch struct{ Text []byte }

// maxPooled is the largest capacity in bytes of a buffer that returns to the pool.
const maxPooled = 64 << 10

var scratchPool = sync.Pool{New: func() any { return &Scratch{Text: make([]byte, 0, 2048)} }}

// Borrow returns an empty buffer.
func Borrow() *Scratch { return scratchPool.Get().(*Scratch) }

// Release returns the buffer to the pool. It clears the memory, which may hold a secret.
func (s *Scratch) Release() {
	if cap(s.Text) > maxPooled {
		return
	}
	clear(s.Text[:cap(s.Text)])
	s.Text = s.Text[:0]
	scratchPool.Put(s)
}

// digestSeed makes the digests of a process useless to others: they tell nothing of a secret in a body.
var digestSeed = maphash.MakeSeed()

// Fill reads the whole body, up to limit bytes. It returns a refusal if the body is larger or incomplete.
func (s *Scratch) Fill(c *Call, limit int) *Reply {
	if c.ContentLength > int64(limit) {
		return TooLarge(limit)
	}
	for len(s.Text) <= limit {
		s.Text = slices.Grow(s.Text, 512)
		read, err := c.Body.Read(s.Text[len(s.Text):cap(s.Text)])
		s.Text = s.Text[:len(s.Text)+read]
		c.Length = len(s.Text)
		if errors.Is(err, io.EOF) && len(s.Text) <= limit {
			c.digest = maphash.Bytes(digestSeed, s.Text)
			return nil
		}
		if err != nil && len(s.Text) <= limit {
			return Refuse(http.StatusBadRequest, "unreadable-body", "The body ended before it was complete.")
		}
	}
	return TooLarge(limit)
}

// TooLarge returns the refusal of a body of more than limit bytes.
func TooLarge(limit int) *Reply {
	return Refuse(http.StatusRequestEntityTooLarge, "content-too-large", fmt.Sprintf("A body may have %d bytes at most.", limit))
}

// unusedTime is how long a reply waits for a body that only the journal needs.
const unusedTime = time.Second

// readUnused reads the body of a request that is answered without it, such as a 401, so that the journal has it. A
// long or late body is left to answerEarly.
func (c *Call) readUnused(w http.ResponseWriter) {
	if c.Length > 0 || c.ContentLength == 0 || c.Body == nil || c.ContentLength > journal.MaxBody || !c.isKept() ||
		c.Header.Get("Expect") != "" {
		return
	}
	overNetwork := c.Context().Value(http.LocalAddrContextKey) != nil
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Now().Add(unusedTime)) != nil && overNetwork {
		return
	}
	read := Borrow()
	defer read.Release()
	if read.Fill(c, journal.MaxBody) == nil {
		c.KeepText(read.Text)
		_ = control.SetReadDeadline(time.Time{}) // or a reply that takes longer would be broken off
	}
}

// KeepText keeps a body for the journal that is not decoded into JSON: the members of a JSON object or a form, and any
// other text of which the journal shows only the names that the document has.
func (c *Call) KeepText(text []byte) {
	if c.unused = membersOf(text, c.Header.Get("Content-Type")); c.unused == nil && len(text) <= journal.MaxBody {
		c.unread = bytes.Clone(text)
	}
}

// membersOf returns the members of a body that is a JSON object or a form, or nil.
func membersOf(text []byte, contentType string) map[string]any {
	if members, violation := jsonbody.DecodeObject(text); violation == nil {
		return members
	}
	media, _, _ := strings.Cut(contentType, ";")
	form, err := url.ParseQuery(string(text))
	if err != nil || !strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded") {
		return nil
	}
	members := map[string]any{}
	for name, values := range form {
		members[name] = strings.Join(values, ", ")
	}
	return members
}

const (
	// drainBytes is how much of a body is read after the reply if nobody needs it.
	drainBytes = 64 << 20
	// drainTime is how long a client may take to send it.
	drainTime = 10 * time.Second
)

// answerEarly prepares a reply to a request whose body was not read to its end. The returned function reads the rest
// after the reply, within bounds. Many clients read nothing before they have sent everything, and the end of the
// connection would hide the reply from them.
func (c *Call) answerEarly(w http.ResponseWriter) (readOn func()) {
	isRead := c.ContentLength >= 0 && int64(c.Length) >= c.ContentLength
	if isRead || c.Length == 0 && c.Header.Get("Expect") != "" { // such a client sends nothing before it is told to
		return func() {}
	}
	control := http.NewResponseController(w)
	if control.EnableFullDuplex() != nil {
		return func() {}
	}
	c.early = true
	return func() {
		if control.Flush() == nil && control.SetReadDeadline(time.Now().Add(c.Server.DrainTime)) == nil {
			_, _ = io.CopyN(io.Discard, c.Body, drainBytes) // a client that has disconnected needs no more
		}
	}
}

// Instructions decodes the JSON body of a request to the mock's own surface into a pointer to a struct, and refuses
// members that the struct lacks. Without a body the value stays as it is. It ignores Content-Type, so that a short
// curl line works.
func (c *Call) Instructions(into any) *Reply {
	read := Borrow()
	defer read.Release()
	if refusal := read.Fill(c, BodyLimit); refusal != nil || len(read.Text) == 0 {
		return refusal
	}
	return BadBody(jsonbody.DecodeInto(read.Text, into))
}

// BadBody returns the refusal of a body for a violation, or nil for none.
func BadBody(violation *view.Violation) *Reply {
	if violation == nil {
		return nil
	}
	return BadRequest([]view.Violation{*violation})
}
