package mockserver

// record is something stored. It is immutable once it is in the store: a change puts another in its place, so whoever
// reads one needs no lock and no copy.
type record struct {
	resource    string
	id          string
	sequence    int64          // the place in the order of creation
	strategy    string         // the name of its variant; empty for a resource that has only one
	environment string         // the id
	link        string         // the id of the credential in use; empty for none
	values      map[string]any // everything that is stored, secrets included, by the document's names
}
