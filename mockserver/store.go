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

// store holds the records of one session. Each method is atomic.
type store struct {
	mutex sync.RWMutex
	state state
}

// state is all that a store holds. A copy of it costs the same whatever it holds.
type state struct {
	sequence int64
	shelves  [len(shelved)]shelf
	uses     table[int] // how many records link to a credential, by its id
}

// shelf holds the records of one resource.
type shelf struct {
	byID          table[*record]
	byEnvironment table[*siblings] // so that a list looks at no other environment
}

// siblings are the records of one environment in the order of creation.
type siblings struct {
	owner   *parts[*siblings] // which may write to it
	records []*record
}

// shelved are the resources that are stored.
var shelved = [...]string{resourceCredential, resourceDestination}

// The resources that are stored. A destination links to a credential.
const (
	resourceCredential  = "credential"
	resourceDestination = "destination"
	resourceEnvironment = "environment" // of the fixtures, and not stored
)

func newStore() *store { return &store{} }

// shelf returns the shelf of a resource, or nil.
func (s *state) shelf(resource string) *shelf {
	if at := slices.Index(shelved[:], resource); at >= 0 {
		return &s.shelves[at]
	}
	return nil
}

// snapshot returns what the store holds, for any store to hold from then on. What either store does later, the other does
// not see.
func (s *store) snapshot() state {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.state.copy()
}

// restore puts a snapshot in the place of what the store holds. The snapshot can be restored again.
func (s *store) restore(snapshot *state) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state = snapshot.copy()
}

func (s *state) copy() state {
	copied := state{sequence: s.sequence, uses: s.uses.copy()}
	for i := range s.shelves {
		copied.shelves[i] = shelf{byID: s.shelves[i].byID.copy(), byEnvironment: s.shelves[i].byEnvironment.copy()}
	}
	return copied
}

// get returns a record, or nil.
func (s *store) get(resource, id string) *record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.state.shelf(resource); shelf != nil {
		found, _ := shelf.byID.get(id)
		return found
	}
	return nil
}

// list returns the records of an environment in the order of creation.
func (s *store) list(resource, environment string) []*record {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if shelf := s.state.shelf(resource); shelf != nil {
		if found, there := shelf.byEnvironment.get(environment); there {
			return slices.Clone(found.records)
		}
	}
	return nil
}

// hasLink tells whether what the record links to can be linked to.
func (s *store) hasLink(from *record) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.state.linkable(from)
}

func (s *state) linkable(from *record) bool {
	credential, _ := s.shelf(resourceCredential).byID.get(from.link)
	return credential != nil && credential.environment == from.environment
}

// put stores a record: a new one, or one in the place of the record that it was made from. It fails with errChanged when that
// is not what is stored any more, and with errNoCredential when the link leads nowhere.
func (s *store) put(current, next *record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.state.shelf(next.resource)
	if current != nil {
		if stored, _ := shelf.byID.get(current.id); stored != current {
			return errChanged
		}
	}
	if next.link != "" && !s.state.linkable(next) {
		return errNoCredential
	}
	all := shelf.siblings(next.environment)
	if current == nil {
		s.state.sequence++
		next.sequence = s.state.sequence
		all.records = append(all.records, next)
	} else {
		all.records[position(all.records, current)] = next
		s.state.use(current.link, -1)
	}
	s.state.use(next.link, +1)
	shelf.byID.set(next.id, next)
	return nil
}

// remove deletes a record, whichever version of it is stored. It fails with errChanged when there is none any more, and with errInUse when
// another record links to it.
func (s *store) remove(gone *record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelf := s.state.shelf(gone.resource)
	stored, _ := shelf.byID.get(gone.id)
	if stored == nil {
		return errChanged
	}
	if used, _ := s.state.uses.get(stored.id); stored.resource == resourceCredential && used > 0 {
		return errInUse
	}
	all := shelf.siblings(stored.environment)
	at := position(all.records, stored)
	all.records = slices.Delete(all.records, at, at+1)
	shelf.byID.drop(stored.id)
	s.state.use(stored.link, -1)
	return nil
}

// siblings returns the records of an environment to write to: a copy, where another store reads them too.
func (s *shelf) siblings(environment string) *siblings {
	part := s.byEnvironment.own(environment)
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
func (s *state) use(link string, change int) {
	if link == "" {
		return
	}
	uses, _ := s.uses.get(link)
	if uses += change; uses == 0 {
		s.uses.drop(link)
	} else {
		s.uses.set(link, uses)
	}
}

// position finds a record among its siblings, which stand in the order of their sequence.
func position(siblings []*record, sought *record) int {
	at, _ := slices.BinarySearchFunc(siblings, sought.sequence, func(sibling *record, sequence int64) int {
		return cmp.Compare(sibling.sequence, sequence)
	})
	return at
}

func recordKey(r *record) string { return r.resource + "\x00" + r.id }

// records returns everything that a state holds, credentials first, each resource in the order of creation.
func (s *state) records() []*record {
	var all []*record
	for i := range s.shelves {
		var shelf []*record
		for one := range s.shelves[i].byID.all() {
			shelf = append(shelf, one)
		}
		sortBySequence(shelf)
		all = append(all, shelf...)
	}
	return all
}

func sortBySequence(records []*record) {
	slices.SortFunc(records, func(a, b *record) int { return cmp.Compare(a.sequence, b.sequence) })
}

// change replaces what the store holds by what the function makes of it.
func (s *store) change(to func(*state) state) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state = to(&s.state)
}
