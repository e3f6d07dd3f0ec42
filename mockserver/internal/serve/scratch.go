package serve

import (
	"sync"
)

// Scratch is memory for one body, used again by later requests.
type Scratch struct{ Text []byte }

// mostKept is the size in bytes up to which scratch memory is kept; a rare larger one is left to the collector.
const maxPooled = 64 << 10

var scratchPool = sync.Pool{New: func() any { return &Scratch{Text: make([]byte, 0, 2048)} }}

// Borrow returns empty scratch memory.
func Borrow() *Scratch { return scratchPool.Get().(*Scratch) }

// Release empties the memory, for it may have held a secret, and lets others use it.
func (s *Scratch) Release() {
	if cap(s.Text) > maxPooled {
		return
	}
	clear(s.Text[:cap(s.Text)])
	s.Text = s.Text[:0]
	scratchPool.Put(s)
}
