package jsonvalue

import (
	"bytes"
	"encoding/json"

	"github.com/credmock/credmock/internal/jsonbound"
)

// What a decoded value takes in bytes beside its text, rounded up.
const (
	objectSize = 352
	memberSize = 96
	itemSize   = 48
)

// Measure counts the values of a JSON text and the bytes that they take when decoded. The text need not be valid JSON.
func Measure(text []byte) (values int, size int64) {
	objects, members, items := 0, 0, 1
	for i, letter := range jsonbound.Structure(text) {
		switch letter {
		case '{', '[':
			if next := bytes.TrimLeft(text[i+1:min(i+9, len(text))], " \t\r\n"); len(next) == 0 || next[0] != '}' && next[0] != ']' {
				items++
			}
			if letter == '{' {
				objects++
			}
		case ',':
			items++
		case ':':
			members++
		}
	}
	return items, int64(len(text) + objects*objectSize + members*memberSize + items*itemSize)
}

// Weigh returns the bytes that a decoded value takes.
func Weigh(value any) int64 {
	size := int64(itemSize)
	switch value := value.(type) {
	case string:
		size += int64(len(value))
	case json.Number:
		size += int64(len(value))
	case map[string]any:
		size += objectSize
		for name, inner := range value {
			size += memberSize + int64(len(name)) + Weigh(inner)
		}
	case []any:
		for _, inner := range value {
			size += Weigh(inner)
		}
	}
	return size
}
