package mutants

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/credmock/credmock"
)

// memory is what a mutant has seen so far. It is safe for concurrent use.
type memory struct {
	mutex sync.Mutex
	// token is the Authorization of the first granted request: the engineer's.
	token string
	// kept are the current secrets of each credential, by id and name; former are the replaced ones.
	kept, former map[string]map[string]string
	// last is each credential as last shown.
	last map[string]map[string]any
	// order holds the ids in order of creation.
	order []string
	// links maps each destination to its credential.
	links map[string]string
	// waiting maps keys to requests that wait for a partner.
	waiting map[string]*meeting
	notes   map[string]any
}

func newMemory() *memory {
	return &memory{
		kept: map[string]map[string]string{}, former: map[string]map[string]string{},
		last: map[string]map[string]any{}, notes: map[string]any{}, links: map[string]string{}, waiting: map[string]*meeting{},
	}
}

// learn notes an exchange.
func (m *memory) learn(e *exchange) {
	if !e.success() || e.operation == nil {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.token == "" {
		m.token = e.request.Header.Get("Authorization")
	}
	id := e.credentialID()
	switch {
	case e.is("create"):
		m.order = append(m.order, id)
		m.keep(id, e.body)
	case e.is("update"):
		m.keep(id, e.body)
	}
	if e.is("create get update") && e.payload() != nil {
		m.last[id] = maps.Clone(e.payload())
	}
}

// keep notes the secrets of a body.
func (m *memory) keep(id string, body map[string]any) {
	if m.kept[id] == nil {
		m.kept[id], m.former[id] = map[string]string{}, map[string]string{}
	}
	for _, name := range credmock.Default().Secrets() {
		value, there := body[name]
		if !there {
			continue
		}
		if old := m.kept[id][name]; old != "" {
			m.former[id][name] = old
		}
		text, _ := value.(string)
		m.kept[id][name] = text
	}
}

// ids returns the ids of the credentials in order of creation.
func (m *memory) ids() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.order)
}

// secrets returns the current secrets of a credential.
func (m *memory) secrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.kept[id])
}

// formerSecrets returns the replaced secrets of a credential.
func (m *memory) formerSecrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.former[id])
}

// othersSecrets returns the secrets of the credential created before another.
func (m *memory) othersSecrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if at := slices.Index(m.order, id); at > 0 {
		return maps.Clone(m.kept[m.order[at-1]])
	}
	return nil
}

// newestSecrets returns the secrets of the newest credential.
func (m *memory) newestSecrets() map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, id := range slices.Backward(m.order) {
		if len(m.kept[id]) > 0 {
			return maps.Clone(m.kept[id])
		}
	}
	return nil
}

// shown returns a credential as last shown.
func (m *memory) shown(id string) map[string]any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.last[id])
}

// engineer returns the engineer's Authorization.
func (m *memory) engineer() string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.token
}

// note keeps a value under a key of words; noted returns it.
func (m *memory) note(value any, key ...string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.notes[strings.Join(key, " ")] = value
}

func (m *memory) noted(key ...string) any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.notes[strings.Join(key, " ")]
}

// noteFirst keeps a value unless there is one, and returns the kept one.
func (m *memory) noteFirst(value any, key ...string) any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if kept, there := m.notes[strings.Join(key, " ")]; there {
		return kept
	}
	m.notes[strings.Join(key, " ")] = value
	return value
}

// count adds to a number and returns the sum.
func (m *memory) count(add int, key ...string) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	number, _ := m.notes[strings.Join(key, " ")].(int)
	m.notes[strings.Join(key, " ")] = number + add
	return number + add
}

// newest returns the id of the newest credential other than one, or "".
func (m *memory) newest(other string) string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, id := range slices.Backward(m.order) {
		if id != other {
			return id
		}
	}
	return ""
}

// others returns the ids of all credentials except the one of the exchange. A fault that hit only one of them could miss the one
// that a check looks at, since checks run concurrently.
func (e *exchange) others() []string {
	return slices.DeleteFunc(e.created(), func(id string) bool { return id == e.id })
}

// created returns the ids of everything that was created.
func (m *memory) created() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.order)
}

// epoch is what a credential was from a time on; nil once it was deleted.
type epoch struct {
	from    time.Time
	payload map[string]any
}

// history is the epochs of a credential, the oldest first.
type history []epoch

// at returns the credential at a time; nil if there was none.
func (h history) at(moment time.Time) map[string]any {
	for _, one := range slices.Backward(h) {
		if !one.from.After(moment) {
			return maps.Clone(one.payload)
		}
	}
	return nil
}

// lags returns faults that make some reads show the state of a while ago, as replicas do that follow the writes of some operations.
func lags(reads, writes string, delay func(e *exchange) time.Duration) []fault {
	var order sync.Mutex // of two writes at once, the state that was read last is noted last
	return []fault{
		afterSuccess(writes, func(e *exchange) {
			order.Lock()
			defer order.Unlock()
			id := e.credentialID()
			before, shown := e.shown(id), e.askFor("get", id, nil)
			if !shown.success() { // a server that limits asks once to come back
				shown = e.askFor("get", id, nil)
			}
			key := []string{"history", id}
			e.mutex.Lock()
			defer e.mutex.Unlock()
			past, _ := e.notes[strings.Join(key, " ")].(history)
			if past == nil && !e.is("create") {
				past = history{{payload: before}}
			}
			e.notes[strings.Join(key, " ")] = append(slices.Clone(past), epoch{time.Now(), shown.payload()})
		}),
		after(reads, func(e *exchange) {
			if e.request.Header.Get("Authorization") != e.engineer() || e.request.Method != http.MethodGet {
				return
			}
			if moment := time.Now().Add(-delay(e)); e.is("list") {
				e.showListAt(moment)
			} else if past, known := e.noted("history", e.id).(history); known {
				e.showAt(past.at(moment))
			}
		}),
	}
}

