package mockserver

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/credmock/credmock"
)

// stateChange is how fixtures differ from those before.
type stateChange struct {
	put     map[string]*record // what is new or different, by resource and id
	removed map[string]bool    // what is listed no more
	added   int                // how many of put are new
	first   []*record          // put, in the order of the fixtures
}

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
		reflect.DeepEqual(stated(earlier, before.variantOf(earlier)), stated(later, after.variantOf(later)))
}

// stated returns the values of a record without its times.
func stated(r *record, form *variant) map[string]any {
	left := maps.Clone(r.values)
	for _, property := range form.shown.Properties() {
		if property.Role == credmock.RoleCreationTime || property.Role == credmock.RoleUpdateTime {
			delete(left, property.Name)
		}
	}
	return left
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
				putCopy(made, one, after)
			}
		}
	}
	return made.state
}

// putCopy stores a copy of a record, as the latest one. A link to a credential that is gone is removed.
func putCopy(s *store, one *record, by *model) {
	copied := *one
	if s.put(nil, &copied) != nil {
		unlink(&copied, by.variantOf(&copied))
		_ = s.put(nil, &copied) // without a link it cannot fail
	}
}

// sentences tell the change.
func (c *stateChange) sentences() []string {
	if len(c.put)+len(c.removed) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("fixtures: %d added, %d changed, %d removed", c.added, len(c.put)-c.added, len(c.removed))}
}
