package model

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// StateChange is the difference between the records of two fixtures.
type StateChange struct {
	put     map[string]*store.Record // new and changed records, by [store.Key]
	removed map[string]bool          // keys of the removed records
	added   int                      // number of new records in put
	ordered []*store.Record          // the records of put in the order of the fixtures
}

// CompareStates returns the difference between the records that the fixtures of two models list.
func CompareStates(before, after *Model) *StateChange {
	change := &StateChange{put: map[string]*store.Record{}, removed: map[string]bool{}}
	old := map[string]*store.Record{}
	for _, one := range before.Initial.Records() {
		old[store.Key(one)] = one
		change.removed[store.Key(one)] = true
	}
	for _, one := range after.Initial.Records() {
		key := store.Key(one)
		delete(change.removed, key)
		if earlier := old[key]; earlier != nil && sameRecord(before, earlier, after, one) {
			continue
		} else if earlier == nil {
			change.added++
		}
		change.put[key] = one
		change.ordered = append(change.ordered, one)
	}
	return change
}

// sameRecord reports whether two records come from the same item of fixtures. It ignores their times.
func sameRecord(before *Model, earlier *store.Record, after *Model, later *store.Record) bool {
	return earlier.Environment == later.Environment && earlier.Link == later.Link && earlier.Strategy == later.Strategy &&
		reflect.DeepEqual(withoutTimes(earlier, before.VariantOf(earlier)), withoutTimes(later, after.VariantOf(later)))
}

// withoutTimes returns the values of a record without its times.
func withoutTimes(r *store.Record, form *Variant) map[string]any {
	left := maps.Clone(r.Values)
	for _, property := range form.Shown.Properties() {
		if property.Role == credmock.RoleCreationTime || property.Role == credmock.RoleUpdateTime {
			delete(left, property.Name)
		}
	}
	return left
}

// Apply returns a copy of a state with the change. It drops records of environments that the new model does not have.
// A removed credential stays while a record links to it.
func (c *StateChange) Apply(current *store.State, after *Model) store.State {
	linked := map[string]bool{}
	var wanted []*store.Record
	for _, one := range current.Records() {
		key := store.Key(one)
		if c.put[key] != nil || c.removed[key] && one.Resource != store.ResourceCredential {
			continue // replaced below, or removed
		}
		wanted = append(wanted, one)
	}
	wanted = append(wanted, c.ordered...)
	for _, one := range wanted {
		linked[one.Link] = true
	}
	made := store.New()
	for _, resource := range store.Resources { // credentials first: destinations link to them
		for _, one := range wanted {
			ok := one.Resource == resource && after.Environments[one.Environment] != nil
			if ok && (!c.removed[store.Key(one)] || linked[one.ID]) {
				putCopy(made, one, after)
			}
		}
	}
	return made.State
}

// putCopy appends a copy of a record. It removes a link to a missing credential.
func putCopy(s *store.Store, one *store.Record, by *Model) {
	copied := one.Copy()
	if s.Put(nil, copied) != nil {
		unlink(copied, by.VariantOf(copied))
		_ = s.Put(nil, copied) // cannot fail without a link
	}
}

// Describe returns the change in one sentence, or nil if there is none.
func (c *StateChange) Describe() []string {
	if len(c.put)+len(c.removed) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("fixtures: %d added, %d changed, %d removed", c.added, len(c.put)-c.added, len(c.removed))}
}
