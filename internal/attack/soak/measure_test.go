package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// measured is what the process holds at a time, the clients included.
type measured struct {
	at                      time.Duration
	heap, goroutines, files int
}

func measure(began time.Time) measured {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	open, _ := os.ReadDir("/proc/self/fd") // where there is none, no files are counted
	return measured{time.Since(began), int(memory.HeapAlloc), runtime.NumGoroutine(), len(open)}
}

// runMeasure measures from time to time until the others are done.
func runMeasure(done context.Context, every time.Duration) []measured {
	began := time.Now()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	list := []measured{measure(began)}
	for {
		select {
		case <-done.Done():
			return list
		case <-ticker.C:
			list = append(list, measure(began))
		}
	}
}

// What the second half may hold beyond the first: a quarter, and something for chance.
const (
	heapSlack      = 24 << 20 // secrets that were met are known up to a bound that is reached late
	goroutineSlack = 64
	fileSlack      = 64
)

// grown says what the second half of the measurements has more of than the first; empty for nothing. The first tenth does not count:
// journals and pools fill up then.
func grown(list []measured) []string {
	list = list[len(list)/10:]
	first, second := list[:len(list)/2], list[len(list)/2:]
	var found []string
	for _, one := range []struct {
		name  string
		slack int
		of    func(measured) int
	}{
		{"heap", heapSlack, func(m measured) int { return m.heap }},
		{"goroutines", goroutineSlack, func(m measured) int { return m.goroutines }},
		{"files", fileSlack, func(m measured) int { return m.files }},
	} {
		before, after := median(first, one.of), median(second, one.of)
		if after > before+before/4+one.slack {
			found = append(found, fmt.Sprintf("%s: %d in the first half, %d in the second", one.name, before, after))
		}
	}
	return found
}

func median(list []measured, of func(measured) int) int {
	if len(list) == 0 {
		return 0
	}
	var numbers []int
	for _, one := range list {
		numbers = append(numbers, of(one))
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}

func tellMeasured(t testing.TB, list []measured) {
	t.Helper()
	t.Log("time, heap in KiB, goroutines, files")
	for i := 0; i < len(list); i += max(1, len(list)/20) {
		t.Logf("%8s %9d %5d %5d", list[i].at.Round(time.Second), list[i].heap>>10, list[i].goroutines, list[i].files)
	}
}

func TestGrownSeesALeak(t *testing.T) {
	flat, leaking := make([]measured, 40), make([]measured, 40)
	for i := range flat {
		flat[i] = measured{heap: 50<<20 + i%7<<20, goroutines: 200 + i%9, files: 80}
		leaking[i] = measured{heap: 50<<20 + i*4<<20, goroutines: 200 + 20*i, files: 80 + 20*i}
	}
	if found := grown(flat); found != nil {
		t.Errorf("flat: %v", found)
	}
	if found := grown(leaking); len(found) != 3 {
		t.Errorf("leaking: %v", found)
	}
}

// member returns a member of an object in JSON, or nil.
func member(text []byte, name string) any {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil || object[name] == nil {
		return nil
	}
	return string(object[name])
}
