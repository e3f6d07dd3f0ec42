package main

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// store keeps the credentials. The checks of a change run under its lock, so no two changes mix.
type store struct {
	mutex       sync.Mutex
	credentials map[string]credential
}

func (s *store) add(created credential) credential {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	created.id = newID("cred_")
	created.created = time.Now()
	created.updated = created.created
	s.credentials[created.id] = created
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
	return changed, nil
}

func (s *store) remove(id string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, known := s.credentials[id]
	delete(s.credentials, id)
	return known
}

func (s *store) inEnvironment(id string) []credential {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found []credential
	for _, each := range s.credentials {
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
