package mockserver

import (
	"sync"
	"sync/atomic"
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
	room        *journalRoom
	last        int64      // the id of the latest exchange
	ring        []exchange // it grows until it is full; from then on the latest takes the place of the oldest
	full        bool
	first       int64 // the oldest id that was not cleared
	subscribers map[chan exchange]struct{}
}

// journalRoom is what the journals of all sessions may still grow by, in exchanges. Without it a thousand busy sessions would keep a
// thousand journals.
type journalRoom struct{ left atomic.Int64 }

const (
	// journalsInRoom is how many full journals there is room for.
	journalsInRoom = 10
	// alwaysKept is how many exchanges each journal keeps, room or not.
	alwaysKept = 20
)

func newJournalRoom(limit int) *journalRoom {
	room := &journalRoom{}
	room.left.Store(int64(limit) * journalsInRoom)
	return room
}

// take takes room for one exchange where there is some.
func (r *journalRoom) take() bool {
	if r.left.Add(-1) >= 0 {
		return true
	}
	r.left.Add(1)
	return false
}

func newJournal(limit int, room *journalRoom) *journal {
	return &journal{limit: limit, room: room, first: 1}
}

// add keeps an exchange, in the place of the oldest one where the journal is full, and tells those who listen. One that does
// not keep up misses it.
func (j *journal) add(made *exchange) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.last++
	made.id = j.last
	if j.grows() {
		j.ring = append(j.ring, *made)
	} else {
		*j.at(made.id) = *made
	}
	for subscriber := range j.subscribers {
		select {
		case subscriber <- *made:
		default:
		}
	}
}

// grows tells whether there is room for another exchange; call it with the lock held. A ring that was full once stays as it is:
// where its oldest exchange stands follows from its length.
func (j *journal) grows() bool {
	if !j.full {
		j.full = len(j.ring) >= j.limit || len(j.ring) >= alwaysKept && !j.room.take()
	}
	return !j.full
}

// at returns the place of an exchange that is kept; call it with the lock held.
func (j *journal) at(id int64) *exchange { return &j.ring[(id-j.first)%int64(len(j.ring))] }

// get returns the exchange with an id.
func (j *journal) get(id int64) (exchange, bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if id < j.oldest() || id > j.last {
		return exchange{}, false
	}
	return *j.at(id), true
}

// oldest returns the id of the oldest exchange that is kept; call it with the lock held.
func (j *journal) oldest() int64 { return max(j.first, j.last-int64(len(j.ring))+1) }

// all returns the exchanges that are wanted, oldest first, how many were dropped because the journal was full, and the latest id.
func (j *journal) all(wanted func(*exchange) bool) (found []exchange, dropped, last int64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for id := j.oldest(); id <= j.last; id++ {
		if kept := j.at(id); wanted(kept) {
			found = append(found, *kept)
		}
	}
	return found, j.oldest() - j.first, j.last
}

// clear forgets every exchange. Ids go on, so that who asks for those after one is not deceived.
func (j *journal) clear() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.drop()
}

func (j *journal) drop() {
	j.room.left.Add(int64(max(0, len(j.ring)-alwaysKept)))
	j.ring, j.full, j.first = nil, false, j.last+1
}

// close forgets every exchange, and makes no use of the room that others have from then on.
func (j *journal) close() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.drop()
	j.limit = min(j.limit, alwaysKept)
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
