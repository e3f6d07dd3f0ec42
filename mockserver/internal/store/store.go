// Package store holds the records of a session. Each method is atomic. It knows no HTTP and no document.
package store

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// What the store refuses.
var (
	errChanged      = errors.New("the record has changed since it was read")
	ErrNoCredential = errors.New("the credential does not exist in this environment")
	ErrInUse        = errors.New("a destination uses the credential")
)

// Store holds the records of one session. Each method is atomic.
type Store struct {
	mutex sync.RWMutex
	State State
}

// State is all that a store holds. A copy of it costs the same whatever it holds.
type State struct {
	sequence int64
	shelves  [len(Resources)]Shelf
	uses     table[int] // how many records link to a credential, by its id
}

// Shelf holds the records of one resource.
type Shelf struct {
	ByID          table[*Record]
	byEnvironment table[*siblings] // so that a list looks at no other environment
}

// siblings are the records of one environment in the order of creation.
type siblings struct {
	owner   *parts[*siblings] // which may write to it
	records []*Record
}

// Shelved are the resources that are stored.
var Resources = [...]string{ResourceCredential, ResourceDestination}

// The resources that are stored. A destination links to a credential.
const (
	ResourceCredential  = "credential"
	ResourceDestination = "destination"
	ResourceEnvironment = "environment" // of the fixtures, and not stored
)

// New returns an empty store.
func New() *Store { return &Store{} }

// Shelf returns the shelf of a resource, or nil.
func (s *State) Shelf(resource string) *Shelf {
	if at := slices.Index(Resources[:], resource); at >= 0 {
		return &s.shelves[at]
	}
	return nil
}

// Snapshot returns what the store holds, for any store to hold from then on. What either store does later, the other does
// not see.
func (s *Store) Snapshot() State {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.State.copy()
}

// Restore puts a snapshot in the place of what the store holds. The snapshot can be restored again.
func (s *Store) Restore(snapshot *State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.State = snapshot.copy()
}

func (s *State) copy() State {
	copied := State{sequence: s.sequence, uses: s.uses.copy()}
	for i := range s.shelves {
		copied.shelves[i] = Shelf{ByID: s.shelves[i].ByID.copy(), byEnvironment: s.shelves[i].byEnvironment.copy()}
	}
	return copied
}

// Get returns a record, or nil.
func (s *Store) Get(resource, id string) *Record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.State.Shelf(resource); shelf != nil {
		found, _ := shelf.ByID.Get(id)
		return found
	}
	return nil
}

// List returns the records of an environment in the order of creation.
func (s *Store) List(resource, environment string) []*Record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.State.Shelf(resource); shelf != nil {
		if found, ok := shelf.byEnvironment.Get(environment); ok {
			return slices.Clone(found.records)
		}
	}
	return nil
}

// HasLink tells whether what the record links to can be linked to.
func (s *Store) LinkExists(from *Record) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.State.linkExists(from)
}

func (s *State) linkExists(from *Record) bool {
	credential, _ := s.Shelf(ResourceCredential).ByID.Get(from.Link)
	return credential != nil && credential.Environment == from.Environment
}

// Put stores a record: a new one, or one in the place of the record that it was made from. It fails with errChanged when that
// is not what is stored any more, and with errNoCredential when the link leads nowhere.
func (s *Store) Put(current, next *Record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.State.Shelf(next.Resource)
	if current != nil {
		if stored, _ := shelf.ByID.Get(current.ID); stored != current {
			return errChanged
		}
	}
	if next.Link != "" && !s.State.linkExists(next) {
		return ErrNoCredential
	}
	all := shelf.siblings(next.Environment)
	if current == nil {
		s.State.sequence++
		next.Sequence = s.State.sequence
		all.records = append(all.records, next)
	} else {
		all.records[position(all.records, current)] = next
		s.State.countLink(current.Link, -1)
	}
	s.State.countLink(next.Link, +1)
	shelf.ByID.Set(next.ID, next)
	return nil
}

// Remove deletes a record, whichever version of it is stored. It fails with errChanged when there is none any more, and with errInUse when
// another record links to it.
func (s *Store) Remove(gone *Record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.State.Shelf(gone.Resource)
	stored, _ := shelf.ByID.Get(gone.ID)
	if stored == nil {
		return errChanged
	}
	if used, _ := s.State.uses.Get(stored.ID); stored.Resource == ResourceCredential && used > 0 {
		return ErrInUse
	}
	all := shelf.siblings(stored.Environment)
	at := position(all.records, stored)
	all.records = slices.Delete(all.records, at, at+1)
	shelf.ByID.drop(stored.ID)
	s.State.countLink(stored.Link, -1)
	return nil
}

// siblings returns the records of an environment to write to: a copy, where another store reads them too.
func (s *Shelf) siblings(environment string) *siblings {
	part := s.byEnvironment.writable(environment)
	found := part.values[environment]
	switch {
	case found == nil:
		found = &siblings{owner: part.owner}
	case found.owner != part.owner:
		found = &siblings{owner: part.owner, records: slices.Clone(found.records)}
	}
	part.values[environment] = found
	return found
}

// use counts a link to a credential.
func (s *State) countLink(link string, change int) {
	if link == "" {
		return
	}
	uses, _ := s.uses.Get(link)
	if uses += change; uses == 0 {
		s.uses.drop(link)
	} else {
		s.uses.Set(link, uses)
	}
}

// position finds a record among its siblings, which stand in the order of their sequence.
func position(siblings []*Record, wanted *Record) int {
	at, _ := slices.BinarySearchFunc(siblings, wanted.Sequence, func(sibling *Record, sequence int64) int {
		return cmp.Compare(sibling.Sequence, sequence)
	})
	return at
}

// Key returns a text that no other record has.
func Key(r *Record) string { return r.Resource + "\x00" + r.ID }

// Records returns everything that a state holds, credentials first, each resource in the order of creation.
func (s *State) Records() []*Record {
	var all []*Record
	for i := range s.shelves {
		var shelf []*Record
		for one := range s.shelves[i].ByID.All() {
			shelf = append(shelf, one)
		}
		Sort(shelf)
		all = append(all, shelf...)
	}
	return all
}

// Sort sorts records in the order of creation.
func Sort(records []*Record) {
	slices.SortFunc(records, func(a, b *Record) int { return cmp.Compare(a.Sequence, b.Sequence) })
}

// Change replaces what the store holds by what the function makes of it.
func (s *Store) Update(to func(*State) State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.State = to(&s.State)
}
