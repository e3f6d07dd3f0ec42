package mockserver

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/credmock/credmock"
)

// stateChange is how fixtures differ from those before.
type stateChange struct {
	put     map[string]*record // what is new or different, by resource and id
	removed map[string]bool    // what is listed no more
	added   int                // how many of put are new
	first   []*record          // put, in the order of the fixtures
}

func recordKey(r *record) string { return r.resource + "\x00" + r.id }

// compareStates compares what fixtures make of an empty store.
func compareStates(before, after *state) *stateChange {
	change := &stateChange{put: map[string]*record{}, removed: map[string]bool{}}
	old := map[string]*record{}
	for _, one := range before.records() {
		old[recordKey(one)] = one
		change.removed[recordKey(one)] = true
	}
	for _, one := range after.records() {
		key := recordKey(one)
		delete(change.removed, key)
		if earlier := old[key]; earlier != nil && earlier.saysTheSame(one) {
			continue
		} else if earlier == nil {
			change.added++
		}
		change.put[key] = one
		change.first = append(change.first, one)
	}
	return change
}

// saysTheSame tells whether two records are of the same item of fixtures. When that was read makes no difference.
func (r *record) saysTheSame(other *record) bool {
	return r.environment.id == other.environment.id && r.link == other.link && r.variant.name == other.variant.name &&
		reflect.DeepEqual(r.stated(), other.stated())
}

func (r *record) stated() map[string]any {
	stated := maps.Clone(r.values)
	for _, property := range r.variant.shown.Properties() {
		if property.Role == credmock.RoleCreationTime || property.Role == credmock.RoleUpdateTime {
			delete(stated, property.Name)
		}
	}
	return stated
}

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

// apply returns a state with the change, in the terms of the fresh server.
func (c *stateChange) apply(current *state, fresh *Server) state {
	made := newStore()
	linked := map[string]bool{}
	var kept []*record
	for _, one := range current.records() {
		key := recordKey(one)
		if c.put[key] != nil || c.removed[key] && one.resource != resourceCredential {
			continue // it comes in its new form below, or goes
		}
		linked[one.link] = true
		kept = append(kept, one)
	}
	for _, one := range append(kept, c.first...) {
		linked[one.link] = true
	}
	for _, resource := range shelved {
		for _, one := range append(kept, c.first...) {
			if one.resource == resource && (!c.removed[recordKey(one)] || linked[one.id]) {
				one.moveInto(made, fresh)
			}
		}
	}
	return made.state
}

// moveInto puts the record into another store, in the terms of the fresh server. One of an environment that is gone goes with
// it; one of a strategy that is gone stays as it was.
func (r *record) moveInto(into *store, fresh *Server) {
	moved := *r
	if moved.environment = fresh.environments[r.environment.id]; moved.environment == nil {
		return
	}
	if kind := fresh.kinds[r.resource]; kind != nil && kind.byName[r.variant.name] != nil {
		moved.variant = kind.byName[r.variant.name]
	}
	if into.put(nil, &moved) != nil {
		// The credential that it used is gone. It cannot be linked to nothing, so it is linked no more.
		moved.unlink()
		_ = into.put(nil, &moved) // without a link it cannot fail
	}
}

func (r *record) unlink() {
	r.link = ""
	if property := r.variant.create.Role(credmock.RoleCredential); property != nil {
		r.values = maps.Clone(r.values)
		delete(r.values, property.Name)
	}
}

// sentences tell the change.
func (c *stateChange) sentences() []string {
	if len(c.put)+len(c.removed) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("fixtures: %d added, %d changed, %d removed", c.added, len(c.put)-c.added, len(c.removed))}
}

func sortBySequence(records []*record) {
	slices.SortFunc(records, func(a, b *record) int { return cmp.Compare(a.sequence, b.sequence) })
}

// all visits every value, in no order.
func (t *table[V]) all() iter.Seq[V] {
	return func(yield func(V) bool) {
		if t.parts == nil {
			return
		}
		for _, at := range t.parts {
			if at == nil {
				continue
			}
			for _, value := range at.values {
				if !yield(value) {
					return
				}
			}
		}
	}
}
