package serve

import (
	"sync"
)

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
