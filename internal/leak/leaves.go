package leak

import (
	"cmp"
	"strconv"
	"strings"
)

// leaf is a short value, or the short name of a member, in a JSON text.
type leaf struct {
	kind leafKind
	path []string // the names and indices that lead to it
	text string
}

type leafKind int

const (
	aText leafKind = iota
	aNumber
	aName
)

// shortPart is how many characters a part may have that is not found by itself.
const shortPart = pieceLength - 1

// maxLeaves bounds the leaves of one text, maxDepth their depth.
const (
	maxLeaves = 20_000
	maxDepth  = 64
)

// member returns the last name on the way to the leaf that is no index.
func (l leaf) member() string {
	for i := len(l.path) - 1; i >= 0; i-- {
		if name := l.path[i]; name != "" && (name[0] < '0' || name[0] > '9') {
			return name
		}
	}
	return ""
}

// parent returns the way to the array or object with the leaf.
func (l leaf) parent() string { return strings.Join(l.path[:max(0, len(l.path)-1)], "/") }

// byNumber compares names so that part10 comes after part9.
func byNumber(a, b string) int {
	before, after := strings.TrimRight(a, "0123456789"), strings.TrimRight(b, "0123456789")
	if before != after {
		return cmp.Compare(before, after)
	}
	first, _ := strconv.Atoi(a[len(before):])
	second, _ := strconv.Atoi(b[len(after):])
	return cmp.Compare(first, second)
}

// reader collects the leaves of a text that looks like JSON, whole or cut off.
type reader struct {
	text   string
	at     int
	path   []string // the current name or index in each open array or object
	index  []int    // the index in each open array; -1 for an object
	leaves []leaf
}

func leavesOf(text string) []leaf {
	r := &reader{text: text}
	for r.at < len(text) && len(r.leaves) < maxLeaves {
		r.step()
	}
	return r.leaves
}

// step reads one token.
func (r *reader) step() {
	switch one := r.text[r.at]; one {
	case '{', '[':
		r.open(one == '[')
	case '}', ']':
		if top := len(r.path) - 1; top >= 0 {
			r.path, r.index = r.path[:top], r.index[:top]
		}
	case ',':
		if top := len(r.path) - 1; top >= 0 && r.index[top] >= 0 {
			r.index[top]++
			r.path[top] = strconv.Itoa(r.index[top])
		}
	case '"':
		r.quoted()
		return
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		start := r.at
		for r.at < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[r.at]) >= 0 {
			r.at++
		}
		r.number(r.text[start:r.at])
		return
	}
	r.at++
}

// open begins an array or object. One that is nested too deep counts as its parent.
func (r *reader) open(isArray bool) {
	if len(r.path) < maxDepth {
		r.path, r.index = append(r.path, ""), append(r.index, -1)
	}
	if top := len(r.path) - 1; isArray {
		r.path[top], r.index[top] = "0", 0
	}
}

// quoted reads a string, which is a value or a name.
func (r *reader) quoted() {
	start := r.at + 1
	for r.at++; r.at < len(r.text) && r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			r.at++
		}
	}
	end := min(r.at, len(r.text))
	value := r.text[start:end]
	r.at++
	if rest := strings.TrimLeft(r.text[min(r.at, len(r.text)):min(r.at+8, len(r.text))], " \t\r\n"); strings.HasPrefix(rest, ":") {
		if top := len(r.path) - 1; top >= 0 {
			r.path[top] = value
		}
		r.note(aName, value)
		return
	}
	r.note(aText, value)
	r.number(value)
}

// number notes a number as the character, or the octet, that it may stand for.
func (r *reader) number(text string) {
	if len(text) == 0 || len(text) > 8 {
		return
	}
	value, err := strconv.ParseFloat(text, 64)
	switch at := int(value); {
	case err != nil || value != float64(at) || at < -128 || at > 0x10ffff:
	case at < 256:
		r.note(aNumber, string([]byte{byte(at & 0xff)}))
	default:
		r.note(aNumber, string(rune(at)))
	}
}

func (r *reader) note(kind leafKind, text string) {
	if text != "" && len(text) <= shortPart {
		r.leaves = append(r.leaves, leaf{kind, append([]string(nil), r.path...), text})
	}
}
