package mockserver

import (
	"sync"
	"time"
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
	body   map[string]any // nil where there was none or it is not kept
	length int            // of the body that was sent, in bytes

	status   int
	answer   *reply // without its records, which hold secrets
	answered int    // the length of the body of the answer, in bytes
	injected string // the fault that was asked for; empty for none
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
// not keep up misses it.
func (j *journal) add(made *exchange) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.last++
	made.id = j.last
	if at := int(j.last % int64(j.limit)); at < len(j.ring) {
		j.ring[at] = *made
	} else {
		j.grow(at)
		j.ring[at] = *made
	}
	for subscriber := range j.subscribers {
		select {
		case subscriber <- *made:
		default:
		}
	}
}

func (j *journal) grow(at int) {
	for len(j.ring) <= at {
		j.ring = append(j.ring, exchange{})
	}
}

// get returns the exchange with an id.
func (j *journal) get(id int64) (exchange, bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if id < j.oldest() || id > j.last {
		return exchange{}, false
	}
	return j.ring[id%int64(j.limit)], true
}

// oldest returns the id of the oldest exchange that is kept; call it with the lock held.
func (j *journal) oldest() int64 { return max(j.first, j.last-int64(j.limit)+1) }

// all returns the exchanges that are wanted, oldest first, how many were dropped because the journal was full, and the latest id.
func (j *journal) all(wanted func(*exchange) bool) (found []exchange, dropped, last int64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for id := j.oldest(); id <= j.last; id++ {
		if kept := &j.ring[id%int64(j.limit)]; wanted(kept) {
			found = append(found, *kept)
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
