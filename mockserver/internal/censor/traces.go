package censor

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/credmock/credmock/internal/leak"
)

// traces find secrets within longer text: whole and in part, in upper and lower case, reversed, in base64, base32 and
// hex, and as digests. They hold fingerprints of parts and no secrets. They drop the oldest ones.
//
// The search reads a text once. It looks up each run of windowLength bytes in a bit set, which excludes nearly all of
// them.
type traces struct {
	seed     uint64
	filter   atomic.Pointer[traceFilter]
	hasShort atomic.Bool // the sets have words or pieces

	mutex         sync.RWMutex
	newest, older *traceSet
}

// traceFilter has a bit for each known window; other windows may share it. It is small if few windows are known, so
// that it stays in the processor's cache.
type traceFilter struct {
	bits  int // size as a power of two
	words []atomic.Uint64
}

func newTraceFilter(bits int) *traceFilter {
	return &traceFilter{bits, make([]atomic.Uint64, 1<<(bits-6))}
}

const (
	minFilterBits, maxFilterBits = 13, 20
	// bitsPerWindow is the number of bits for each window, unless the filter has its largest size.
	bitsPerWindow = 16
	// windowLength is the number of bytes that are looked up at once.
	windowLength = 8
	// revealingLength is the length of a part of a secret that reveals it, even if the part is not distinctive.
	revealingLength = 12
	// maxWindows is the number of windows before the oldest secrets are dropped: enough for more than a thousand
	// secrets.
	maxWindows = 1 << 17
	// Every position of the first denseLength bytes of a secret begins a part, and then every eighth up to
	// maxIndexed.
	denseLength, maxIndexed = 128, 1024
	// maxEncoded is how many bytes of a secret are searched for encoded, and maxDigested the largest length of a
	// secret whose digests are.
	maxEncoded, maxDigested = 96, 64 << 10
)

// traceSet holds the fingerprints of some secrets.
type traceSet struct {
	secrets map[uint64]struct{}
	windows map[uint64]uint8    // number of consecutive windows that reveal a secret
	pairs   map[uint64]struct{} // pairs of adjacent windows
	words   map[uint64]struct{} // whole secrets shorter than a window
	pieces  map[uint64]struct{} // pieces of pieceLength bytes that no text has by chance

	products []uint32 // entries of the filter
}

func newTraceSet() *traceSet {
	return &traceSet{
		secrets: map[uint64]struct{}{}, windows: map[uint64]uint8{}, pairs: map[uint64]struct{}{},
		words: map[uint64]struct{}{}, pieces: map[uint64]struct{}{},
	}
}

func newTraces() *traces {
	made := &traces{seed: rand.Uint64() | 1, newest: newTraceSet(), older: newTraceSet()}
	made.filter.Store(newTraceFilter(minFilterBits))
	return made
}

// folded maps each byte to a form without case, and the URL alphabet of base64 to the standard one.
var folded = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
	}
	for letter := byte('A'); letter <= 'Z'; letter++ {
		table[letter] = letter + 'a' - 'A'
	}
	table['-'], table['_'] = '+', '/'
	return table
}()

func fold(text []byte) []byte {
	made := make([]byte, len(text))
	for i, letter := range text {
		made[i] = folded[letter]
	}
	return made
}

// window packs the first bytes of a text, folded, at most eight.
func window(text string) (packed uint64) {
	for i := range min(len(text), windowLength) {
		packed |= uint64(folded[text[i]]) << (8 * i)
	}
	return packed
}

// key returns the fingerprint of a window.
func (t *traces) key(window uint64) uint64 {
	window *= t.seed
	window ^= window >> 32
	return window * 0x9e3779b97f4a7c15
}

// pair returns the fingerprint of two windows.
func (t *traces) pair(first, second uint64) uint64 { return t.key(t.key(first) ^ second) }

// set sets the bit of a window, given the upper half of its product with the seed.
func (f *traceFilter) set(product uint32) {
	bit := product >> (32 - f.bits)
	f.words[bit>>6].Or(1 << (bit & 63))
}

// mark adds a window to the filter.
func (t *traces) mark(window uint64) {
	product := uint32(window * t.seed >> 32)
	t.newest.products = append(t.newest.products, product)
	t.filter.Load().set(product)
}

