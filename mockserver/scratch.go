package mockserver

import "sync"

// scratch is memory for one body, used again by later requests.
type scratch struct{ text []byte }

// mostKept is the size in bytes up to which scratch memory is kept; a rare larger one is left to the collector.
const mostKept = 64 << 10

var scratches = sync.Pool{New: func() any { return &scratch{text: make([]byte, 0, 2048)} }}

// borrow returns empty scratch memory.
func borrow() *scratch { return scratches.Get().(*scratch) }

// giveBack empties the memory, for it may have held a secret, and lets others use it.
func (s *scratch) giveBack() {
	if cap(s.text) > mostKept {
		return
	}
	clear(s.text[:cap(s.text)])
	s.text = s.text[:0]
	scratches.Put(s)
}
