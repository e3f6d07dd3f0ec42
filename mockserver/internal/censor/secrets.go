package censor

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Known recognises the secrets and tokens that a mock has met, wherever else they turn up. It keeps a fingerprint of
// each and no secret, and of very many it forgets the oldest, so that it does not grow.
type SecretSet struct {
	seed    maphash.Seed
	lengths atomic.Uint64 // which lengths there are, modulo 64: most texts need no look any further

	mutex         sync.RWMutex
	newest, older map[uint64]struct{}

	traces *traces // of the latest ones, to find them within longer text and in other forms
}

const (
	// generation is how many secrets are known before the oldest are forgotten: at least as many are always known.
	generationSize = 1 << 17
	// shortestSecret is the length in bytes from which a secret is looked for where it does not belong; chance makes up shorter ones.
	minSecret = 4
)

// NewKnown returns a Known that has met nothing yet.
func NewSecretSet() *SecretSet {
	return &SecretSet{seed: maphash.MakeSeed(), newest: map[uint64]struct{}{}, traces: newTraces()}
}

// Learn notes a secret, to be recognised in every form.
func (k *SecretSet) Add(secret string) {
	k.addExact(secret)
	if len(secret) >= minSecret {
		k.traces.add(maphash.String(k.seed, secret), secret)
	}
}

// learnWhole notes a text that is not to be shown, such as one that holds a secret.
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
}

// holds tells whether a text is one of them.
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
