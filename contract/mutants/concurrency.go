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
