package client

import (
	"os"
	"runtime"
	"time"
)

// Usage holds the resources of the process, which runs both the mock and the attack.
type Usage struct {
	Heap       uint64 // bytes, after a collection
	Goroutines int
	Files      int // open files; 0 if unknown
}

func usage() Usage {
	runtime.GC()
	runtime.GC() // finalizers need two collections
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	made := Usage{Heap: memory.HeapAlloc, Goroutines: runtime.NumGoroutine()}
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		made.Files = len(files)
	}
	return made
}

// usageAfter returns the usage once goroutines and files are back to before, or once patience ends.
func usageAfter(before Usage, patience time.Duration) Usage {
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