// showAt answers with a credential of the past.
func (e *exchange) showAt(credential map[string]any) {
	if credential == nil {
		e.refuse(http.StatusNotFound)
		return
	}
	e.grant(credential)
}

// showListAt answers with the list of a while ago.
func (e *exchange) showListAt(moment time.Time) {
	if !e.success() {
		return
	}
	var shown []map[string]any
	live := map[string]bool{}
	for _, item := range e.items() {
		id, _ := item["id"].(string)
		past, known := e.noted("history", id).(history)
		live[id] = true
		if credential := past.at(moment); credential != nil {
			item = metadataOf(credential)
		} else if known {
			continue
		}
		shown = append(shown, item)
	}
	for _, id := range e.created() {
		past, _ := e.noted("history", id).(history)
		if credential := past.at(moment); credential != nil && !live[id] && credential["environmentId"] == e.id {
			shown = append(shown, metadataOf(credential))
		}
	}
	e.setItems(shown)
}

// steadily is the delay of one replica.
func steadily(delay time.Duration) func(*exchange) time.Duration {
	return func(*exchange) time.Duration { return delay }
}

// byTurns are the delays of several replicas that answer in turn.
func byTurns(delays ...time.Duration) func(*exchange) time.Duration {
	return func(e *exchange) time.Duration { return delays[e.count(1, "replica")%len(delays)] }
}

// upTo is a delay that differs from read to read, so that a later read may show less than an earlier one.
func upTo(longest time.Duration) func(*exchange) time.Duration {
	return func(*exchange) time.Duration { return time.Duration(rand.Int64N(int64(longest))) }
}

// seldom is a delay of one read in a number.
func seldom(one int, delay time.Duration) func(*exchange) time.Duration {
	return func(e *exchange) time.Duration {
		if e.count(1, "read")%one == 0 {
			return delay
		}
		return 0
	}
}

// afterReads is a delay that begins after a number of reads.
func afterReads(number int, delay time.Duration) func(*exchange) time.Duration {
	return func(e *exchange) time.Duration {
		if e.count(1, "read") > number {
			return delay
		}
		return 0
	}
}

const allWrites = "create update delete"

// soundLags are sound servers whose reads lag behind writes.
var soundLags = []Mutant{
	soundly("ids", "lag-steady", "Every read lags by 300 ms: up to two seconds are not judged.",
		lags("get list", allWrites, steadily(300*time.Millisecond))...),
	soundly("ids", "lag-replicas", "Three replicas answer in turn, and two of them lag by different times.",
		lags("get list", allWrites, byTurns(0, 400*time.Millisecond, 200*time.Millisecond))...),
	soundly("ids", "lag-wandering", "The lag of a read is anything up to 600 ms: a later read may show less.",
		lags("get list", allWrites, upTo(600*time.Millisecond))...),
	soundly("ids", "lag-list", "The list alone lags, by 400 ms.", lags("list", allWrites, steadily(400*time.Millisecond))...),
	soundly("ids", "lag-seldom", "One read in twelve lags by 800 ms, which the start of a run need not show.",
		lags("get list", allWrites, seldom(12, 800*time.Millisecond))...),
	soundly("ids", "lag-later", "Reads begin to lag by 500 ms in the middle of a run.",
		lags("get list", allWrites, afterReads(300, 500*time.Millisecond))...),
	soundly("ids", "lag-deletion", "What was deleted can be read and listed for 300 ms.",
		lags("get list", "delete", steadily(300*time.Millisecond))...),
}

// lagFaults are servers whose reads lag too much to be judged, and broken ones that a lag must not excuse.
var lagFaults = []Mutant{
	{Name: "verdict/lag", Rule: "Every read lags by three seconds.", Level: credmock.Must, Verdict: inconclusive,
		faults: lags("get list", allWrites, steadily(3*time.Second))},
	{Name: "verdict/lag-first", Rule: "A new credential shows after seven seconds.", Level: credmock.Must, Verdict: inconclusive,
		faults: lags("get list", "create", steadily(7*time.Second))},
	{Name: "verdict/lag-list", Rule: "The list lags by three seconds.", Level: credmock.Must, Verdict: inconclusive,
		faults: lags("list", allWrites, steadily(3*time.Second))},
	broken("lifecycle/list/lags-and-loses", "Reads lag, and the list never shows a credential of a second strategy.", "lifecycle/list/"+aws,
		append(lags("get list", allWrites, steadily(150*time.Millisecond)), listed(func(_ *exchange, items []map[string]any) []map[string]any {
			return slices.DeleteFunc(items, func(item map[string]any) bool { return item["authStrategy"] == aws })
		}))...),
	broken("update/lags-and-keeps", "Reads lag, and an update never changes the name.", "fields/update/name",
		append(lags("get list", allWrites, steadily(150*time.Millisecond)), inBodies("update", func(_ *exchange, body map[string]any) {
			delete(body, "name")
		}))...),
}
