// Package leftover notes the records that a run creates, in memory and in a file that survives a killed process. It sends no
// requests.
package leftover

import (
	"fmt"
	"slices"
	"sync"
)

// NamePrefix begins the name of everything that a run creates. The rest differs between runs, whatever the seed: two runs side by
// side must not delete each other's things.
const NamePrefix = "credmock run "

// Thing is something that a run created and has not deleted yet.
type Thing struct {
	Resource, ID string
	Scope        string // of the check that created it
	Title        string // its name, if it was found by that
}

// Is tells whether two things are the same.
func (m Thing) Is(other Thing) bool { return m.Resource == other.Resource && m.ID == other.ID }

// Doubt is a create that may or may not have created something.
type Doubt struct {
	Title    string // the name in its body
	Request  string // method and path template
	UnderWay bool   // the run ended before the answer came
}

// Ledger holds what a run has created and not deleted yet, and notes it in the run's file. It is safe for concurrent use.
type Ledger struct {
	mutex  sync.Mutex
	things []Thing
	doubts []Doubt
	file   *File // nil if nothing is noted
	tried  bool  // something may have been created, known or not
}

// NoteIn notes all further things in a file.
func (l *Ledger) NoteIn(file *File) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.file = file
}

// NoteAttempt notes that something may have been created.
func (l *Ledger) NoteAttempt() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.tried = true
}

// Add adds a thing that was created.
func (l *Ledger) Add(thing Thing) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.things = append(l.things, thing)
	l.file.created(thing)
}

// Has tells whether the run created a thing and has not deleted it yet.
func (l *Ledger) Has(resource, id string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.ContainsFunc(l.things, Thing{Resource: resource, ID: id}.Is)
}

// AddDoubt adds a create with an unknown result.
func (l *Ledger) AddDoubt(one Doubt) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.doubts = append(l.doubts, one)
}

// Remove removes a thing that was deleted.
func (l *Ledger) Remove(resource, id string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if i := slices.IndexFunc(l.things, Thing{Resource: resource, ID: id}.Is); i >= 0 {
		l.file.deleted(l.things[i])
		l.things = slices.Delete(l.things, i, i+1)
	}
}

// GiveTo makes a check the one that created a thing.
func (l *Ledger) GiveTo(scope string, thing Thing) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if i := slices.IndexFunc(l.things, thing.Is); i >= 0 {
		l.things[i].Scope = scope
	}
}

// MadeBy returns what a check created, the latest first, and credentials after all that may use them. The empty scope means all
// checks.
func (l *Ledger) MadeBy(scope string) []Thing {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var users, credentials []Thing
	for _, thing := range slices.Backward(l.things) {
		switch {
		case scope != "" && thing.Scope != scope:
		case thing.Resource == "credential":
			credentials = append(credentials, thing)
		default:
			users = append(users, thing)
		}
	}
	return append(users, credentials...)
}

// IsUntouched tells whether nothing can have been created.
func (l *Ledger) IsUntouched() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return !l.tried
}

// Close ends the file of the run, and removes it on request.
func (l *Ledger) Close(remove bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.file.end(remove)
}

// Unknown describes the creates that may have left something: those without an id in the answer, if a list could not be read, and
// those under way at the end of the run that no list shows yet. found are the things in the lists.
func (l *Ledger) Unknown(runName string, found []Thing, unlisted bool) (left []string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, one := range l.doubts {
		listed := slices.ContainsFunc(found, func(thing Thing) bool { return thing.Title == one.Title })
		if listed || !one.UnderWay && !unlisted {
			continue
		}
		text := fmt.Sprintf("%s may have created something that is not known; look for the name %q", one.Request, runName)
		if !slices.Contains(left, text) {
			left = append(left, text)
		}
	}
	return left
}

// InOrder returns what to delete, in order: the ledger, with what was found by its name around it, since destinations go before
// their credentials. A deleted thing that is still visible is deleted again.
func InOrder(ledger, found []Thing) []Thing {
	var before, after []Thing
	for _, thing := range found {
		switch {
		case slices.ContainsFunc(ledger, thing.Is):
		case thing.Resource == "credential":
			after = append(after, thing)
		default:
			before = append(before, thing)
		}
	}
	return slices.Concat(before, ledger, after)
}
