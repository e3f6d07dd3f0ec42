// Package collector lets the first garbage collection of the program wait. A program imports it for this effect.
//
// Go initializes packages in the order of their paths where imports permit. So this one comes before most libraries, whose
// initialization would otherwise bring the first collection.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
)

// init lets the first collection wait until the heap has 16 MiB instead of 4. Short commands end before, and serve listens before. The
// collections after it come as usual. A pace that the environment sets stays.
func init() {
	if os.Getenv("GOGC") == "" {
		postpone()
	}
}

func postpone() {
	usual := debug.SetGCPercent(400)
	type collected struct{ _ *int } // with a pointer: the runtime may join objects without one
	runtime.AddCleanup(new(collected), func(percent int) { debug.SetGCPercent(percent) }, usual)
}
