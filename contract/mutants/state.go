package mutants

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/credmock/credmock"
)

// memory is what a mutant has seen. It is safe for concurrent use.
type memory struct {
	mutex sync.Mutex
	// token is the Authorization with which anything was granted first: the engineer's.
	token string
	// kept are the secrets that each credential holds, by id and name; former, those that it held before.
	kept, former map[string]map[string]string
	// last is what each credential looked like when it was shown last.
	last map[string]map[string]any
	// order holds the ids in the order of creation.
	order []string
	// links tell which credential each destination uses.
	links map[string]string
	// waiting are those who wait for a partner, by key.
	waiting map[string]*meeting
	notes   map[string]any
}

func newMemory() *memory {
	return &memory{
		kept: map[string]map[string]string{}, former: map[string]map[string]string{},
		last: map[string]map[string]any{}, notes: map[string]any{}, links: map[string]string{}, waiting: map[string]*meeting{},
	}
}

// learn takes in what an exchange tells.
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

// secrets returns the secrets that a credential holds.
func (m *memory) secrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.kept[id])
}

// formerSecrets returns the secrets that a credential held before they were replaced.
func (m *memory) formerSecrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.former[id])
}

// othersSecrets returns the secrets of the credential that was created before another.
func (m *memory) othersSecrets(id string) map[string]string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if at := slices.Index(m.order, id); at > 0 {
		return maps.Clone(m.kept[m.order[at-1]])
	}
	return nil
}

// newestSecrets returns the secrets of the credential that was created last.
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

// shown returns a credential as it was shown last.
func (m *memory) shown(id string) map[string]any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.last[id])
}

// engineer returns the Authorization with which everything is granted.
func (m *memory) engineer() string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.token
}

// note keeps a value under words of a key; noted returns it.
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

// noteFirst keeps a value unless there is one already, and returns the one that is kept.
func (m *memory) noteFirst(value any, key ...string) any {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if kept, there := m.notes[strings.Join(key, " ")]; there {
		return kept
	}
	m.notes[strings.Join(key, " ")] = value
	return value
}

// count adds to a number and returns it.
func (m *memory) count(add int, key ...string) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	number, _ := m.notes[strings.Join(key, " ")].(int)
	m.notes[strings.Join(key, " ")] = number + add
	return number + add
}

// newest returns the id of the credential that was created last and is another, or nothing.
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

// others returns the ids of all credentials but the one that the exchange is about. A fault that met just one of them would miss,
// now and then, the one that a check looks at: checks run side by side.
func (e *exchange) others() []string {
	return slices.DeleteFunc(e.created(), func(id string) bool { return id == e.id })
}

// created returns the ids of everything that was created.
func (m *memory) created() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.order)
}
