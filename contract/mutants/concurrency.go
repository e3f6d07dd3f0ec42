package mutants

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
)

// patience is how long a request waits for a concurrent one.
const patience = 60 * time.Millisecond

// meeting is a request that waits for a partner.
type meeting struct {
	brought any
	partner chan any
}

// meet pairs two concurrent requests. It returns what the other one brought.
func (m *memory) meet(key string, brought any) (other any, met bool) {
	m.mutex.Lock()
	if first := m.waiting[key]; first != nil {
		delete(m.waiting, key)
		m.mutex.Unlock()
		first.partner <- brought
		return first.brought, true
	}
	mine := &meeting{brought, make(chan any, 1)}
	m.waiting[key] = mine
	m.mutex.Unlock()
	select {
	case other = <-mine.partner:
		return other, true
	case <-time.After(patience):
	}
	m.mutex.Lock()
	alone := m.waiting[key] == mine
	if alone {
		delete(m.waiting, key)
	}
	m.mutex.Unlock()
	if alone {
		return nil, false
	}
	return <-mine.partner, true
}

// crossed exchanges the answers of two concurrent requests.
func crossed(action string) fault {
	return afterSuccess(action, func(e *exchange) {
		if other, met := e.meet(action, maps.Clone(e.payload())); met {
			e.answer["payload"] = other
		}
	})
}

// together returns a fault that changes concurrent successes of an operation. brought is what each tells the other.
func together(action string, brought func(*exchange) string, change func(e *exchange, other string)) fault {
	return afterSuccess(action, func(e *exchange) {
		if other, met := e.meet(action, brought(e)); met {
			text, _ := other.(string)
			change(e, text)
		}
	})
}

// mixed replaces every second field of an update by the value of a concurrent one. A request without a partner is mixed with the
// last one.
func mixed() fault {
	return before("update", func(e *exchange) {
		if e.body == nil {
			return
		}
		other, met := e.meet("update "+e.id, maps.Clone(e.body))
		if met {
			e.note(maps.Clone(e.body), "met", e.id)
		} else {
			other = e.noted("met", e.id)
		}
		theirs, isObject := other.(map[string]any)
		if !isObject {
			return
		}
		e.rewrite(func(body map[string]any) {
			for i, name := range slices.Sorted(maps.Keys(body)) {
				if value, there := theirs[name]; there && i%2 == 0 {
					body[name] = value
				}
			}
		})
	})
}

// readsFirst makes an update write back every field as it was when the update began.
func readsFirst() fault {
	return before("update", func(e *exchange) {
		if e.body == nil {
			return
		}
		there := e.askFor("get", e.id, nil).payload()
		if _, met := e.meet("update "+e.id, nil); !met {
			return
		}
		e.rewrite(func(body map[string]any) {
			strategy := credmock.Default().Strategy(e.strategy())
			for name, value := range there {
				property := strategy.Update.Property(name)
				_, sent := body[name]
				if !sent && property != nil && !property.ReadOnly && !property.Immutable && value != nil {
					body[name] = value
				}
			}
		})
	})
}

var concurrencyFaults = []Mutant{
	broken("concurrency/get/crossed", "Two reads under way together get each other's answers.", "concurrency/get", crossed("get")),
	broken("concurrency/create/crossed", "Two creations under way together get each other's answers.", "concurrency/create",
		crossed("create")),
	broken("concurrency/update/crossed", "Two updates under way together get each other's answers.", "concurrency/update", crossed("update")),
	broken("concurrency/create/lost", "Of two creations under way together one is lost.", "concurrency/create",
		together("create", (*exchange).credentialID, func(e *exchange, other string) {
			if e.credentialID() < other {
				e.askFor("delete", e.credentialID(), nil)
			}
		})),
	broken("concurrency/create/same-id", "Two creations under way together get one id.", "concurrency/create",
		together("create", (*exchange).credentialID, func(e *exchange, other string) {
			e.payload()["id"] = min(e.credentialID(), other)
		})),
	broken("concurrency/get/unavailable", "Of two reads under way together one is refused.", "concurrency/get",
		together("get", (*exchange).credentialID, func(e *exchange, other string) {
			if e.credentialID() < other {
				e.refuse(http.StatusConflict)
			}
		})),
	broken("concurrency/update/conflict", "Of two updates of different credentials one is refused.", "concurrency/update",
		together("update", (*exchange).credentialID, func(e *exchange, other string) {
			if e.credentialID() < other {
				e.refuse(http.StatusConflict)
			}
		})),
	broken("concurrency/same/mixed", "Two updates of one credential under way together are mixed.", "concurrency/same", mixed()),
	careless("concurrency/lost/read-first", "Of two updates of one credential under way together one is lost.", "concurrency/lost",
		readsFirst()),
}

// window is the time between looking and writing of a server that does not lock.
const window = 15 * time.Millisecond

