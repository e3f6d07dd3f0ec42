// Package leak finds secrets in text that should hold none: whole or in part, plain, encoded, reversed or digested.
//
// It knows each secret only as something to look for. What it reports names the secret by the label it was given,
// and never holds any of its characters.
package leak

import (
	"strings"
	"sync"
)

// Secret is something to look for.
type Secret struct {
	// Label says which secret it is, in words that may be shown.
	Label string
	// Scope groups the secrets that belong together. Short pieces are looked for only within a scope, where
	// chance cannot make one up; long pieces everywhere.
	Scope string
}

// Sighting is one secret found.
type Sighting struct {
	Secret Secret
	// Form says how it was written: "plain", "in part", "base64", "SHA-256 in hex" and so on.
	Form string
	// Certain tells that the form counts as the secret itself (docs/contract.md#what-counts-as-a-secret); others are to be avoided.
	Certain bool
}

const (
	// pieceLength is how many characters in a row count as the secret (docs/contract.md#what-counts-as-a-secret).
	pieceLength = 4
	// longPiece is what cannot be chance even among all the secrets of a run.
	longPiece = 8
	// decodedPiece is what cannot be chance in bytes that a decoder made up from an id or a signature.
	decodedPiece = 6
)

// Detector looks for the secrets that it was told of. It is safe for concurrent use.
type Detector struct {
	mutex   sync.RWMutex
	secrets []entry
	pieces  map[string]pieceIndex // by scope
	long    pieceIndex
	digests map[string]digestOf
	heads   [1 << 16]bool // the first two bytes of the digests, for most windows have none of them
	known   map[string]bool
	whole   []int // secrets that are looked for as a whole: they have pieces without a mark
}

type entry struct {
	secret Secret
	value  string
}

// pieceIndex maps a piece of a secret to the secret's place in Detector.secrets.
type pieceIndex map[string]piece

type piece struct {
	secret   int
	reversed bool
}

// New returns a detector that knows no secret yet.
func New() *Detector {
	return &Detector{pieces: map[string]pieceIndex{}, long: pieceIndex{}, digests: map[string]digestOf{}, known: map[string]bool{}}
}

// Add tells the detector of a secret. A value shorter than four characters is not looked for: it would be found by chance.
func (d *Detector) Add(secret Secret, value string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(value) < pieceLength || d.known[secret.Scope+"\x00"+value] {
		return
	}
	d.known[secret.Scope+"\x00"+value] = true
	at := len(d.secrets)
	d.secrets = append(d.secrets, entry{secret, value})
	d.addDigests(value, at)
	if !marked(value) {
		d.whole = append(d.whole, at)
		return
	}
	if d.pieces[secret.Scope] == nil {
		d.pieces[secret.Scope] = pieceIndex{}
	}
	// Short pieces are looked for as they are; long ones in any case and in reverse too.
	d.pieces[secret.Scope].add(value, pieceLength, piece{at, false})
	d.long.add(fold(value), longPiece, piece{at, false})
	d.long.add(reverse(fold(value)), longPiece, piece{at, true})
}

// add enters the pieces of a value that are telling: those in which every other character is a mark, as no text has
// them by chance. A long piece tells with one mark.
func (index pieceIndex) add(value string, length int, found piece) {
	for start := 0; start+length <= len(value); start++ {
		window := value[start : start+length]
		if _, taken := index[window]; !taken && (length == longPiece || marks(window) >= length/2) {
			index[window] = found
		}
	}
}

func marks(text string) int { return strings.Count(text, Marks[:1]) + strings.Count(text, Marks[1:]) }

// marked tells whether a secret can be looked for in pieces: it has enough marks.
func marked(value string) bool { return 3*marks(value) >= len(value) }

// Marks are the characters of which a secret that is made to be found has one in every two: so rare in ids, dates,
// sentences and markup that a piece of the secret is never there by chance.
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
		for _, reading := range readings(piece) {
			found.scanPieces(reading, scopes)
			found.scanDigests(reading)
		}
	}
	return found.list
}

// fold lower-cases only the letters of ASCII, which keeps every byte in its place.
func fold(text string) string {
	folded := []byte(text)
	for i, b := range folded {
		if b >= 'A' && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return string(folded)
}

func reverse(value string) string {
	reversed := []byte(value)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}
