package journal

import (
	"slices"
	"testing"
)

func fill(j *Journal, count int) {
	for range count {
		j.Add(&Exchange{})
	}
}

// kept returns the ids of a journal and checks that they are the latest ones, in order.
func kept(t *testing.T, j *Journal) []int64 {
	t.Helper()
	found, dropped, last := j.Find(func(*Exchange) bool { return true })
	for i, id := range found {
		if again, ok := j.Get(id); !ok || again.ID != id {
			t.Errorf("exchange %d cannot be found", id)
		}
		if want := last - int64(len(found)) + int64(i) + 1; id != want {
			t.Errorf("found exchange %d, not %d", id, want)
		}
	}
	if _, ok := j.Get(last - int64(len(found))); ok {
		t.Error("a dropped exchange can be found")
	}
	if want := last - j.first + 1 - int64(len(found)); dropped != want {
		t.Errorf("%d dropped, not %d", dropped, want)
	}
	return found
}

func TestJournalKeepsTheLatest(t *testing.T) {
	for _, limit := range []int{1, 3, 19, 20, 21, 50} {
		j := New(limit, NewBudget(limit))
		for count := range 120 {
			if got := len(kept(t, j)); got != min(count, limit) {
				t.Fatalf("limit %d: %d of %d kept", limit, got, count)
			}
			fill(j, 1)
		}
		j.Clear()
		if got := kept(t, j); len(got) != 0 {
			t.Errorf("after it was cleared: %v", got)
		}
		fill(j, 2)
		if got, want := kept(t, j), []int64{121, 122}; limit > 1 && !slices.Equal(got, want) {
			t.Errorf("ids go on: %v", got)
		}
	}
}

// Many sessions share a budget of ten full journals. None takes another's minimum, and a closed one returns its
// share.
func TestJournalsShareBudget(t *testing.T) {
	const limit = 100
	budget := NewBudget(limit)
	var journals []*Journal
	total := 0
	for range 30 {
		j := New(limit, budget)
		fill(j, 2*limit)
		journals = append(journals, j)
		total += len(kept(t, j))
	}
	if want := fullJournals*limit + len(journals)*minKept; total != want {
		t.Errorf("%d kept, not %d", total, want)
	}
	last := journals[len(journals)-1]
	if got := len(kept(t, last)); got != minKept {
		t.Errorf("the last journal keeps %d", got)
	}
	journals[0].Close()
	fill(journals[0], limit)
	if got := len(kept(t, journals[0])); got != minKept {
		t.Errorf("a closed journal keeps %d", got)
	}
	last.Clear()
	fill(last, limit)
	if got := len(kept(t, last)); got != limit {
		t.Errorf("%d kept after another journal was closed", got)
	}
	for _, j := range journals {
		j.Close()
	}
	if left := budget.left.Load(); left != fullJournals*limit {
		t.Errorf("%d left when all are closed", left)
	}
}

// fillLarge adds exchanges with bodies of the largest size.
func fillLarge(j *Journal, count int) {
	for range count {
		j.Add(&Exchange{Body: make([]byte, MaxBody), Answer: Answered{Body: make([]byte, MaxBody)}})
	}
}

// held returns the size of all kept exchanges, counted anew.
func held(journals ...*Journal) (bytes int) {
	for _, j := range journals {
		for _, one := range j.kept {
			bytes += one.size()
		}
	}
	return bytes
}

// All journals together stay within the byte budget, whichever session sends how much.
func TestJournalsShareBytes(t *testing.T) {
	const limit = 1000
	budget := NewBudget(limit)
	quiet := New(limit, budget)
	fill(quiet, 100)
	journals := []*Journal{quiet}
	for range 4 {
		j := New(limit, budget)
		journals = append(journals, j)
		fillLarge(j, limit+10)
		if now := held(journals...); now > JournalBytes || now != JournalBytes-budget.bytes {
			t.Fatalf("%d bytes are held, %d accounted", now, JournalBytes-budget.bytes)
		}
	}
	if now := held(journals...); now < JournalBytes/2 {
		t.Errorf("only %d bytes are held", now)
	}
	if got := len(kept(t, quiet)); got != 100 {
		t.Errorf("the quiet session keeps %d of 100", got)
	}
	for i, j := range journals[1:] {
		if got := len(kept(t, j)); got < minKept || got >= limit {
			t.Errorf("busy session %d keeps %d", i, got)
		}
	}
	for _, j := range journals {
		j.Close()
		fillLarge(j, 2*minKept)
	}
	if budget.bytes != JournalBytes || len(budget.journals) != 0 {
		t.Errorf("%d bytes and %d journals are left when all are closed", JournalBytes-budget.bytes, len(budget.journals))
	}
}

// Each of very many sessions keeps a few exchanges, if need be without their bodies.
func TestEachJournalKeepsItsLatest(t *testing.T) {
	budget := NewBudget(1000)
	var journals []*Journal
	for range 200 {
		j := New(1000, budget)
		journals = append(journals, j)
		fillLarge(j, minKept+5)
	}
	for i, j := range journals {
		if got := len(kept(t, j)); got < minKept {
			t.Errorf("session %d keeps %d", i, got)
		}
	}
	if now := held(journals...); now > JournalBytes {
		t.Errorf("%d bytes", now)
	}
}
