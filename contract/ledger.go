package contract

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// runPrefix begins the name of everything that a run creates. What follows it is another for every run, whatever the
// seed: two runs side by side must not clean up each other's things.
const runPrefix = "credmock run "

// made is one thing that a run created and has not deleted yet.
type made struct {
	resource, id string
	scope        string // of the check that created it
	title        string // its name, where it was found by that
}

// is tells whether two are the same thing.
func (m made) is(other made) bool { return m.resource == other.resource && m.id == other.id }

// doubt is a create of which nobody knows whether it created something.
type doubt struct {
	title    string // the name in its body
	request  string // method and path template
	underWay bool   // the run ended before the answer came
}

// ledger holds what a run has created and not deleted yet, and notes it in the file of the run. It is safe for concurrent use.
type ledger struct {
	mutex  sync.Mutex
	things []made
	doubts []doubt
	file   *runFile // nil if nothing is noted
	tried  bool     // something may have been created, known or not
}

// noteIn makes a file note all further things.
func (l *ledger) noteIn(file *runFile) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.file = file
}

// try notes that something may have been created.
func (l *ledger) try() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.tried = true
}

func (l *ledger) add(thing made) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.things = append(l.things, thing)
	l.file.created(thing)
}

func (l *ledger) doubt(one doubt) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.doubts = append(l.doubts, one)
}

// remove removes the thing whose id ends the path of a request that deleted it.
func (l *ledger) remove(resource, path string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i, one := range l.things {
		if one.resource == resource && strings.HasSuffix(path, "/"+one.id) {
			l.things = slices.Delete(l.things, i, i+1)
			l.file.deleted(one)
			return
		}
	}
}

// madeBy returns what a check created, the latest first; what all checks created for "".
func (l *ledger) madeBy(scope string) []made {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var list []made
	for _, thing := range slices.Backward(l.things) {
		if scope == "" || thing.scope == scope {
			list = append(list, thing)
		}
	}
	return list
}

// isEmpty tells whether nothing can have been created.
func (l *ledger) isEmpty() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return !l.tried
}

// close ends the file of the run, and removes it unless something is left.
func (l *ledger) close(remove bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.file.end(remove)
}

// unknown describes the creates that may have left something: those whose answer showed no id, if a list could not be read, and those
// that were under way when the run ended and are in no list yet. found are the things in the lists.
func (l *ledger) unknown(runName string, found []made, unlisted bool) (left []string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, one := range l.doubts {
		listed := slices.ContainsFunc(found, func(thing made) bool { return thing.title == one.title })
		if listed || !one.underWay && !unlisted {
			continue
		}
		text := fmt.Sprintf("%s may have created something that is not known; look for the name %q", one.request, runName)
		if !slices.Contains(left, text) {
			left = append(left, text)
		}
	}
	return left
}

// inOrder returns what to delete: the ledger, with what was found by its name around it, since a credential can be deleted only after
// the destinations that use it. A deleted thing that is still visible is deleted again.
func inOrder(ledger, found []made) []made {
	var before, after []made
	for _, thing := range found {
		switch {
		case slices.ContainsFunc(ledger, thing.is):
		case thing.resource == "credential":
			after = append(after, thing)
		default:
			before = append(before, thing)
		}
	}
	return slices.Concat(before, ledger, after)
}
