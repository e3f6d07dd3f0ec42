// Package leak finds secrets in text that must not contain any: whole or in part, plain, encoded, reversed or hashed.
//
// A report names a secret by its label and never contains any of its characters.
package leak

import (
	"strings"
	"sync"
)

// Secret identifies a value to look for.
type Secret struct {
	// Label names the secret in reports.
	Label string
	// Scope groups the secrets that belong together. Short pieces are looked for only within a scope, where
	// chance cannot make one up; long pieces everywhere.
	Scope string
}

// Name returns the last word of the label after a slash, such as clientSecret.
func (s Secret) Name() string { return s.Label[strings.LastIndexByte(s.Label, '/')+1:] }

// Sighting is one secret found.
type Sighting struct {
	Secret Secret
	// Form is the encoding of the secret: "plain", "in part", "base64", "SHA-256 in hex" and so on.
	Form string
	// Certain reports whether the form counts as the secret itself (docs/contract.md#what-counts-as-a-secret); other forms
	// should be avoided.
	Certain bool
}

const (
	// pieceLength is the number of consecutive characters that count as the secret (docs/contract.md#what-counts-as-a-secret).
	pieceLength = 4
	// longPiece is the length that never matches by chance among all secrets of a run.
	longPiece = 8
	// decodedPiece is the length that never matches by chance in bytes decoded from an id or a signature.
	decodedPiece = 6
)

// Detector finds the secrets added to it. It is safe for concurrent use.
type Detector struct {
	mutex   sync.RWMutex
	secrets []entry
	pieces  map[string]pieceIndex // by scope
	long    pieceIndex
	digests map[string]digestOf
	heads   [1 << 16]bool // first two bytes of the digests, to skip most windows
	known   map[string]bool
	whole   []int // secrets matched only as a whole, since they have pieces without a mark
	recent  recent
}

type entry struct {
	secret   Secret
	value    string
	folded   string // the value in lower case
	reversed string // and from its end to its beginning
}

// pieceIndex maps a piece to the secrets that have it.
type pieceIndex map[string][]piece

// piece is a piece of a secret, by the secret's index in Detector.secrets.
type piece struct {
	secret   int
	reversed bool
}

// maxCandidates is how many secrets are kept for one piece.
const maxCandidates = 8

// span is a part of a text.
type span struct{ start, end int }

// New returns a detector without secrets.
func New() *Detector {
	return &Detector{pieces: map[string]pieceIndex{}, long: pieceIndex{}, digests: map[string]digestOf{}, known: map[string]bool{}}
}

// Add adds a secret. A value shorter than four characters is ignored, since it would match by chance.
func (d *Detector) Add(secret Secret, value string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(value) < pieceLength || d.known[secret.Scope+"\x00"+value] {
		return
	}
	d.known[secret.Scope+"\x00"+value] = true
	at := len(d.secrets)
	one := entry{secret: secret, value: value, folded: fold(value)}
	one.reversed = reverse(one.folded)
	d.secrets = append(d.secrets, one)
	d.addDigests(value, at)
	if !marked(value) {
		d.whole = append(d.whole, at)
		return
	}
	if d.pieces[secret.Scope] == nil {
		d.pieces[secret.Scope] = pieceIndex{}
	}
	// Short pieces are matched exactly; long ones in any case and also reversed.
	d.pieces[secret.Scope].add(value, pieceLength, piece{at, false})
	d.long.add(one.folded, longPiece, piece{at, false})
	d.long.add(one.reversed, longPiece, piece{at, true})
}

// add indexes the significant pieces of a value: those in which every other character is a mark, which no other text contains
// by chance. A long piece needs one mark.
func (index pieceIndex) add(value string, length int, found piece) {
	for start := 0; start+length <= len(value); start++ {
		window := value[start : start+length]
		known := index[window]
		isNew := len(known) == 0 || known[len(known)-1] != found
		if isNew && len(known) < maxCandidates && (length == longPiece || marks(window) >= length/2) {
			index[window] = append(known, found)
		}
	}
}

func marks(text string) int { return strings.Count(text, Marks[:1]) + strings.Count(text, Marks[1:]) }

// marked reports whether a secret has enough marks to be found in pieces.
func marked(value string) bool { return 3*marks(value) >= len(value) }

// Marks are the characters that make up half of a canary. They are so rare in ids, dates, sentences and markup that no piece of
// a canary matches by chance.
const Marks = "^|"

// Scan looks for every secret in text. Short pieces are looked for only among the secrets of the scopes.
// Each secret is reported once, in the plainest form in which it was found.
func (d *Detector) Scan(text string, scopes ...string) []Sighting {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	if len(d.secrets) == 0 {
		return nil
	}
	found := sightings{detector: d, seen: map[int]bool{}}
	for piece := range Pieces(text) {
		for _, reading := range d.recent.readings(piece) {
			found.scanPieces(reading, scopes)
			found.scanWhole(reading)
			found.scanDigests(reading)
		}
	}
	return found.list
}

// fold lower-cases only the letters of ASCII, which keeps every byte in its place.
func fold(text string) string {
	if !strings.ContainsAny(text, upperCase) {
		return text
	}
	folded := []byte(text)
	for i, one := range folded {
		folded[i] = lower[one]
	}
	return string(folded)
}

// lower has the lower case of each byte. A table is faster than a comparison for each byte of long texts.
var lower = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
	}
	for i := range len(upperCase) {
		table[upperCase[i]] = lowerCase[i]
	}
	return table
}()

func reverse(value string) string {
	reversed := []byte(value)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}
