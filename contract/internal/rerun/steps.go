package rerun

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
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
		if steps := a.reach(earlier, shown, reached{ids: setOf(things), byName: true, whole: true}); len(steps) <= maxSteps {
			return steps
		}
	}
	for _, byName := range []bool{true, false} {
		// The latest things matter most: the check went on until it failed.
		for from := range len(things) + 1 {
			if steps := a.reach(earlier, shown, reached{ids: setOf(things[from:]), byName: byName}); len(steps) <= maxSteps {
				return steps
			}
		}
	}
	return nil
}

func setOf(texts []string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		set[text] = true
	}
	return set
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

// reach returns what made and changed the things of an exchange, and what that needs in turn, or more than maxSteps of it.
func (a *again) reach(earlier []*wire.Exchange, shown *wire.Exchange, found reached) []*wire.Exchange {
	found.steps, found.names = map[*wire.Exchange]bool{}, map[string]bool{}
	a.follow(&found, shown)
	for before := -1; before < len(found.steps) && found.writes <= maxSteps; {
		before = len(found.steps)
		for _, e := range earlier {
			ownWrite := found.whole && e.Method != http.MethodGet && a.isOwn(e, shown)
			if !found.steps[e] && e != shown && (ownWrite || a.isStep(e, shown, &found)) {
				found.add(e)
				a.follow(&found, e)
			}
		}
	}
	steps := slices.SortedFunc(maps.Keys(found.steps), func(a, b *wire.Exchange) int { return cmp.Compare(a.Began, b.Began) })
	return withoutReads(steps, shown)
}

// reached is what leads to an exchange: the steps so far, and the things that they are about, by id and by name.
type reached struct {
	steps      map[*wire.Exchange]bool
	writes     int
	ids, names map[string]bool
	byName     bool // things of one name belong together
	whole      bool // all writes of the check are steps
}

func (r *reached) add(e *wire.Exchange) {
	r.steps[e] = true
	if e.Method != http.MethodGet {
		r.writes++
	}
}

// follow notes the things that an exchange is about.
func (a *again) follow(found *reached, e *wire.Exchange) {
	for _, id := range a.idsIn(e) {
		found.ids[id] = true
	}
	if !e.IsCreate() {
		return
	}
	found.names[a.nameIn(e)] = true
	if e.ID != "" {
		found.ids[e.ID] = true
	}
}

// isStep tells whether an exchange made or changed one of the things, or one of the same name, whichever check sent it.
func (a *again) isStep(e, shown *wire.Exchange, found *reached) bool {
	switch {
	case e.Method == http.MethodGet:
		return a.isOwn(e, shown) && e.Method == shown.Method && e.Path == shown.Path && e.Query == shown.Query
	case e.Status == http.StatusNotFound && !a.isOwn(e, shown):
		return false // nothing was changed, and a sound server would find it
	case e.IsCreate() && found.ids[e.ID]:
		return true
	case found.byName && e.IsCreate() && e.IsDone():
		if name := a.nameIn(e); name != "" && found.names[name] {
			return true
		}
	}
	return slices.ContainsFunc(a.idsIn(e), func(id string) bool { return found.ids[id] })
}

// idsIn returns the ids of things that the run created which a request names.
func (a *again) idsIn(e *wire.Exchange) []string {
	if ids, known := a.named[e]; known {
		return ids
	}
	var ids []string
	if value, _ := pathtemplate.Match(e.Template, e.Path); value != "" {
		if id := a.idNear(value); id != "" {
			ids = append(ids, id)
		}
	}
	for _, id := range quotedID().FindAllStringSubmatch(foreign.FirstBytes(string(e.Sent), longBody), -1) {
		if a.made[id[1]] {
			ids = append(ids, id[1])
		}
	}
	a.named[e] = ids
	return ids
}

// writesBack tells whether a request sends what an answer showed. Another server shows something else.
func (a *again) writesBack(e *wire.Exchange) bool {
	var body map[string]json.RawMessage
	return json.Unmarshal(e.Sent, &body) == nil && body[a.RoleName(credmock.RoleID)] != nil
}

// nameIn returns the name that the body of a create gives, without case and blanks around it, or "".
func (a *again) nameIn(e *wire.Exchange) string {
	if name, known := a.titles[e]; known {
		return name
	}
	role := RoleIn(e.Operation.Body, credmock.RoleName)
	if e.Operation.Body == nil {
		role = a.RoleName(credmock.RoleName)
	}
	var body map[string]json.RawMessage
	var name string
	if json.Unmarshal(e.Sent, &body) == nil && json.Unmarshal(body[role], &name) == nil {
		name = strings.ToLower(strings.TrimSpace(name))
	}
	a.titles[e] = name
	return name
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

// quotedID matches a text in a body that may be an id: a value, or an item of a list.
var quotedID = lazy.Regexp(`[:\[,]\s*"([^"\\]+)"`)

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