// add adds a secret with its fingerprint, unless it is known. It reports whether it did.
func (t *traces) add(fingerprint uint64, secret string) bool {
	t.mutex.RLock()
	_, recent := t.newest.secrets[fingerprint]
	_, old := t.older.secrets[fingerprint]
	t.mutex.RUnlock()
	if recent || old {
		return false
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.newest.size() >= maxWindows {
		t.rotate()
	}
	t.newest.secrets[fingerprint] = struct{}{}
	t.addSecret([]byte(secret))
	if bits := t.filter.Load().bits; bits < maxFilterBits && t.newest.size()+t.older.size() > 1<<bits/bitsPerWindow {
		t.rebuildFilter(bits + 2)
	}
	return true
}

// size returns the number of fingerprints.
func (s *traceSet) size() int { return len(s.windows) + len(s.pairs) + len(s.words) }

// rotate drops the older secrets and makes the latest the older ones. The caller must hold the lock.
func (t *traces) rotate() {
	t.older, t.newest = t.newest, newTraceSet()
	t.rebuildFilter(t.filter.Load().bits)
}

// rebuildFilter builds a filter of another size. The caller must hold the lock.
func (t *traces) rebuildFilter(bits int) {
	filter := newTraceFilter(min(bits, maxFilterBits))
	for _, set := range []*traceSet{t.newest, t.older} {
		for _, product := range set.products {
			filter.set(product)
		}
	}
	t.filter.Store(filter)
}

// contains reports whether a text holds a secret.
func (t *traces) contains(text string) bool {
	filter := t.filter.Load()
	words, shift := filter.words, uint(64-filter.bits)&63
	var packed uint64
	run := 0
	for i := range len(text) {
		packed = packed>>8 | uint64(folded[text[i]])<<56
		if i < windowLength-1 {
			continue
		}
		bit := packed * t.seed >> shift
		if words[bit>>6].Load()>>(bit&63)&1 == 0 {
			run = 0
		} else if t.matches(packed, text[i+1:], &run) {
			return true
		}
	}
	return t.hasShort.Load() && t.containsShort(text)
}

// matches reports whether a window reveals a secret, together with the windows before it or the text after it.
func (t *traces) matches(packed uint64, rest string, run *int) bool {
	key := t.key(packed)
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	needed, known := t.newest.windows[key]
	if !known {
		needed, known = t.older.windows[key]
	}
	if !known {
		*run = 0
	} else if *run++; *run >= int(needed) {
		return true
	}
	if len(rest) < windowLength {
		return false
	}
	pair := t.pair(packed, window(rest))
	_, recent := t.newest.pairs[pair]
	_, old := t.older.pairs[pair]
	return recent || old
}

// containsShort reports whether a text holds a secret shorter than a window as a word, or a piece that no text has by
// chance.
func (t *traces) containsShort(text string) bool {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	if len(t.newest.words)+len(t.older.words) > 0 && t.containsWord(text) {
		return true
	}
	return len(t.newest.pieces)+len(t.older.pieces) > 0 && strings.ContainsAny(text, leak.Marks) && t.containsPiece(text)
}

func (t *traces) containsWord(text string) bool {
	for start := range len(text) {
		if start > 0 && isWordPart(text[start-1]) {
			continue
		}
		for length := minSecret; length < windowLength && start+length <= len(text); length++ {
			if end := start + length; end < len(text) && isWordPart(text[end]) {
				continue
			}
			key := t.word(text[start : start+length])
			_, recent := t.newest.words[key]
			_, old := t.older.words[key]
			if recent || old {
				return true
			}
		}
	}
	return false
}

func (t *traces) containsPiece(text string) bool {
	for start := 0; start+pieceLength <= len(text); start++ {
		key := t.word(text[start : start+pieceLength])
		_, recent := t.newest.pieces[key]
		_, old := t.older.pieces[key]
		if recent || old {
			return true
		}
	}
	return false
}

// word returns the fingerprint of a text shorter than a window.
func (t *traces) word(text string) uint64 { return t.pair(window(text), uint64(len(text))) }

func isWordPart(letter byte) bool {
	return letter >= '0' && letter <= '9' || letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= 0x80
}
