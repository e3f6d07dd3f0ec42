package collector

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestPercent(t *testing.T) {
	for live, owed := range map[uint64]int{0: 2400, 4 << 20: 600, 12 << 20: 200, 24 << 20: 100, 500 << 20: 100} {
		if got := percent(live); got != owed {
			t.Errorf("a heap of %d bytes grows by %d %%, not %d", live, got, owed)
		}
	}
}

// paceAfter waits until a collection has set another pace than the given one, and returns it. It gives up after some tries.
func paceAfter(before, tries int) int {
	runtime.GC()
	for range tries { // the cleanup runs soon after the collection
		pace := debug.SetGCPercent(before)
		debug.SetGCPercent(pace)
		if pace != before {
			return pace
		}
		runtime.Gosched()
	}
	return before
}

// A collection sets the pace by the size of the heap, unless it is fixed.
func TestPace(t *testing.T) {
	fixed.Store(false)
	const some, other, few, many = 77, 55, 10_000, 1_000_000
	defer debug.SetGCPercent(debug.SetGCPercent(some))
	adjust()
	if pace := paceAfter(some, many); pace <= usual {
		t.Errorf("a small heap grows by %d %%", pace)
	}
	undo := Fix(other)
	if pace := paceAfter(other, few); pace != other {
		t.Errorf("a fixed pace became %d %%", pace)
	}
	undo()
	debug.SetGCPercent(some)
	if pace := paceAfter(some, many); pace <= usual {
		t.Errorf("afterwards, a small heap grows by %d %%", pace)
	}
}
