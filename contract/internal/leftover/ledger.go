// Package leftover keeps account of what a run creates, in memory and in a file that outlives a killed process. It sends no requests.
package leftover

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// NamePrefix begins the name of everything that a run creates. What follows it is another for every run, whatever the
// seed: two runs side by side must not clean up each other's things.
const NamePrefix = "credmock run "

// Thing is one thing that a run created and has not deleted yet.
type Thing struct {
	Resource, ID string
	Scope        string // of the check that created it
	Title        string // its name, where it was found by that
}

// Is tells whether two are the same thing.
func (m Thing) Is(other Thing) bool { return m.Resource == other.Resource && m.ID == other.ID }

// Doubt is a create of which nobody knows whether it created something.
type Doubt struct {
	Title    string // the name in its body
	Request  string // method and path template
	UnderWay bool   // the run ended before the answer came
}

// Ledger holds what a run has created and not deleted yet, and notes it in the file of the run. It is safe for concurrent use.
type Ledger struct {
	mutex  sync.Mutex
	things []Thing
	doubts []Doubt
	file   *File // nil if nothing is noted
	tried  bool  // something may have been created, known or not
}

// NoteIn makes a file note all further things.
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

func (l *Ledger) Add(thing Thing) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.things = append(l.things, thing)
	l.file.created(thing)
}

func (l *Ledger) AddDoubt(one Doubt) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.doubts = append(l.doubts, one)
}

// Remove removes the thing whose id ends the path of a request that deleted it.
func (l *Ledger) Remove(resource, path string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i, one := range l.things {
		if one.Resource == resource && strings.HasSuffix(path, "/"+one.ID) {
			l.things = slices.Delete(l.things, i, i+1)
			l.file.deleted(one)
			return
		}
	}
}

// MadeBy returns what a check created, the latest first; what all checks created for "".
func (l *Ledger) MadeBy(scope string) []Thing {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var list []Thing
	for _, thing := range slices.Backward(l.things) {
		if scope == "" || thing.Scope == scope {
			list = append(list, thing)
		}
	}
	return list
}

// IsUntouched tells whether nothing can have been created.
func (l *Ledger) IsUntouched() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return !l.tried
}

// Close ends the file of the run, and removes it unless something is left.
func (l *Ledger) Close(remove bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.file.end(remove)
}

// Unknown describes the creates that may have left something: those whose answer showed no id, if a list could not be read, and those
// that were under way when the run ended and are in no list yet. found are the things in the lists.
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

// InOrder returns what to delete: the ledger, with what was found by its name around it, since a credential can be deleted only after
// the destinations that use it. A deleted thing that is still visible is deleted again.
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
