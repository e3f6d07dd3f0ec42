package target

import (
	"fmt"
	"time"
)

// drip is the pause between two bytes of a slow server: in a long run an answer takes longer than a client may wait.
func (s *Server) drip() time.Duration { return time.Duration(s.size(1, 200)) * time.Millisecond }

// slowKinds take their time.
func slowKinds() []Kind {
	return []Kind{
		{Name: "never-answers", Does: "reads and says nothing", Hides: true, bend: (*exchange).silent},
		{Name: "never-reads", Does: "accepts and neither reads nor writes", Hides: true, meet: func(m *meeting) { <-m.ctx.Done() }},
		{Name: "stops-answering", Does: "says nothing more after fifty requests", Hides: true, bend: func(e *exchange) {
			if e.nth > 50 {
				e.silent()
			}
		}},
		{Name: "slow-headers", Does: "sends headers a byte at a time", Hides: true, bend: func(e *exchange) {
			e.slowly(append(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text))...))
			e.write(e.text)
		}},
		{Name: "slow-body", Does: "sends the body a byte at a time", Hides: true, bend: func(e *exchange) {
			e.write(e.head(), fmt.Sprintf("Content-Length: %d\r\n\r\n", len(e.text)))
			e.slowly(e.text)
		}},
		{Name: "slow-answers", Does: "takes a fifth of a second for every answer", bend: func(e *exchange) { e.pause(200 * time.Millisecond) }},
		{Name: "slow-tls", Does: "offers https and says nothing", scheme: "https", Hides: true, meet: (*meeting).hold},
		{Name: "no-tls", Does: "offers https and speaks http", scheme: "https", Hides: true, meet: func(m *meeting) {
			_, _ = m.conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n\x1b[2J"))
			m.hold()
		}},
	}
}

func (e *exchange) silent() {
	e.written = true
	e.hold()
}

func (e *exchange) slowly(text []byte) {
	for i := range text {
		if !e.write(text[i:i+1]) || !e.pause(e.drip()) {
			e.closing = true
			return
		}
	}
}
