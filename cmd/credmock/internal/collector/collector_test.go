package collector

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// TestOnlyTheFirstCollectionWaits checks that the pace is the usual one again after a collection.
func TestOnlyTheFirstCollectionWaits(t *testing.T) {
	const slow, usual = 400, 123
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	postpone()
	if pace := debug.SetGCPercent(slow); pace != slow {
		t.Errorf("before the first collection, the pace is %d", pace)
	}
	runtime.GC()
	for range 1_000_000 { // the cleanup runs soon after the collection
		if debug.SetGCPercent(slow) == usual {
			return
		}
		runtime.Gosched()
	}
	t.Error("after a collection, the pace is still slow")
}
