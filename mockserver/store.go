package mockserver

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// What the store refuses.
var (
	errChanged      = errors.New("the record has changed since it was read")
	errNoCredential = errors.New("the credential does not exist in this environment")
	errInUse        = errors.New("a destination uses the credential")
)

// store holds the records of one server. Each method is atomic.
type store struct {
	mutex    sync.RWMutex
	sequence int64
	shelves  map[string]*shelf // by resource
	uses     map[string]int    // how many records link to a credential, by its id
}

// shelf holds the records of one resource.
type shelf struct {
	byID          map[string]*record
	byEnvironment map[*environment][]*record // in the order of creation, so that a list looks at no other environment
}

func newStore() *store {
	return &store{shelves: map[string]*shelf{}, uses: map[string]int{}}
}

// get returns a record, or nil.
func (s *store) get(resource, id string) *record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.shelves[resource]; shelf != nil {
		return shelf.byID[id]
	}
	return nil
}

// list returns the records of an environment in the order of creation.
func (s *store) list(resource string, of *environment) []*record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.shelves[resource]; shelf != nil {
		return slices.Clone(shelf.byEnvironment[of])
	}
	return nil
}

// hasLink tells whether what the record links to can be linked to.
func (s *store) hasLink(from *record) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.linkable(from)
}

func (s *store) linkable(from *record) bool {
	shelf := s.shelves[resourceCredential]
	if shelf == nil {
		return false
	}
	credential := shelf.byID[from.link]
	return credential != nil && credential.environment == from.environment
}

// resourceCredential is the resource that others link to.
const resourceCredential = "credential"

// put stores a record: a new one, or one in the place of the record that it was made from. It fails with errChanged when that
// is not what is stored any more, and with errNoCredential when the link leads nowhere.
func (s *store) put(current, next *record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.shelf(next.resource)
	if current != nil && shelf.byID[current.id] != current {
		return errChanged
	}
	if next.link != "" && !s.linkable(next) {
		return errNoCredential
	}
	if current == nil {
		s.sequence++
		next.sequence = s.sequence
		shelf.byEnvironment[next.environment] = append(shelf.byEnvironment[next.environment], next)
	} else {
		siblings := shelf.byEnvironment[next.environment]
		siblings[position(siblings, current)] = next
		s.use(current.link, -1)
	}
	s.use(next.link, +1)
	shelf.byID[next.id] = next
	return nil
}

// remove deletes a record, whichever version of it is stored. It fails with errChanged when there is none any more, and with errInUse when
// another record links to it.
func (s *store) remove(gone *record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.shelf(gone.resource)
	stored := shelf.byID[gone.id]
	if stored == nil {
		return errChanged
	}
	if stored.resource == resourceCredential && s.uses[stored.id] > 0 {
		return errInUse
	}
	siblings := shelf.byEnvironment[stored.environment]
	at := position(siblings, stored)
	shelf.byEnvironment[stored.environment] = slices.Delete(siblings, at, at+1)
	delete(shelf.byID, stored.id)
	s.use(stored.link, -1)
	return nil
}

func (s *store) shelf(resource string) *shelf {
	if s.shelves[resource] == nil {
		s.shelves[resource] = &shelf{byID: map[string]*record{}, byEnvironment: map[*environment][]*record{}}
	}
	return s.shelves[resource]
}

// use counts a link to a credential.
func (s *store) use(link string, change int) {
	if link == "" {
		return
	}
	if s.uses[link] += change; s.uses[link] == 0 {
		delete(s.uses, link)
	}
}

// position finds a record among its siblings, which stand in the order of their sequence.
func position(siblings []*record, sought *record) int {
	at, _ := slices.BinarySearchFunc(siblings, sought.sequence, func(sibling *record, sequence int64) int {
		return cmp.Compare(sibling.sequence, sequence)
	})
	return at
}
