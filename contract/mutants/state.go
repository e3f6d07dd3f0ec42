package mutants

import (
	"maps"
	"slices"
	"strings"
	"sync"

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
