package model

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// StateChange is how fixtures differ from those before.
type StateChange struct {
	put     map[string]*store.Record // what is new or different, by resource and id
	removed map[string]bool          // what is listed no more
	added   int                      // how many of put are new
	ordered []*store.Record          // put, in the order of the fixtures
}

// CompareStates compares the records that the fixtures of two models list.
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

// sameRecord reports whether two records are of the same item of fixtures. The times at which they were read make no difference.
func sameRecord(before *Model, earlier *store.Record, after *Model, later *store.Record) bool {
	return earlier.Environment == later.Environment && earlier.Link == later.Link && earlier.Strategy == later.Strategy &&
		reflect.DeepEqual(withoutTimes(earlier, before.VariantOf(earlier)), withoutTimes(later, after.VariantOf(later)))
}

// stated returns the values of a record without its times.
func withoutTimes(r *store.Record, form *Variant) map[string]any {
	left := maps.Clone(r.Values)
	for _, property := range form.Shown.Properties() {
		if property.Role == credmock.RoleCreationTime || property.Role == credmock.RoleUpdateTime {
			delete(left, property.Name)
		}
	}
	return left
}

// Apply returns a state with the change. Records of an environment that the model does not have are left out.
func (c *StateChange) Apply(current *store.State, after *Model) store.State {
	linked := map[string]bool{}
	var wanted []*store.Record
	for _, one := range current.Records() {
		key := store.Key(one)
		if c.put[key] != nil || c.removed[key] && one.Resource != store.ResourceCredential {
			continue // it comes in its new form below, or goes
		}
		wanted = append(wanted, one)
	}
	wanted = append(wanted, c.ordered...)
	for _, one := range wanted {
		linked[one.Link] = true
	}
	made := store.New()
	for _, resource := range store.Resources { // credentials first: the others link to them
		for _, one := range wanted {
			ok := one.Resource == resource && after.Environments[one.Environment] != nil
			if ok && (!c.removed[store.Key(one)] || linked[one.ID]) {
				putCopy(made, one, after)
			}
		}
	}
	return made.State
}

// putCopy stores a copy of a record, as the latest one. A link to a credential that is gone is removed.
func putCopy(s *store.Store, one *store.Record, by *Model) {
	copied := *one
	if s.Put(nil, &copied) != nil {
		unlink(&copied, by.VariantOf(&copied))
		_ = s.Put(nil, &copied) // without a link it cannot fail
	}
}

// Sentences tell the change.
func (c *StateChange) Describe() []string {
	if len(c.put)+len(c.removed) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("fixtures: %d added, %d changed, %d removed", c.added, len(c.put)-c.added, len(c.removed))}
}
