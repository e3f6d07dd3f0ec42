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

// compareStates compares the records that the fixtures of two models list.
func compareStates(before, after *model) *stateChange {
	change := &stateChange{put: map[string]*record{}, removed: map[string]bool{}}
	old := map[string]*record{}
	for _, one := range before.initial.records() {
		old[recordKey(one)] = one
		change.removed[recordKey(one)] = true
	}
	for _, one := range after.initial.records() {
		key := recordKey(one)
		delete(change.removed, key)
		if earlier := old[key]; earlier != nil && sameRecord(before, earlier, after, one) {
			continue
		} else if earlier == nil {
			change.added++
		}
		change.put[key] = one
		change.first = append(change.first, one)
	}
	return change
}

// sameRecord reports whether two records are of the same item of fixtures. The times at which they were read make no difference.
func sameRecord(before *model, earlier *record, after *model, later *record) bool {
	return earlier.environment == later.environment && earlier.link == later.link && earlier.strategy == later.strategy &&
		reflect.DeepEqual(earlier.stated(before.variantOf(earlier)), later.stated(after.variantOf(later)))
}

// stated returns the values of a record without its times.
func (r *record) stated(form *variant) map[string]any {
	stated := maps.Clone(r.values)
	for _, property := range form.shown.Properties() {
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

// apply returns a state with the change. Records of an environment that the model does not have are left out.
func (c *stateChange) apply(current *state, after *model) state {
	linked := map[string]bool{}
	var wanted []*record
	for _, one := range current.records() {
		key := recordKey(one)
		if c.put[key] != nil || c.removed[key] && one.resource != resourceCredential {
			continue // it comes in its new form below, or goes
		}
		wanted = append(wanted, one)
	}
	wanted = append(wanted, c.first...)
	for _, one := range wanted {
		linked[one.link] = true
	}
	made := newStore()
	for _, resource := range shelved { // credentials first: the others link to them
		for _, one := range wanted {
			there := one.resource == resource && after.environments[one.environment] != nil
			if there && (!c.removed[recordKey(one)] || linked[one.id]) {
				made.putCopy(one, after)
			}
		}
	}
	return made.state
}

// putCopy stores a copy of a record, as the latest one. A link to a credential that is gone is removed.
func (s *store) putCopy(one *record, by *model) {
	copied := *one
	if s.put(nil, &copied) != nil {
		copied.unlink(by.variantOf(&copied))
		_ = s.put(nil, &copied) // without a link it cannot fail
	}
}

func (r *record) unlink(form *variant) {
	r.link = ""
	if property := form.create.Role(credmock.RoleCredential); property != nil {
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
