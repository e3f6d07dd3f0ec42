// Package journal keeps the latest exchanges of a session, without secrets and within bounds.
package journal

import (
	"sync"
	"sync/atomic"
)

// Journal keeps the latest exchanges of a session. The lock of its budget guards it.
type Journal struct {
	limit       int
	budget      *Budget
	last        int64       // id of the latest exchange
	kept        []*Exchange // the latest exchanges without a gap, oldest first; they never change
	bytes       int         // size of kept
	first       int64       // oldest id that was not cleared
	closed      bool
	subscribers map[chan struct{}]struct{}
}

// Budget bounds the journals of all sessions together, in exchanges and in bytes. Without it a thousand busy sessions
// would keep a thousand full journals.
type Budget struct {
	left atomic.Int64 // exchanges that remain, beyond the minKept of each journal

	mutex    sync.Mutex
	bytes    int // bytes that remain; negative only while an exchange is added
	journals map[*Journal]struct{}
}

const (
	// fullJournals is the number of full journals that fit in the budget.
	fullJournals = 10
	// JournalBytes is the largest size in bytes of all exchanges together.
	JournalBytes = 64 << 20
	// minKept is the number of exchanges that each journal keeps in any case, if need be without their bodies.
	minKept = 20
)

// NewBudget returns the budget of all journals of a mock, each of which keeps up to limit exchanges.
func NewBudget(limit int) *Budget {
	budget := &Budget{bytes: JournalBytes, journals: map[*Journal]struct{}{}}
	budget.left.Store(int64(limit) * fullJournals)
	return budget
}

// reserve reserves one exchange and reports whether the budget had one.
func (r *Budget) reserve() bool {
	if r.left.Add(-1) >= 0 {
		return true
	}
	r.left.Add(1)
	return false
}

// New returns an empty journal that keeps up to limit exchanges.
func New(limit int, budget *Budget) *Journal {
	return &Journal{limit: limit, budget: budget, first: 1}
}

// Add gives an exchange the next id and keeps it. If the journal is full it drops the oldest one. It notifies the
// subscribers.
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
	} else if len(j.kept) == 0 {
		j.budget.journals[j] = struct{}{}
	}
	j.kept = append(j.kept, made)
	j.account(made.size())
	j.budget.shrink()
	for subscriber := range j.subscribers {
		select {
		case subscriber <- struct{}{}:
		default: // the subscriber has not read the previous notice yet
		}
	}
}

// canGrow reports whether the journal may keep another exchange, and reserves it.
func (j *Journal) canGrow() bool {
	return len(j.kept) < j.limit && (len(j.kept) < minKept || j.budget.reserve())
}

// account adds to the size of the journal. A closed journal is not counted: it disappears with its session.
func (j *Journal) account(bytes int) {
	if !j.closed {
		j.bytes += bytes
		j.budget.bytes -= bytes
	}
}

// shrink makes the largest journals smaller until the budget suffices. A quiet session loses nothing to a busy one.
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

// shrink drops the oldest exchange or, if only minKept are left, the bodies of the oldest exchange that has some. It
// reports whether there was anything to drop.
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

// dropOldest drops the oldest exchange and leaves its reservation to another one.
func (j *Journal) dropOldest() {
	j.account(-j.kept[0].size())
	j.kept[0] = nil
	j.kept = j.kept[1:]
}

// Get returns the exchange with an id, or false if it is not kept.
func (j *Journal) Get(id int64) (*Exchange, bool) {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	if id < j.oldest() || id > j.last {
		return nil, false
	}
	return j.kept[id-j.oldest()], true
}

// oldest returns the id of the oldest exchange. The caller must hold the lock.
func (j *Journal) oldest() int64 { return j.last - int64(len(j.kept)) + 1 }

// Find returns the ids of the exchanges for which wanted returns true, oldest first, the number of exchanges dropped
// for lack of space, and the latest id.
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

// Repeated returns the id of the latest earlier exchange whose request was the same, byte for byte; 0 for none.
func (j *Journal) Repeated(by *Exchange) int64 {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	for at := min(by.ID-j.oldest(), int64(len(j.kept))) - 1; at >= 0 && by.Digest != 0; at-- {
		if j.kept[at].Digest == by.Digest {
			return j.kept[at].ID
		}
	}
	return 0
}

// After returns the oldest exchange with a greater id, or nil.
func (j *Journal) After(id int64) *Exchange {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	at := max(0, id+1-j.oldest())
	if at >= int64(len(j.kept)) {
		return nil
	}
	return j.kept[at]
}

// Clear removes all exchanges. Ids continue, so that a client that polls with the last id it saw misses none.
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

// Close removes all exchanges and returns them to the budget. Later exchanges do not use it.
func (j *Journal) Close() {
	j.budget.mutex.Lock()
	defer j.budget.mutex.Unlock()
	j.drop()
	j.closed, j.limit = true, min(j.limit, minKept)
}

// Subscribe returns a channel that receives a value after an exchange was added, the latest id, and a function that
// ends the subscription. The subscriber reads the journal itself, so a slow one blocks nobody; it misses exchanges
// that are dropped meanwhile.
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
