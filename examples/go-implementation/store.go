package main

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"maps"
	"strings"
	"sync"
	"time"
)

// store keeps the credentials. The checks of a change run under its lock, so no two changes mix.
type store struct {
	mutex       sync.Mutex
	credentials map[string]credential
	history     []event
}

// event is what a credential was from a time on.
type event struct {
	from    time.Time
	current credential
	removed bool
}

// note adds to the history.
func (s *store) note(current credential, removed bool) {
	s.history = append(s.history, event{time.Now(), current, removed})
}

// past returns the credentials of a moment.
func (s *store) past(moment time.Time) map[string]credential {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.history) == 0 || !moment.Before(s.history[len(s.history)-1].from) {
		return maps.Clone(s.credentials)
	}
	found := map[string]credential{}
	for _, each := range s.history {
		switch {
		case each.from.After(moment):
			return found
		case each.removed:
			delete(found, each.current.id)
		default:
			found[each.current.id] = each.current
		}
	}
	return found
}

func (s *store) add(created credential) credential {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	created.id = newID("cred_")
	created.created = time.Now()
	created.updated = created.created
	s.credentials[created.id] = created
	s.note(created, false)
	return created
}

func (s *store) find(id string) (credential, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, known := s.credentials[id]
	return found, known
}

// change replaces a credential by the result of edit. It changes nothing if edit returns a problem.
func (s *store) change(id string, edit func(credential) (credential, *problem)) (credential, *problem) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, known := s.credentials[id]
	if !known {
		return credential{}, notFound()
	}
	changed, objection := edit(stored)
	if objection != nil {
		return credential{}, objection
	}
	changed.updated = time.Now()
	s.credentials[id] = changed
	s.note(changed, false)
	return changed, nil
}

func (s *store) remove(id string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	removed, known := s.credentials[id]
	delete(s.credentials, id)
	if known {
		s.note(removed, true)
	}
	return known
}

// inEnvironment returns the credentials of an environment at a moment.
func (s *store) inEnvironment(id string, moment time.Time) []credential {
	var found []credential
	for _, each := range s.past(moment) {
		if each.environment == id {
			found = append(found, each)
		}
	}
	return found
}

var readable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID returns an id that begins with the time, so that ids sort by age.
func newID(prefix string) string {
	var clock [8]byte
	binary.BigEndian.PutUint64(clock[:], uint64(time.Now().UnixMilli()))
	return prefix + readable.EncodeToString(clock[2:]) + strings.ToLower(rand.Text()[:16])
}
