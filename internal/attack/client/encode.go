package client

import (
	"bytes"
	"strconv"
	"strings"
)

// header is one line of a request, written as it is.
type header struct{ name, value string }

// encode writes a request with sound framing.
func (w *worker) encode(method, path string, headers []header, body []byte) []byte {
	var text bytes.Buffer
	text.Grow(512 + len(body))
	text.WriteString(method + " " + path + " HTTP/1.1\r\nHost: " + w.address + "\r\n")
	for _, one := range headers {
		text.WriteString(one.name + ": " + one.value + "\r\n")
	}
	if len(body) > 0 && w.random.IntN(12) == 0 {
		text.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		w.chunks(&text, body)
		return text.Bytes()
	}
	if len(body) > 0 || method == "POST" {
		text.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	text.WriteString("\r\n")
	text.Write(body)
	return text.Bytes()
}

// chunks writes a body in pieces, in ways that are allowed and rare.
func (w *worker) chunks(text *bytes.Buffer, body []byte) {
	for len(body) > 0 {
		length := 1 + w.random.IntN(len(body))
		text.WriteString(strings.Repeat("0", w.random.IntN(3)) + strconv.FormatInt(int64(length), 16))
		if w.random.IntN(4) == 0 {
			text.WriteString(`;` + mark + `="x"`)
		}
		text.WriteString("\r\n")
		text.Write(body[:length])
		text.WriteString("\r\n")
		body = body[length:]
	}
	text.WriteString("0\r\n")
	if w.random.IntN(4) == 0 {
		text.WriteString("X-Last: " + mark + "\r\n")
	}
	text.WriteString("\r\n")
}

func pick[T any](w *worker, from ...T) T { return from[w.random.IntN(len(from))] }

// oneIn tells, once in so many times, that something rare is to be done.
func (w *worker) oneIn(times int) bool { return w.random.IntN(times) == 0 }
