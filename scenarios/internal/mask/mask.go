// Package mask hides the tokens and secrets of a script in its output: whole, in part and in common encodings.
package mask

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

const (
	// shortest is the length from which a value is looked for anywhere: shorter ones would be found by chance.
	// A shorter secret is masked only under its own name.
	shortest = 4
	// PieceLength is how many characters of a longer secret are enough to be masked.
	PieceLength = 8
)

// Masker hides the tokens and secrets of a script, whole, in part and in common encodings. It keeps only the values, and takes their
// pieces for each text: an index of all pieces would be far larger.
type Masker struct {
	mutex  sync.Mutex
	values map[string]bool
	length int // of all values
}

// New returns a masker that has learned nothing.
func New() *Masker { return &Masker{values: map[string]bool{}} }

// Learn makes the values ones that are never shown.
func (m *Masker) Learn(values ...string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, value := range values {
		if len(strings.TrimSpace(value)) < shortest || m.values[value] {
			continue
		}
		if m.length += len(value); m.length <= bound.SecretsLimit {
			m.values[value] = true
		}
	}
}

// Full tells that there were more secrets than can be kept.
func (m *Masker) Full() bool { return m.length > bound.SecretsLimit }

// forms returns a value as it stands and as it may be written.
func forms(value string) []string {
	quoted, _ := json.Marshal(value) // a string always can be
	plain := ordered.Quote(value)
	all := []string{
		value,
		strings.Trim(string(quoted), `"`),
		url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value),
		hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	for before := range 3 {
		encoded := base64Within(value, before)
		all = append(all, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	line := foreign.Text(value).String()
	if line == value && len(plain) == len(value)+2 {
		return all // nothing in it is escaped, however it is written
	}
	return append(all, line, strings.Trim(plain, `"`), strings.Trim(foreign.Text(plain).JSON(), `"`), strings.Trim(strconv.Quote(value), `"`))
}

// base64Within returns what of the base64 of a longer text is the value's own, if so many bytes before it share its groups of three.
func base64Within(value string, before int) string {
	text := strings.Repeat("-", before) + value
	encoded := base64.RawStdEncoding.EncodeToString([]byte(text))
	if len(text)%3 != 0 {
		encoded = encoded[:len(encoded)-1] // this letter says something of the text behind the value, too
	}
	return encoded[(before*8+5)/6:]
}

// Mask returns the text with everything hidden that was learned.
func (m *Masker) Mask(text string) string { return m.MaskPrefix(text, len(text)) }

// MaskPrefix is mask, and leaves out what comes after a length: a secret there is seen whole before it is cut in two.
func (m *Masker) MaskPrefix(text string, length int) string {
	hidden := m.hidden(text)
	var shown strings.Builder
	for at := range min(len(text), length) {
		switch {
		case !hidden[at]:
			shown.WriteByte(text[at])
		case at == 0 || !hidden[at-1]:
			shown.WriteString(ordered.Masked)
		}
	}
	return shown.String()
}

// indexed is how much of a text is indexed at once.
const indexed = 256 << 10

// hidden tells for each byte of the text whether it belongs to something that was learned.
func (m *Masker) hidden(text string) []bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	hidden := make([]bool, len(text))
	if m.Full() {
		for at := range hidden {
			hidden[at] = true
		}
		return hidden
	}
	for start := 0; start < len(text); start += indexed {
		m.hide(text[start:min(len(text), start+indexed+PieceLength)], hidden[start:])
	}
	return hidden
}

// hide marks the parts of a text that were learned.
func (m *Masker) hide(text string, hidden []bool) {
	pieces := make(map[string]bool, len(text)) // of the text, with whether they were learned
	for start := 0; start+PieceLength <= len(text); start++ {
		pieces[text[start:start+PieceLength]] = false
	}
	for value := range m.values {
		for _, form := range forms(value) {
			if len(form) < PieceLength {
				hideAll(text, form, hidden)
			}
			for start := 0; start+PieceLength <= len(form); start++ {
				piece := form[start : start+PieceLength]
				if _, there := pieces[piece]; there && strings.TrimSpace(piece) != "" {
					pieces[piece] = true
				}
			}
		}
	}
	for start := 0; start+PieceLength <= len(text); start++ {
		if pieces[text[start:start+PieceLength]] {
			mark(hidden[start : start+PieceLength])
		}
	}
}

// hideAll marks each place of a short form.
func hideAll(text, form string, hidden []bool) {
	for start := 0; ; start++ {
		next := strings.Index(text[start:], form)
		if next < 0 || strings.TrimSpace(form) == "" {
			return
		}
		start += next
		mark(hidden[start : start+len(form)])
	}
}

func mark(hidden []bool) {
	for at := range hidden {
		hidden[at] = true
	}
}

// Holds tells whether a text has one of the learned values in it, whole or encoded.
func (m *Masker) Holds(text string) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for value := range m.values {
		for _, form := range forms(value) {
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return m.Full()
}

// LearnPart learns a text that is part of something learned: a script that looks for a piece of a secret must not
// show the piece either.
func (m *Masker) LearnPart(text string) {
	m.mutex.Lock()
	part := false
	for value := range m.values {
		for _, form := range forms(value) {
			part = part || strings.Contains(form, text)
		}
	}
	m.mutex.Unlock()
	if part {
		m.Learn(text)
	}
}
