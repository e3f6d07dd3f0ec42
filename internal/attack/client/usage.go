package client

import (
	"os"
	"runtime"
	"time"
)

// Usage is what the process has: the mock and its attacker are one.
type Usage struct {
	Heap       uint64 // in bytes, after a collection
	Goroutines int
	Files      int // 0 where the system does not tell
}

func usage() Usage {
	runtime.GC()
	runtime.GC() // what has a finalizer needs two
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	made := Usage{Heap: memory.HeapAlloc, Goroutines: runtime.NumGoroutine()}
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		made.Files = len(files)
	}
	return made
}

// settled returns what the process has once it stopped becoming less, or after ten seconds.
func settled(before Usage, slack int) Usage {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	now := usage()
	for range 100 {
		if now.Goroutines <= before.Goroutines+slack && now.Files <= before.Files+slack {
			break
		}
		<-ticker.C
		now = usage()
	}
	return now
}
