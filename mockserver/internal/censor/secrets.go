package censor

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// SecretSet recognizes the secrets and tokens that a mock has seen. It holds fingerprints and no secrets. It drops
// the oldest ones, so that its memory stays bounded.
type SecretSet struct {
	seed    maphash.Seed
	changes atomic.Uint64 // number of additions
	lengths atomic.Uint64 // set of the lengths modulo 64; rejects most texts at once

	mutex         sync.RWMutex
	newest, older map[uint64]struct{}

	traces *traces // finds the latest secrets within longer text and in other forms

	clean [1 << 10]atomic.Uint64 // marks of texts that hold none of the secrets, each at a place of its own
}

const (
	// generationSize is the number of secrets before the oldest are dropped. The set always holds at least as many.
	generationSize = 1 << 17
	// minSecret is the smallest length in bytes of a secret that is searched for in text. Shorter ones occur by
	// chance.
	minSecret = 4
)

// NewSecretSet returns an empty set.
func NewSecretSet() *SecretSet {
	return &SecretSet{seed: maphash.MakeSeed(), newest: map[uint64]struct{}{}, traces: newTraces()}
}

// Add adds a secret, to be recognized in every form.
func (k *SecretSet) Add(secret string) {
	k.addExact(secret)
	if len(secret) >= minSecret && k.traces.add(maphash.String(k.seed, secret), secret) {
		k.changes.Add(1)
	}
}

// Revision returns a number that grows with each addition, from 1. A text that holds none of the secrets holds none until then.
func (k *SecretSet) Revision() uint64 { return k.changes.Load() + 1 }

// addExact adds a text that must be masked only as a whole, such as one that holds a secret.
func (k *SecretSet) addExact(secret string) {
	if len(secret) < minSecret || k.contains(secret) {
		return
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.lengths.Or(1 << (len(secret) % 64))
	if len(k.newest) >= generationSize {
		k.newest, k.older = map[uint64]struct{}{}, k.newest
	}
	k.newest[maphash.String(k.seed, secret)] = struct{}{}
	k.changes.Add(1)
}

// mark returns a number that stands for a text at a revision, and the place where it is kept once the text is found to hold no secret.
func (k *SecretSet) mark(text string) (mark uint64, at *atomic.Uint64) {
	fingerprint := maphash.String(k.seed, text)
	return fingerprint + k.Revision()*fingerprintStep, &k.clean[fingerprint%uint64(len(k.clean))]
}

// fingerprintStep is odd, so that the marks of a text at all revisions differ.
const fingerprintStep = 0x9e3779b97f4a7c15

// contains reports whether the whole text is in the set.
func (k *SecretSet) contains(text string) bool {
	if len(text) < minSecret || k.lengths.Load()>>(len(text)%64)&1 == 0 {
		return false
	}
	fingerprint := maphash.String(k.seed, text)
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	_, recent := k.newest[fingerprint]
	_, old := k.older[fingerprint]
	return recent || old
}
