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

// settled returns what the process has once goroutines and files are as few as before, or after a while.
func settled(before Usage, patience time.Duration) Usage {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	end := time.After(patience)
	for {
		now := usage()
		if now.Goroutines <= before.Goroutines+slack && now.Files <= before.Files+slack {
			return now
		}
		select {
		case <-end:
			return now
		case <-ticker.C:
		}
	}
}
