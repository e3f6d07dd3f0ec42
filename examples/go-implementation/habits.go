package main

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// habits are ways in which sound implementations differ. The contract allows all of them.
type habits struct {
	lag       time.Duration // a read may show the state of up to this long ago; two replicas answer in turn
	strategy  string        // the only strategy that is offered; empty for all
	perSecond int           // more requests than this are answered with a bare 429; 0 for no limit
}

// moment returns the time that a read shows: now at one replica, some time ago at the other.
func (s *server) moment() time.Time {
	if s.habits.lag == 0 || s.turns.Add(1)%2 == 0 {
		return time.Now()
	}
	return time.Now().Add(-rand.N(s.habits.lag))
}

// offered returns the strategies that the server offers.
func (s *server) offered() map[string][]field {
	if s.habits.strategy == "" {
		return strategies
	}
	only := maps.Clone(strategies)
	maps.DeleteFunc(only, func(name string, _ []field) bool { return name != s.habits.strategy })
	return only
}

// limiter counts the requests of each second.
type limiter struct {
	mutex  sync.Mutex
	second int64
	served int
}

// admits tells whether a request is within the limit.
func (l *limiter) admits(limit int) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if now := time.Now().Unix(); now != l.second {
		l.second, l.served = now, 0
	}
	l.served++
	return limit == 0 || l.served <= limit
}

// tooMany answers without a word of when to come back.
func tooMany(w http.ResponseWriter) {
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = bytes.NewBufferString("slow down\n").WriteTo(w) // the client may have gone
}
