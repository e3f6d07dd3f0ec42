package client

import (
	"bytes"
	"strings"
	"sync"
)

// Watch is where the mock writes its log. It keeps nothing but counts and the first lines that should not be there.
type Watch struct {
	mutex  sync.Mutex
	tail   []byte // an unfinished line
	Lines  int64
	Panics int64
	Marks  int64
	First  []string // of the lines that should not be there
}

// Write looks at each line.
func (w *Watch) Write(text []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.tail = append(w.tail, text...)
	for {
		line, rest, whole := bytes.Cut(w.tail, []byte("\n"))
		if !whole {
			break
		}
		w.look(line)
		w.tail = rest
	}
	w.tail = bytes.Clone(w.tail)
	return len(text), nil
}

func (w *Watch) look(line []byte) {
	w.Lines++
	isPanic := bytes.Contains(line, []byte("panic")) || bytes.Contains(line, []byte("goroutine "))
	if isPanic {
		w.Panics++
	}
	isMarked := marked(line, true)
	if isMarked {
		w.Marks++
	}
	if (isPanic || isMarked) && len(w.First) < 5 {
		w.First = append(w.First, strings.ToValidUTF8(string(line[:min(len(line), 600)]), "?"))
	}
}

// counts returns what was seen so far.
func (w *Watch) counts() (lines, panics, marks int64, first []string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.Lines, w.Panics, w.Marks, w.First
}
