// Package journal keeps the latest exchanges of a session, without secrets and within bounds.
package journal

import (
	"sync"
	"sync/atomic"
)

// Journal keeps the latest exchanges of a session. All that share room are guarded by the lock of that room.
type Journal struct {
	limit       int
	budget      *Budget
	last        int64       // the id of the latest exchange
	kept        []*Exchange // the latest ones without a gap, the oldest first; none changes any more
	bytes       int         // what they hold
	first       int64       // the oldest id that was not cleared
	closed      bool
	subscribers map[chan struct{}]struct{}
}

// Room is what the journals of all sessions may still grow by, in exchanges and in bytes. Without it a thousand busy
// sessions would keep a thousand journals.
type Budget struct {
	left atomic.Int64 // in exchanges, beyond those that each journal keeps in any case

	mutex    sync.Mutex
	bytes    int // what is left; below zero only while an exchange is added
	journals map[*Journal]struct{}
}

const (
	// journalsInRoom is how many full journals there is room for.
	fullJournals = 10
	// JournalBytes is what the exchanges of all journals together may hold.
	JournalBytes = 64 << 20
	// alwaysKept is how many exchanges each journal keeps, room or not; where there is none, without their bodies.
	minKept = 20
)

// NewRoom returns the room of all journals of a mock, each of which may keep a number of exchanges.
func NewBudget(limit int) *Budget {
	budget := &Budget{bytes: JournalBytes, journals: map[*Journal]struct{}{}}
	budget.left.Store(int64(limit) * fullJournals)
	return budget
}

// take takes room for one exchange where there is some.
func (r *Budget) reserve() bool {
	if r.left.Add(-1) >= 0 {
		return true
	}
	r.left.Add(1)
	return false
}

// New returns an empty journal that keeps up to a number of exchanges in a room.
func New(limit int, budget *Budget) *Journal {
	return &Journal{limit: limit, budget: budget, first: 1}
}

// Add keeps an exchange, in the place of the oldest one where the journal is full, and wakes those who listen.
func (j *Journal) Add(made *Exchange) {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	j.last++
	made.ID = j.last
	if !j.canGrow() {
		j.dropOldest()
	}
	if j.closed {
		made = made.bare()
	} else {
		j.budget.journals[j] = struct{}{}
	}
	j.kept = append(j.kept, made)
	j.account(made.size())
	j.budget.shrink()
	for subscriber := range j.subscribers {
		select {
		case subscriber <- struct{}{}:
		default: // it has to look in any case
		}
	}
}

// grows tells whether there is room for another exchange, and takes it.
func (j *Journal) canGrow() bool {
	return len(j.kept) < j.limit && (len(j.kept) < minKept || j.budget.reserve())
}

// account notes that the journal holds more bytes, or fewer. What a journal holds that is closed goes with its session.
func (j *Journal) account(bytes int) {
	if !j.closed {
		j.bytes += bytes
		j.budget.bytes -= bytes
	}
}

// shrink makes those journals hold less that hold most, until there is room for all. A quiet session loses nothing to a busy one.
func (r *Budget) shrink() {
	for r.bytes < 0 {
		var largest *Journal
		for one := range r.journals {
			if largest == nil || one.bytes > largest.bytes {
				largest = one
			}
		}
		if largest == nil || !largest.shrink() {
			return
		}
	}
}

// shrink makes the journal hold less: it drops the oldest exchange or, of the few that are always kept, the bodies of the oldest
// that has some. It tells whether there was anything to lose.
func (j *Journal) shrink() bool {
	if len(j.kept) > minKept {
		j.budget.left.Add(1)
		j.dropOldest()
		return true
	}
	for i, one := range j.kept {
		if bare := one.bare(); bare.size() < one.size() {
			j.kept[i] = bare
			j.account(bare.size() - one.size())
			return true
		}
	}
	return false
}

// dropOldest drops the oldest exchange, whose room another one takes.
func (j *Journal) dropOldest() {
	j.account(-j.kept[0].size())
	j.kept[0] = nil
	j.kept = j.kept[1:]
}

// Get returns the exchange with an id.
func (j *Journal) Get(id int64) (*Exchange, bool) {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	if id < j.oldest() || id > j.last {
		return nil, false
	}
	return j.kept[id-j.oldest()], true
}

// oldest returns the id of the oldest exchange that is kept; call it with the lock held.
func (j *Journal) oldest() int64 { return j.last - int64(len(j.kept)) + 1 }

// Find returns the ids of the exchanges that are wanted, oldest first, how many were dropped because there was no room, and the
// latest id.
func (j *Journal) Find(wanted func(*Exchange) bool) (ids []int64, dropped, last int64) {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	for _, one := range j.kept {
		if wanted(one) {
			ids = append(ids, one.ID)
		}
	}
	return ids, j.oldest() - j.first, j.last
}

// After returns the oldest exchange that is kept and has a greater id; nil where there is none.
func (j *Journal) After(id int64) *Exchange {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	at := max(0, id+1-j.oldest())
	if at >= int64(len(j.kept)) {
		return nil
	}
	return j.kept[at]
}

// Clear forgets every exchange. Ids go on, so that who asks for those after one is not deceived.
func (j *Journal) Clear() {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	j.drop()
}

func (j *Journal) drop() {
	j.budget.left.Add(int64(max(0, len(j.kept)-minKept)))
	j.account(-j.bytes)
	j.kept, j.first = nil, j.last+1
	delete(j.budget.journals, j)
}

// Close forgets every exchange, and makes no use of the room that others have from then on.
func (j *Journal) Close() {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	j.drop()
	j.closed, j.limit = true, min(j.limit, minKept)
}

// Subscribe returns a channel that says when something was added, the latest id before that, and what ends the subscription. Who
// listens reads the journal, so that nothing waits for those who are slow; they miss what is dropped before they come to it.
func (j *Journal) Subscribe() (news <-chan struct{}, last int64, cancel func()) {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	if j.subscribers == nil {
		j.subscribers = map[chan struct{}]struct{}{}
	}
	subscriber := make(chan struct{}, 1)
	j.subscribers[subscriber] = struct{}{}
	return subscriber, j.last, func() {
		j.budget.mutex.Lock()
		defer j.budget.mutex.Unlock()
		delete(j.subscribers, subscriber)
	}
}
