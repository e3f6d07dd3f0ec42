// Package collector sets the pace of the garbage collector. A program imports it for this effect.
//
// Go initializes packages in the order of their paths where imports permit. So this one comes before most libraries, whose
// initialization would otherwise bring the first collection.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

const (
	// leastGrowth is the number of bytes by which the heap grows before it is collected. A mock that keeps little would otherwise be
	// collected hundreds of times a second. A start ends before the first collection.
	leastGrowth = 24 << 20
	// usual is the percentage by which a heap grows that is larger, as without this package.
	usual = 100
	// smallHeap is the percentage until the first collection, of the 4 MiB that Go takes for the smallest heap.
	smallHeap = 400
)

// fixed tells whether the pace is set by hand.
var fixed atomic.Bool

func init() {
	if os.Getenv("GOGC") != "" {
		fixed.Store(true)
		return
	}
	debug.SetGCPercent(smallHeap)
	adjust()
}

// adjust sets the pace anew after each collection.
func adjust() {
	type collected struct{ _ *int } // with a pointer: the runtime may join objects without one
	runtime.AddCleanup(new(collected), func(int) {
		if !fixed.Load() {
			debug.SetGCPercent(percent(live()))
			adjust()
		}
	}, 0)
}

// percent returns by how much of its size a heap grows before it is collected.
func percent(live uint64) int {
	return max(usual, int(leastGrowth*100/max(live, 1<<20))) //nolint:gosec // it is at most 2400
}

// live returns the number of bytes that the last collection found in use.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Fix lets the heap grow by a percentage of its size, unless the environment sets one. It returns a function that undoes that.
func Fix(percent int) (undo func()) {
	if fixed.Swap(true) {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() {
		debug.SetGCPercent(before)
		fixed.Store(false)
		adjust()
	}
}
