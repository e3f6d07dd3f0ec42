package store

// Record is something stored. It is immutable once it is in the store: a change puts another in its place, so whoever
// reads one needs no lock and no copy.
type Record struct {
	Resource    string
	ID          string
	Sequence    int64          // the place in the order of creation
	Strategy    string         // the name of its variant; empty for a resource that has only one
	Environment string         // the id
	Link        string         // the id of the credential in use; empty for none
	Values      map[string]any // everything that is stored, secrets included, by the document's names
}