// pause waits, or ends with the request.
func pause(e *exchange) {
	select {
	case <-time.After(window):
	case <-e.request.Context().Done():
	}
}

// looksFirst notes that the credential of a request was there, and writes a moment later.
func looksFirst(names string) fault {
	return before(names, func(e *exchange) {
		if e.request.Header.Get("Authorization") == e.engineer() && exists(e, e.id) {
			e.note(true, "was there", e.name, e.id)
			pause(e)
		}
	})
}

// wasThere tells whether a credential was there when the request began.
func wasThere(e *exchange) bool { return e.noted("was there", e.name, e.id) != nil && gone(e) }

// halves stores an update in two steps.
func halves() fault {
	return before("update", func(e *exchange) {
		if e.body == nil {
			return
		}
		half := map[string]any{"grantType": e.body["grantType"], "url": e.body["url"]}
		for i, name := range freeTexts {
			if value, there := e.body[name]; there && i%2 == 0 {
				half[name] = value
			}
		}
		e.askFor("update", e.id, half)
		pause(e)
	})
}

// raceFaults are servers that look, wait and then write.
var raceFaults = []Mutant{
	broken("concurrency/attach/unlocked", "A destination gets a credential that was there a moment ago.", "concurrency/attach",
		append([]fault{before("destination-update", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText && exists(e, credential) {
				e.note(true, "seen", credential)
				pause(e)
			}
		})}, forcesLinks(func(e *exchange, credential string) bool { return e.noted("seen", credential) != nil })...)...),
	broken("concurrency/attach/late-delete", "A delete looks for users, and deletes a moment later.", "concurrency/attach",
		remembersLinks(), looksFirst("delete"), after("delete", func(e *exchange) {
			if !e.refused() || e.noted("was there", e.name, e.id) == nil {
				return
			}
			detaches(e)
			if made := e.askFor("delete", e.id, nil); made.success() {
				for _, destination := range e.users(e.id) {
					e.note(e.id, "dangling", destination)
				}
				e.status, e.answer = made.status, made.answer
			}
		}), afterSuccess("destination-get", func(e *exchange) {
			if credential := e.noted("dangling", e.id); credential != nil && credential == e.joined(e.id) {
				e.member("destination")[link] = credential
			}
		})),
	broken("concurrency/attach/both", "Of two attachments side by side each releases what it saw before.", "concurrency/attach/two",
		before("destination-update", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText {
				e.note(e.joined(e.id), "before", e.id, credential)
				pause(e)
			}
		}), afterSuccess("destination-update", func(e *exchange) {
			credential, isText := e.body[link].(string)
			if old, _ := e.noted("before", e.id, credential).(string); isText {
				e.count(-1, "uses", old)
				e.count(1, "uses", credential)
				e.join(e.id, credential)
			}
		}), refuseWhen("delete", http.StatusConflict, func(e *exchange) bool { return e.count(0, "uses", e.id) > 0 })),
	broken("concurrency/delete/resurrected", "An update writes back what was deleted while it was under way.", "concurrency/delete",
		looksFirst("update"), after("update", func(e *exchange) {
			if wasThere(e) {
				e.note(true, "undead", e.id)
				e.grant(e.shown(e.id))
			}
		}), after("get", func(e *exchange) {
			if gone(e) && e.noted("undead", e.id) != nil && e.request.Header.Get("Authorization") == e.engineer() {
				e.grant(e.shown(e.id))
			}
		})),
	broken("concurrency/delete/twice", "Two deletions side by side both succeed.", "concurrency/delete",
		looksFirst("delete"), after("delete", func(e *exchange) {
			if wasThere(e) && e.count(1, "deletions", e.id) == 1 {
				e.grant(map[string]any{"message": "Deleted."})
			}
		})),
	broken("concurrency/delete/crashes", "An update of what is deleted meanwhile is a server error.", "concurrency/delete",
		looksFirst("update"), after("update", func(e *exchange) {
			if wasThere(e) {
				e.refuse(http.StatusInternalServerError)
			}
		})),
	broken("concurrency/list/shifted", "A list beside a deletion misses an item for each deleted one.", "concurrency/list",
		before("delete", func(e *exchange) {
			e.count(1, "leaving")
			pause(e)
		}), after("delete", func(e *exchange) { e.count(-1, "leaving") }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			if e.count(0, "leaving") > 0 {
				return items[len(items)/2:]
			}
			return items
		})),
	broken("concurrency/list/nameless", "A list beside a creation has the new credential without its name.", "concurrency/list",
		afterSuccess("create", func(e *exchange) {
			e.note(true, "fresh", e.credentialID())
			pause(e)
			e.note(nil, "fresh", e.credentialID())
		}), inCredentials("list", func(e *exchange, item map[string]any) {
			if id, _ := item["id"].(string); e.noted("fresh", id) != nil {
				item["name"] = "new"
			}
		})),
	broken("concurrency/read/halves", "An update is stored in two steps.", "concurrency/read", halves()),
}
