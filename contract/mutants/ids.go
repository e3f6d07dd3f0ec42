package mutants

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// names translates the ids of credentials to ids of another form, and back.
type names struct {
	mutex sync.Mutex
	// next returns a new id. taken tells which ids are in use.
	next      func(id string, taken func(string) bool) string
	given     map[string]string // by the sound server's id
	originals map[string]string // by the given id
}

func newNames(next func(id string, taken func(string) bool) string) *names {
	return &names{next: next, given: map[string]string{}, originals: map[string]string{}}
}

// of returns the given id for one of the sound server.
func (n *names) of(id string) string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if given, there := n.given[id]; there {
		return given
	}
	given := n.next(id, func(given string) bool { _, there := n.originals[given]; return there })
	n.given[id], n.originals[given] = given, id
	return given
}

// original returns the sound server's id for a given one, or the id itself if it was not given.
func (n *names) original(given string) string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if id, there := n.originals[given]; there {
		return id
	}
	return given
}

// release frees the id that was given for one of the sound server. Answers that are still under way show it.
func (n *names) release(id string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	delete(n.originals, n.given[id])
}

// renames gives credentials other ids.
func renames(reused bool, next func(id string, taken func(string) bool) string) fault {
	return fault{
		before: func(e *exchange) { renameRequest(e, e.names(next)) },
		after: func(e *exchange) {
			known := e.names(next)
			renameAnswer(e, known)
			if reused && e.is("delete") && e.success() {
				known.release(e.id)
			}
		},
	}
}

// renameRequest replaces given ids in a request by those of the sound server.
func renameRequest(e *exchange, known *names) {
	if e.is("get update delete") {
		e.id = known.original(e.id)
		e.request.URL.Path, e.request.URL.RawPath = pathOf(e.operation, e.id), ""
	}
	e.rewrite(func(body map[string]any) {
		for _, member := range []string{"id", link} {
			if id, isText := body[member].(string); isText {
				body[member] = known.original(id)
			}
		}
	})
}

// renameAnswer replaces the sound server's ids in an answer by given ones.
func renameAnswer(e *exchange, known *names) {
	if location := e.header.Get("Location"); location != "" && e.is("create") {
		at := strings.LastIndexByte(location, '/') + 1
		e.header.Set("Location", location[:at]+known.of(location[at:]))
	}
	for _, credential := range e.credentials() {
		known.rename(credential, "id")
	}
	known.rename(e.member("destination"), link)
	if e.is("destination-list") {
		for _, item := range e.items() {
			known.rename(item, link)
		}
	}
}

// rename replaces the id in a member.
func (n *names) rename(object map[string]any, member string) {
	if id, isText := object[member].(string); isText {
		object[member] = n.of(id)
	}
}

// names returns the translation of a server's ids.
func (m *memory) names(next func(id string, taken func(string) bool) string) *names {
	known, _ := m.noteFirst(newNames(next), "names").(*names)
	return known
}

// counting returns ascending numbers.
func counting(first int) func(string, func(string) bool) string {
	var mutex sync.Mutex
	number := first
	return func(string, func(string) bool) string {
		mutex.Lock()
		defer mutex.Unlock()
		number++
		return strconv.Itoa(number)
	}
}

// lowestFree returns the lowest free number.
func lowestFree(_ string, taken func(string) bool) string {
	for number := 1; ; number++ {
		if !taken(strconv.Itoa(number)) {
			return strconv.Itoa(number)
		}
	}
}

func digestOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func ulid(id string, _ func(string) bool) string {
	return "01" + base32.NewEncoding(crockford).WithPadding(base32.NoPadding).EncodeToString(digestOf(id))[:24]
}

func signs(id string, _ func(string) bool) string {
	return "cred~" + strings.ReplaceAll(id[:min(13, len(id))], "-", "_") + ".v-1"
}

func likeBase64(id string, _ func(string) bool) string {
	return base64.StdEncoding.EncodeToString(digestOf(id)[:18])
}

func paddedBase64(id string, _ func(string) bool) string {
	return base64.URLEncoding.EncodeToString(digestOf(id)[:16])
}

func likeDigest(id string, _ func(string) bool) string { return fmt.Sprintf("%x", digestOf(id)) }

func words(id string, _ func(string) bool) string {
	letters := []string{"amber", "birch", "cedar", "dune", "elm", "fern", "grove", "heath"}
	var parts []string
	for _, one := range digestOf(id)[:8] {
		parts = append(parts, letters[one%8])
	}
	return strings.Join(slices.Compact(parts), "-") + "-" + likeDigest(id, nil)[:6]
}

func upper(id string, _ func(string) bool) string { return "{" + strings.ToUpper(id) + "}" }

// various returns ids of many forms.
func various(id string, taken func(string) bool) string {
	forms := []func(string, func(string) bool) string{ulid, signs, paddedBase64, likeDigest, words, upper}
	return forms[int(digestOf(id)[31])%len(forms)](id, taken)
}

// soundIDs use ids of other forms, since ids are opaque (docs/contract.md#common-fields).
var soundIDs = []Mutant{
	soundly("ids", "ids/numbers", "Ids are numbers in strings: they are opaque.", renames(false, counting(1000))),
	soundly("ids", "ids/lowest-free", "Ids are the lowest free number, and given again: reuse is not judged.", renames(true, lowestFree)),
	soundly("ids", "ids/base64", "Ids look like base64, with slashes and plus signs: they are opaque.", renames(false, likeBase64)),
	soundly("ids", "ids/various", "Each id is of another form, as ULIDs, digests, words, in braces or with signs: they are opaque.",
		renames(false, various)),
}
