package store

import (
	"hash/maphash"
	"iter"
	"maps"
)

// table is a map whose copies cost nothing: they share their parts until one of them writes, which then copies only the part
// that it writes to. It needs the lock of its owner, for copying too; copies need no common lock.
type table[V any] struct {
	parts *parts[V]
	owned bool // no copy shares the parts
}

// fanOut is how many parts a table has: enough that a part of a large table is copied in microseconds.
const fanOut = 256

type parts[V any] [fanOut]*part[V]

type part[V any] struct {
	owner  *parts[V] // which may write to it
	values map[string]V
}

// tableSeed spreads keys over the parts: in another way in each process, in the same way in each copy.
var tableSeed = maphash.MakeSeed()

func partOf(key string) int { return int(maphash.String(tableSeed, key) % fanOut) }

// copy returns a table with the same values. From now on neither writes where the other reads.
func (t *table[V]) copy() table[V] {
	t.owned = false
	return *t
}

func (t *table[V]) Get(key string) (value V, ok bool) {
	if t.parts == nil {
		return value, false
	}
	if at := t.parts[partOf(key)]; at != nil {
		value, ok = at.values[key]
	}
	return value, ok
}

func (t *table[V]) Set(key string, value V) { t.writable(key).values[key] = value }
func (t *table[V]) drop(key string)         { delete(t.writable(key).values, key) }

// own returns the part of a key, which is this table's alone from now on.
func (t *table[V]) writable(key string) *part[V] {
	if !t.owned {
		fresh := &parts[V]{}
		if t.parts != nil {
			*fresh = *t.parts
		}
		t.parts, t.owned = fresh, true
	}
	at := t.parts[partOf(key)]
	switch {
	case at == nil:
		at = &part[V]{owner: t.parts, values: map[string]V{}}
	case at.owner != t.parts:
		at = &part[V]{owner: t.parts, values: maps.Clone(at.values)}
	}
	t.parts[partOf(key)] = at
	return at
}

// All visits every value, in no order.
func (t *table[V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		if t.parts == nil {
			return
		}
		for _, at := range t.parts {
			if at == nil {
				continue
			}
			for _, value := range at.values {
				if !yield(value) {
					return
				}
			}
		}
	}
}
