package scenarios

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"sync"
)

const (
	// shortest is the length from which a value is looked for anywhere: shorter ones would be found by chance.
	// Below it, a secret is masked where it stands under its own name alone.
	shortest = 4
	// pieceLength is how many characters of a longer secret are enough to be masked.
	pieceLength = 8

	masked = "[masked]"
)

// masker hides what a script must not show: its tokens and its secrets, whole, in part and in common encodings.
type masker struct {
	mutex  sync.Mutex
	pieces map[int]map[string]bool // by length
	whole  []string
}

func newMasker() *masker { return &masker{pieces: map[int]map[string]bool{}} }

// learn makes the values ones that are never shown.
func (m *masker) learn(values ...string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, value := range values {
		if len(strings.TrimSpace(value)) < shortest {
			continue
		}
		m.whole = append(m.whole, value)
		for _, form := range forms(value) {
			m.learnForm(form)
		}
	}
}

func (m *masker) learnForm(form string) {
	length := min(pieceLength, len(form))
	if m.pieces[length] == nil {
		m.pieces[length] = map[string]bool{}
	}
	for start := 0; start+length <= len(form); start++ {
		if piece := form[start : start+length]; strings.TrimSpace(piece) != "" {
			m.pieces[length][piece] = true
		}
	}
}

// forms returns a value as it stands and as it may be written.
func forms(value string) []string {
	quoted, _ := json.Marshal(value) // a string always can be
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	return []string{
		value,
		strings.Trim(string(quoted), `"`),
		url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value),
		strings.TrimRight(encoded, "="), strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(encoded, "=")),
		hex.EncodeToString([]byte(value)),
	}
}

// mask returns the text with everything hidden that was learned.
func (m *masker) mask(text string) string {
	hidden := m.hidden(text)
	var shown strings.Builder
	for at := 0; at < len(text); at++ {
		switch {
		case !hidden[at]:
			shown.WriteByte(text[at])
		case at == 0 || !hidden[at-1]:
			shown.WriteString(masked)
		}
	}
	return strings.ToValidUTF8(shown.String(), "")
}

// hidden tells for each byte of the text whether it belongs to something that was learned.
func (m *masker) hidden(text string) []bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	hidden := make([]bool, len(text))
	for length, pieces := range m.pieces {
		for start := 0; start+length <= len(text); start++ {
			if !pieces[text[start:start+length]] {
				continue
			}
			for at := start; at < start+length; at++ {
				hidden[at] = true
			}
		}
	}
	return hidden
}

// holds tells whether a text has one of the learned values in it, whole or encoded.
func (m *masker) holds(text string) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, value := range m.whole {
		for _, form := range forms(value) {
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// learnPart learns a text that is part of something learned: a script that looks for a piece of a secret must not
// show the piece either.
func (m *masker) learnPart(text string) {
	m.mutex.Lock()
	part := false
	for _, value := range m.whole {
		for _, form := range forms(value) {
			part = part || strings.Contains(form, text)
		}
	}
	m.mutex.Unlock()
	if part {
		m.learn(text)
	}
}
