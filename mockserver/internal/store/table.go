package store

import (
	"hash/maphash"
	"iter"
	"maps"
)

// table is a map that copies in constant time: copies share their parts until one of them writes, which then copies
// only the part that it changes. The caller must hold a lock to read, write and copy it; copies need no common lock.
type table[V any] struct {
	parts *parts[V]
	owned bool // no copy shares the array of parts
}

// fanOut is the number of parts of a table. A part of a large table is small enough to copy in microseconds.
const fanOut = 256

type parts[V any] [fanOut]*part[V]

type part[V any] struct {
	owner  *parts[V] // array that may write to it
	values map[string]V
}

// tableSeed distributes keys over parts, in the same way for each copy.
var tableSeed = maphash.MakeSeed()

func partOf(key string) int { return int(maphash.String(tableSeed, key) % fanOut) }

// copy returns a table with the same values. Writes to one do not affect the other.
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

// writable returns the part of a key for writing. It copies the part first if another table shares it.
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

// All returns an iterator over all values, in no order.
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
