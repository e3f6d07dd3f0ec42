package store

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
}
