package mockserver

import (
	"slices"
	"sync"
	"time"

	"github.com/credmock/credmock/internal/view"
)

// exchange is what is kept of one request and its answer: nothing secret, and nothing that cannot be told from a secret.
type exchange struct {
	id      int64
	started time.Time
	took    time.Duration
	session string

	route  *route // nil where the path is not the document's
	method string
	named  string // the value of the path's parameter; empty where it may not be kept
	query  bool   // there was a query; it is not kept
	target string // the resource that the path names, where there is one
	caller principal
	sent   sent
	body   []byte // as JSON; nil where there was none or it is not kept
	length int    // of the body that was sent, in bytes

	status     int
	location   string
	allow      string
	retryAfter int    // in seconds; 0 for none
	injected   string // the fault that was asked for; empty for none
	faults     []view.Violation
	answer     []byte // the body of the answer; nil where it is not kept
	answered   int    // its length in bytes
}

// sent are the headers of a request that are kept.
type sent struct {
	authorized                                  bool // there was an Authorization header
	accept, contentType, agent, origin, prefers string
}

// journal keeps the latest exchanges of a session.
type journal struct {
	mutex       sync.Mutex
	limit       int
	last        int64      // the id of the latest exchange
	ring        []exchange // the place of an exchange is its id modulo the limit
	first       int64      // the oldest id that was not cleared
	subscribers map[chan exchange]struct{}
}

func newJournal(limit int) *journal { return &journal{limit: limit, first: 1} }

// add keeps an exchange, in the place of the oldest one where the journal is full, and tells those who listen. One that does
// not keep up misses it. The bodies are copied into memory that the journal has already, for that costs least.
func (j *journal) add(made *exchange) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.last++
	made.id = j.last
	at := int(j.last % int64(j.limit))
	for len(j.ring) <= at {
		j.ring = append(j.ring, exchange{})
	}
	kept := &j.ring[at]
	body, answer := refill(kept.body, made.body), refill(kept.answer, made.answer)
	*kept = *made
	kept.body, kept.answer = body, answer
	for subscriber := range j.subscribers {
		select {
		case subscriber <- kept.copy():
		default:
		}
	}
}

// mostSpare is the size in bytes of memory for a body that is kept for another one.
const mostSpare = 4 << 10

// refill copies a text into memory that holds another one.
func refill(memory, text []byte) []byte {
	if cap(memory) > mostSpare {
		memory = nil
	}
	return append(memory[:0], text...)
}

// copy returns the exchange in memory of its own.
func (e *exchange) copy() exchange {
	copied := *e
	copied.body, copied.answer = slices.Clone(e.body), slices.Clone(e.answer)
	return copied
}

// get returns the exchange with an id.
func (j *journal) get(id int64) (exchange, bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if id < j.oldest() || id > j.last {
		return exchange{}, false
	}
	return j.ring[id%int64(j.limit)].copy(), true
}

// oldest returns the id of the oldest exchange that is kept; call it with the lock held.
func (j *journal) oldest() int64 { return max(j.first, j.last-int64(j.limit)+1) }

// all returns the exchanges that are wanted, oldest first, how many were dropped because the journal was full, and the latest id.
func (j *journal) all(wanted func(*exchange) bool) (found []exchange, dropped, last int64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for id := j.oldest(); id <= j.last; id++ {
		if kept := &j.ring[id%int64(j.limit)]; wanted(kept) {
			found = append(found, kept.copy())
		}
	}
	return found, j.oldest() - j.first, j.last
}

// clear forgets every exchange. Ids go on, so that who asks for those after one is not deceived.
func (j *journal) clear() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.ring, j.first = nil, j.last+1
}

// subscribe returns a channel of what is added from now on, and what ends that.
func (j *journal) subscribe() (events <-chan exchange, cancel func()) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.subscribers == nil {
		j.subscribers = map[chan exchange]struct{}{}
	}
	subscriber := make(chan exchange, 256)
	j.subscribers[subscriber] = struct{}{}
	return subscriber, func() {
		j.mutex.Lock()
		defer j.mutex.Unlock()
		delete(j.subscribers, subscriber)
	}
}
