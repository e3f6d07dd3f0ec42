package client

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result is what an attack counted.
type Result struct {
	Requests int64
	Answers  map[int]int64    // by status
	Allowed  map[string]int64 // of 500 and above, those that were asked for or that HTTP owes, by kind
	Broken   map[string]int64 // what must not happen, by kind
	First    map[string]string
	Probes   int64
	Lines    int64 // of the log
	Before   Usage
	After    Usage
	Took     time.Duration
}

// tally gathers a result from many workers.
type tally struct {
	mutex  sync.Mutex
	result Result
}

func newTally() *tally {
	return &tally{result: Result{Answers: map[int]int64{}, Allowed: map[string]int64{}, Broken: map[string]int64{},
		First: map[string]string{}}}
}

// broke counts something that must not happen, and keeps the first example of its kind.
func (t *tally) broke(kind, example string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.result.Broken[kind]++; t.result.First[kind] == "" {
		t.result.First[kind] = example
	}
}

func (t *tally) answered(status int, requests int64) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.result.Requests += requests
	if status != 0 {
		t.result.Answers[status]++
	}
}

func (t *tally) allowed(kind string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.result.Allowed[kind]++
}

// Sound tells whether nothing happened that must not.
func (r *Result) Sound() bool { return len(r.Broken) == 0 && r.Requests > 0 }

// Summary writes the counts.
func (r *Result) Summary(out io.Writer) {
	fmt.Fprintf(out, "hostile client: %d requests in %s (%.0f a second), %d probes, %d lines of log\n",
		r.Requests, r.Took.Round(time.Millisecond), float64(r.Requests)/max(r.Took.Seconds(), 0.001), r.Probes, r.Lines)
	fmt.Fprint(out, "  answers:")
	for _, status := range slices.Sorted(maps.Keys(r.Answers)) {
		fmt.Fprintf(out, " %d: %d", status, r.Answers[status])
	}
	fmt.Fprint(out, "\n  5xx that were asked for:")
	for _, kind := range slices.Sorted(maps.Keys(r.Allowed)) {
		fmt.Fprintf(out, " %s: %d", kind, r.Allowed[kind])
	}
	fmt.Fprintf(out, "\n  heap %.1f MiB before, %.1f after; goroutines %d and %d; files %d and %d\n", float64(r.Before.Heap)/(1<<20),
		float64(r.After.Heap)/(1<<20), r.Before.Goroutines, r.After.Goroutines, r.Before.Files, r.After.Files)
	if len(r.Broken) == 0 {
		fmt.Fprintln(out, "  nothing that must not happen: no other 5xx, no panic, no hang, no canary in answers, journal, events, pages or log")
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Broken)) {
		fmt.Fprintf(out, "  BROKEN %d times: %s\n    first: %s\n", r.Broken[kind], kind, strings.ReplaceAll(r.First[kind], "\n", "\n    "))
	}
}
