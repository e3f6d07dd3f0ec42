package store

import (
	"sync/atomic"
	"weak"
)

// Record is a stored credential or destination. It is immutable once it is in the store: a change replaces it by
// another one, so a reader needs no lock and no copy.
type Record struct {
	Resource    string
	ID          string
	Sequence    int64          // position in the order of creation
	Strategy    string         // name of its variant; empty for a resource with one variant
	Environment string         // id of its environment
	Link        string         // id of the credential in use; empty for none
	Values      map[string]any // all properties by the document's names, secrets included

	shown atomic.Pointer[weak.Pointer[Shown]] // see Remember; nil for none
}

// Shown is the answer that shows a record alone. It never changes.
type Shown struct {
	Model    uint64 // number of the model by which it was made
	Revision uint64 // revision of the known secrets by which it holds none
	Text     []byte // encoded
}

// Remember remembers the answer that shows the record, as long as something else keeps it: the journal does for some time.
func (r *Record) Remember(answer *Shown) {
	held := weak.Make(answer)
	r.shown.Store(&held)
}

// Remembered returns the answer that Remember got last; nil if it is forgotten.
func (r *Record) Remembered() *Shown {
	held := r.shown.Load()
	if held == nil {
		return nil
	}
	return held.Value()
}

// Copy returns a copy that is not stored, and may change.
func (r *Record) Copy() *Record {
	return &Record{
		Resource: r.Resource, ID: r.ID, Sequence: r.Sequence, Strategy: r.Strategy, Environment: r.Environment, Link: r.Link, Values: r.Values,
	}
}
