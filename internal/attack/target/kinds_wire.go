package target

import (
	"fmt"
	"net"
	"strings"
)

// wireKinds break the framing of HTTP.
func wireKinds() []Kind { return append(lengthKinds(), connectionKinds()...) }

func lengthKinds() []Kind {
	return []Kind{
		{Name: "cut", Does: "ends every body in its middle", Hides: true, bend: cut},
		{Name: "cut-later", Does: "ends every fifth body in its middle", bend: func(e *exchange) {
			if e.nth%5 == 0 {
				cut(e)
			}
		}},
		{Name: "length-too-long", Does: "announces more than it sends and keeps the connection", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text)+1000), e.text)
			e.hold()
		}},
		{Name: "length-too-short", Does: "sends more than it announces", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text)/2), e.text)
		}},
		{Name: "length-twice", Does: "announces two lengths", Hides: true,
			bend: func(e *exchange) { e.lines = append(e.lines, "Content-Length: 3") }},
		{Name: "length-huge", Does: "announces 2^62 bytes and sends blanks for ever", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), "Content-Length: 4611686018427387904\r\n\r\n")
			e.forever(strings.Repeat(" ", 1<<16))
		}},
		{Name: "endless-body", Does: "sends an endless string", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), "Transfer-Encoding: chunked\r\n\r\n", "2\r\n{\"\r\n")
			e.forever("10000\r\n" + strings.Repeat("a", 1<<16) + "\r\n")
		}},
		{Name: "endless-after", Does: "sends blanks for ever after a sound body", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), "Transfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n", len(e.text)), e.text, "\r\n")
			e.forever("10000\r\n" + strings.Repeat(" ", 1<<16) + "\r\n")
		}},
		{Name: "chunk-size", Does: "sends a chunk of an absurd size", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", e.text)
			e.closing = true
		}},
		{Name: "chunk-extension", Does: "sends an endless extension of a chunk", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), "Transfer-Encoding: chunked\r\n\r\n2;a=")
			e.forever(strings.Repeat("b", 1<<12))
		}},
	}
}

func connectionKinds() []Kind {
	return []Kind{
		{Name: "http-1.0", Does: "answers as HTTP/1.0 and ends the connection", Sound: true, bend: func(e *exchange) {
			e.proto, e.closing = "HTTP/1.0", true
		}},
		{Name: "http-0.9", Does: "sends a body alone", Hides: true, bend: func(e *exchange) { e.write(e.text); e.closing = true }},
		{Name: "junk-after", Does: "sends a second answer that nobody asked for", Hides: true, bend: func(e *exchange) {
			e.send()
			e.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull")
		}},
		{Name: "junk-before", Does: "sends bytes before the status line", Hides: true, bend: func(e *exchange) {
			e.write("\x00\x1b[2J\r\nHTTP/1.1 ")
			e.send()
			e.closing = true
		}},
		{Name: "upgrade", Does: "answers 101", Hides: true, bend: func(e *exchange) {
			e.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tls/1.0\r\n\r\n")
			e.hold()
		}},
		{Name: "accepts-and-closes", Does: "closes every connection at once", Hides: true, meet: func(*meeting) {}},
		{Name: "resets", Does: "resets every connection", Hides: true, meet: func(m *meeting) {
			if plain, isTCP := m.conn.(*net.TCPConn); isTCP {
				_ = plain.SetLinger(0)
			}
		}},
		{Name: "resets-later", Does: "does what it is asked and resets every seventh connection", Hides: true, bend: func(e *exchange) {
			if e.nth%7 == 0 {
				e.reset()
			}
		}},
		{Name: "dies", Does: "is gone after a hundred requests", Hides: true, bend: func(e *exchange) {
			if e.nth > 100 {
				_ = e.socket.Close()
				e.reset()
			}
		}},
	}
}

func cut(e *exchange) {
	e.write(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text)), e.text[:len(e.text)/2])
	e.closing = true
}

// forever writes a piece until the client or the server goes.
func (e *exchange) forever(piece string) {
	for e.ctx.Err() == nil && e.write(piece) {
	}
	e.closing = true
}
