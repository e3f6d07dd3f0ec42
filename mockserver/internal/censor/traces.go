package censor

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/credmock/credmock/internal/leak"
)

// traces find secrets within longer text, whole and in part, in upper and lower case, reversed, in base64, base32 and hex and
// as digests. They keep fingerprints of pieces and no secret. Of many secrets the oldest are forgotten.
//
// A text is read once: each run of windowLength bytes in it is looked up in a table of bits, which nearly always says that it
// belongs to no secret.
type traces struct {
	seed     uint64
	filter   atomic.Pointer[traceFilter]
	hasShort atomic.Bool // some words or pieces are known

	mutex         sync.RWMutex
	newest, older *traceSet
}

// traceFilter has a bit for each window that is known, and for others that chance puts beside it. It is small where few are known,
// so that it stays in the fastest memory.
type traceFilter struct {
	bits  int // its size, as a power of two
	words []atomic.Uint64
}

func newTraceFilter(bits int) *traceFilter {
	return &traceFilter{bits, make([]atomic.Uint64, 1<<(bits-6))}
}

const (
	minFilterBits, maxFilterBits = 13, 20
	// sparse is how many bits of a filter there are for each window, unless it is the largest.
	bitsPerWindow = 16
	// windowLength is how many bytes are looked up at once.
	windowLength = 8
	// longestOddPart is the length of a part of a secret that gives it away whatever it is made of.
	revealingLength = 12
	// traceGeneration is how many windows are known before the oldest secrets are forgotten: those of more than a thousand secrets.
	maxWindows = 1 << 17
	// wellKnown is how many bytes of a secret are looked for in parts at every place; of the next up to mostOfSecret every eighth is
	// the beginning of a part.
	denseLength, maxIndexed = 128, 1024
	// mostEncoded is how many bytes of a secret are looked for encoded, and mostDigested the length up to which its digests are.
	maxEncoded, maxDigested = 96, 64 << 10
)

// traceSet is what is known of some secrets. The keys are fingerprints.
type traceSet struct {
	secrets map[uint64]struct{}
	windows map[uint64]uint8    // how many windows that follow each other give a secret away
	pairs   map[uint64]struct{} // two windows beside each other
	words   map[uint64]struct{} // whole secrets that are shorter than a window
	pieces  map[uint64]struct{} // four bytes that no text has by chance

	products []uint32 // what the filter has
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

// folded maps each byte to what stands for it, whatever its case and whichever alphabet of base64 it is of.
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

// window returns the first bytes of a folded text, at most eight.
func window(text []byte) (packed uint64) {
	for i, letter := range text[:min(len(text), windowLength)] {
		packed |= uint64(letter) << (8 * i)
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

// Set sets the bit of a window, of which the upper half of a product is known.
func (f *traceFilter) set(product uint32) {
	bit := product >> (32 - f.bits)
	f.words[bit>>6].Or(1 << (bit & 63))
}

// note makes a window known to the filter.
func (t *traces) mark(window uint64) {
	product := uint32(window * t.seed >> 32)
	t.newest.products = append(t.newest.products, product)
	t.filter.Load().set(product)
}

// Learn notes a secret with its fingerprint, unless it is known.
func (t *traces) add(fingerprint uint64, secret string) {
	t.mutex.RLock()
	_, recent := t.newest.secrets[fingerprint]
	_, old := t.older.secrets[fingerprint]
	t.mutex.RUnlock()
	if recent || old {
		return
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
}

// size returns how many fingerprints there are.
func (s *traceSet) size() int { return len(s.windows) + len(s.pairs) + len(s.words) }

// Forget makes the latest secrets the older ones; call it with the lock held.
func (t *traces) rotate() {
	t.older, t.newest = t.newest, newTraceSet()
	t.rebuildFilter(t.filter.Load().bits)
}

// refilter makes another filter for all that is known; call it with the lock held.
func (t *traces) rebuildFilter(bits int) {
	filter := newTraceFilter(min(bits, maxFilterBits))
	for _, set := range []*traceSet{t.newest, t.older} {
		for _, product := range set.products {
			filter.set(product)
		}
	}
	t.filter.Store(filter)
}

// in tells whether a text holds a secret.
func (t *traces) contains(text []byte) bool {
	filter := t.filter.Load()
	words, shift := filter.words, uint(64-filter.bits)&63
	var packed uint64
	run := 0
	for i, letter := range text {
		packed = packed>>8 | uint64(folded[letter])<<56
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

// tells tells whether a window gives a secret away: after those before it, or with what follows.
func (t *traces) matches(packed uint64, rest []byte, run *int) bool {
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
	pair := t.pair(packed, window(fold(rest[:windowLength])))
	_, recent := t.newest.pairs[pair]
	_, old := t.older.pairs[pair]
	return recent || old
}

// shortIn tells whether a text holds a secret as a word that is shorter than a window, or a piece of one that no text has by chance.
func (t *traces) containsShort(text []byte) bool {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	if len(t.newest.words)+len(t.older.words) > 0 && t.containsWord(text) {
		return true
	}
	return len(t.newest.pieces)+len(t.older.pieces) > 0 && bytes.ContainsAny(text, leak.Marks) && t.containsPiece(text)
}

func (t *traces) containsWord(text []byte) bool {
	for start := range text {
		if start > 0 && isWordPart(text[start-1]) {
			continue
		}
		for length := minSecret; length < windowLength && start+length <= len(text); length++ {
			if end := start + length; end < len(text) && isWordPart(text[end]) {
				continue
			}
			key := t.word(fold(text[start : start+length]))
			_, recent := t.newest.words[key]
			_, old := t.older.words[key]
			if recent || old {
				return true
			}
		}
	}
	return false
}

func (t *traces) containsPiece(text []byte) bool {
	for start := 0; start+pieceLength <= len(text); start++ {
		key := t.word(fold(text[start : start+pieceLength]))
		_, recent := t.newest.pieces[key]
		_, old := t.older.pieces[key]
		if recent || old {
			return true
		}
	}
	return false
}

// word returns the fingerprint of a folded text that is shorter than a window.
func (t *traces) word(text []byte) uint64 { return t.pair(window(text), uint64(len(text))) }

func isWordPart(letter byte) bool {
	return letter >= '0' && letter <= '9' || letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= 0x80
}
