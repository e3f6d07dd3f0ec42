// Package store holds the records of a session. Each method is atomic. It knows no HTTP and no document.
package store

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// Errors of [Store.Put] and [Store.Remove].
var (
	errChanged      = errors.New("the record has changed since it was read")
	ErrNoCredential = errors.New("the credential does not exist in this environment")
	ErrInUse        = errors.New("a destination uses the credential")
)

// Store holds the records of one session. It is safe for concurrent use.
type Store struct {
	mutex   sync.RWMutex
	State   State
	changes chan struct{} // nil if nobody wants to know
}

// State is the content of a store. Copying it takes constant time.
type State struct {
	sequence int64
	shelves  [len(Resources)]Shelf
	uses     table[int] // number of records that link to a credential, by its id
}

// Shelf holds the records of one resource.
type Shelf struct {
	ByID          table[*Record]
	byEnvironment table[*siblings] // lets List read one environment only
}

// siblings are the records of one environment in the order of creation.
type siblings struct {
	owner   *parts[*siblings] // the parts that may write to it
	records []*Record
}

// Resources are the resources that are stored.
var Resources = [...]string{ResourceCredential, ResourceDestination}

// The names of resources. A destination links to a credential.
const (
	ResourceCredential  = "credential"
	ResourceDestination = "destination"
	ResourceEnvironment = "environment" // comes from the fixtures; not stored
)

// New returns an empty store.
func New() *Store { return &Store{} }

// Shelf returns the shelf of a resource, or nil if it is not stored.
func (s *State) Shelf(resource string) *Shelf {
	if at := slices.Index(Resources[:], resource); at >= 0 {
		return &s.shelves[at]
	}
	return nil
}

// Snapshot returns the content of the store. Later changes to the store do not affect it.
func (s *Store) Snapshot() State {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.State.copy()
}

// Restore replaces the content of the store by a snapshot, which can be restored again.
func (s *Store) Restore(snapshot *State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.State = snapshot.copy()
	s.noteChange()
}

// Changes returns a channel that receives a value after the content has changed. It holds one value at most.
func (s *Store) Changes() <-chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.changes == nil {
		s.changes = make(chan struct{}, 1)
	}
	return s.changes
}

// noteChange tells of a change. The caller must hold the lock.
func (s *Store) noteChange() {
	select {
	case s.changes <- struct{}{}:
	default: // nobody wants to know, or the last change has not been noticed yet
	}
}

// RestoreIf replaces the content of the store by a snapshot if a function of the present content returns true, which it
// returns.
func (s *Store) RestoreIf(snapshot *State, right func(current *Store) bool) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !right(&Store{State: s.State}) {
		return false
	}
	s.State = snapshot.copy()
	s.noteChange()
	return true
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

// LinkExists reports whether the credential that a record links to exists in the record's environment.
func (s *Store) LinkExists(from *Record) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.State.linkExists(from)
}

func (s *State) linkExists(from *Record) bool {
	credential, _ := s.Shelf(ResourceCredential).ByID.Get(from.Link)
	return credential != nil && credential.Environment == from.Environment
}

// Put adds the record next or, if current is not nil, replaces current by it. It returns errChanged if current is not
// the stored version, and ErrNoCredential if the link is broken.
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
	s.noteChange()
	return nil
}

// Remove deletes the stored version of a record. It returns errChanged if there is none, and ErrInUse if another
// record links to it.
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
	s.noteChange()
	return nil
}

// siblings returns the records of an environment for writing. It copies them first if another store shares them.
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

// countLink adds a change to the number of links to a credential.
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

// position returns the index of a record among its siblings, which are sorted by sequence.
func position(siblings []*Record, wanted *Record) int {
	at, _ := slices.BinarySearchFunc(siblings, wanted.Sequence, func(sibling *Record, sequence int64) int {
		return cmp.Compare(sibling.Sequence, sequence)
	})
	return at
}

// Key returns a text that identifies a record among all resources.
func Key(r *Record) string { return r.Resource + "\x00" + r.ID }

// Records returns all records, credentials first, each resource in the order of creation.
func (s *State) Records() []*Record {
	var all []*Record
	for i := range s.shelves {
		var shelf []*Record
		for one := range s.shelves[i].ByID.All() {
			shelf = append(shelf, one)
		}
		slices.SortFunc(shelf, func(a, b *Record) int { return cmp.Compare(a.Sequence, b.Sequence) }) // in the order of creation
		all = append(all, shelf...)
	}
	return all
}

// Update replaces the content of the store by the result of a function.
func (s *Store) Update(to func(*State) State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.State = to(&s.State)
	s.noteChange()
}
