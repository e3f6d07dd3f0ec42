package rerun

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// fewWrites is how many writes of a check are all repeated: any of them may be what counts.
const fewWrites = 8

// stepsTo returns the exchanges that made and changed what an exchange is about, in their order, or none if they are more than
// maxSteps. They are those of its check as well, if they are few.
func (a *again) stepsTo(all []*wire.Exchange, shown *wire.Exchange) []*wire.Exchange {
	earlier := slices.DeleteFunc(slices.Clone(all), func(e *wire.Exchange) bool {
		return e.Began >= shown.Began || e.Failure != nil || e.Operation == nil && e.Method != http.MethodGet
	})
	isList := shown.Operation != nil && shown.Operation.Action == "list"
	things := a.thingsOf(earlier, shown, isList)
	if isList || a.ownWrites(earlier, shown) <= fewWrites && !shown.IsCreate() {
		if steps := a.reach(earlier, shown, things, true); len(steps) <= maxSteps {
			return steps
		}
	}
	// The latest things matter most: the check went on until it failed.
	for from := range things {
		if steps := a.reach(earlier, shown, things[from:], false); len(steps) <= maxSteps {
			return steps
		}
	}
	if steps := a.reach(earlier, shown, nil, false); len(steps) <= maxSteps {
		return steps
	}
	return nil
}

// thingsOf returns the ids of the things that an exchange is about and does not name, in the order of their creation: those with a
// secret that leaked, else for a list those of its check, else the one that was answered.
func (a *again) thingsOf(earlier []*wire.Exchange, shown *wire.Exchange, isList bool) []string {
	var own, leaked []string
	for _, e := range earlier {
		if !e.IsCreate() || e.ID == "" {
			continue
		}
		if isList && a.isOwn(e, shown) {
			own = append(own, e.ID)
		}
		if isList && sendsLeaked(e, shown) {
			leaked = append(leaked, e.ID)
		}
	}
	switch {
	case len(leaked) > 0:
		return leaked
	case !isList && a.made[shown.ID]:
		return []string{shown.ID}
	}
	return own
}

// sendsLeaked tells whether a request sent secrets of the check and the name of which an answer shows one.
func sendsLeaked(e, shown *wire.Exchange) bool {
	return slices.ContainsFunc(shown.Leaks, func(leak wire.Leak) bool {
		return e.Scope == leak.Secret.Scope && bytes.Contains(e.Sent, []byte(`"`+leak.Secret.Name()+`"`))
	})
}

// isOwn tells whether the check of an exchange, or the check that judges it, sent another one.
func (a *again) isOwn(e, shown *wire.Exchange) bool {
	return e.Scope == shown.Scope || e.Scope == a.Scope
}

func (a *again) ownWrites(earlier []*wire.Exchange, shown *wire.Exchange) (writes int) {
	for _, e := range earlier {
		if a.isOwn(e, shown) && e.Method != http.MethodGet {
			writes++
		}
	}
	return writes
}

// reach returns what made and changed the things of an exchange, and what that needs in turn. whole adds all writes of its check.
func (a *again) reach(earlier []*wire.Exchange, shown *wire.Exchange, things []string, whole bool) []*wire.Exchange {
	chosen := map[*wire.Exchange]bool{shown: true}
	wanted := map[string]bool{}
	for _, id := range things {
		wanted[id] = true
	}
	for before := 0; before < len(chosen); {
		before = len(chosen)
		for e := range chosen {
			for _, id := range a.idsIn(e) {
				wanted[id] = true
			}
			if e.IsCreate() && e.ID != "" {
				wanted[e.ID] = true
			}
		}
		for _, e := range earlier {
			if e != shown && (whole && a.isOwn(e, shown) && e.Method != http.MethodGet || a.isStep(e, shown, wanted, chosen)) {
				chosen[e] = true
			}
		}
	}
	delete(chosen, shown)
	steps := slices.SortedFunc(maps.Keys(chosen), func(a, b *wire.Exchange) int { return cmp.Compare(a.Began, b.Began) })
	return withoutReads(steps, shown)
}

// isStep tells whether an exchange made or changed what another one is about, whichever check sent it.
func (a *again) isStep(e, shown *wire.Exchange, wanted map[string]bool, chosen map[*wire.Exchange]bool) bool {
	switch {
	case e.IsCreate() && wanted[e.ID]:
		return true
	case e.Method == http.MethodGet:
		return a.isOwn(e, shown) && e.Method == shown.Method && e.Path == shown.Path && e.Query == shown.Query
	}
	return slices.ContainsFunc(a.idsIn(e), func(id string) bool { return wanted[id] }) || hasNamesake(e, chosen)
}

// hasNamesake tells whether a create made something with the name of one of the chosen.
func hasNamesake(e *wire.Exchange, chosen map[*wire.Exchange]bool) bool {
	if !e.IsCreate() || !e.IsDone() {
		return false
	}
	for other := range chosen {
		if other.IsCreate() && sharesName(e, other) {
			return true
		}
	}
	return false
}

// idsIn returns the ids of things that the run created which a request names.
func (a *again) idsIn(e *wire.Exchange) []string {
	var ids []string
	if value, _ := pathtemplate.Match(e.Template, e.Path); value != "" {
		if id := a.idNear(value); id != "" {
			ids = append(ids, id)
		}
	}
	for _, id := range quotedID.FindAllStringSubmatch(foreign.FirstBytes(string(e.Sent), longBody), -1) {
		if a.made[id[1]] {
			ids = append(ids, id[1])
		}
	}
	return ids
}

// idNear returns the id of something that the run created which a value is, holds, or shares its beginning or end with; else "".
func (a *again) idNear(value string) string {
	if a.made[value] {
		return value
	}
	for id := range a.made {
		if len(id) >= longID && (strings.Contains(value, id) || almostToken(value, id, "ID") != nil) {
			return id
		}
	}
	return ""
}

// quotedID matches a text in a body that may be an id.
var quotedID = regexp.MustCompile(`:\s*"([^"\\]+)"`)

var nameInBody = regexp.MustCompile(`"name":"((?:[^"\\]|\\.)*)"`)

// sharesName tells whether two bodies have one name, but for case and blanks around it.
func sharesName(a, b *wire.Exchange) bool {
	one, other := nameInBody.FindSubmatch(a.Sent), nameInBody.FindSubmatch(b.Sent)
	return one != nil && other != nil && bytes.EqualFold(bytes.TrimSpace(one[1]), bytes.TrimSpace(other[1]))
}

// withoutReads leaves out reads, but for the first one of each kind before a write: a server may keep what it answered first.
func withoutReads(steps []*wire.Exchange, shown *wire.Exchange) []*wire.Exchange {
	read := map[string]bool{}
	return slices.DeleteFunc(steps, func(e *wire.Exchange) bool {
		if e.Method != http.MethodGet {
			return false
		}
		again := read[e.Path] || e.Method != shown.Method || e.Path != shown.Path
		read[e.Path] = true
		return again
	})
}
