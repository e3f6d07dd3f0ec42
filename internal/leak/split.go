package leak

import (
	"slices"
	"strings"
)

// split returns what a text says if its short parts are put together again: characters, code points and octets of an array, of numbered
// members, of a serialised buffer, or between separators. A secret in parts of four characters or more is found without it. It returns
// "" if nothing in the text can be a part of a secret.
func split(text string) string {
	var together strings.Builder
	numberRuns(&together, text)
	if hasShortPart(text) {
		joinLeaves(&together, leavesOf(text))
	}
	if strings.ContainsAny(text, Marks) {
		squeeze(&together, text)
	}
	return together.String()
}

// addLine adds a joined text that may be a part of a secret.
func addLine(together *strings.Builder, line string) {
	if len(line) >= pieceLength && marks(line) >= pieceLength/2 {
		together.WriteString(line)
		together.WriteByte('\n')
	}
}

// squeeze adds the text without all but letters, digits and marks, for each stretch around the marks. It keeps a mark apart from one that
// is not within a few bytes.
func squeeze(together *strings.Builder, text string) {
	var line []byte
	gap := 0
	for i := range len(text) {
		if one := text[i]; isWord(one) || strings.IndexByte(Marks, one) >= 0 {
			line, gap = append(line, one), 0
			continue
		}
		if gap++; gap > longestGap && len(line) > 0 {
			addLine(together, string(line))
			line = line[:0]
		}
	}
	addLine(together, string(line))
}

// longestGap is how many bytes may stand between two parts in a row.
const longestGap = 6

func isWord(one byte) bool {
	return one >= '0' && one <= '9' || one >= 'a' && one <= 'z' || one >= 'A' && one <= 'Z'
}

// numerals read a token as an octet: each returns -1 for a token that is none of its kind.
var numerals = [...]func(string) int{
	func(token string) int { return octet(token, 10, 1, 3) },
	func(token string) int { return octet(withoutPrefix(token), 16, 2, 2) },
	func(token string) int { return octet(strings.TrimPrefix(token, "0o"), 8, 3, 3) },
	func(token string) int { return octet(strings.TrimPrefix(token, "0b"), 2, 7, 8) },
}

// withoutPrefix returns a hexadecimal number without what announces one.
func withoutPrefix(token string) string {
	if len(token) > 2 && strings.IndexByte("0xuU", token[0]) >= 0 {
		for _, prefix := range []string{"0x", "0X", "x", "u00", "U00", "00"} {
			if rest, found := strings.CutPrefix(token, prefix); found {
				return rest
			}
		}
	}
	return token
}

// octet returns the value of a number with a base of at most 16, or -1.
func octet(digits string, base, least, most int) int {
	if len(digits) < least || len(digits) > most {
		return -1
	}
	value := 0
	for i := range len(digits) {
		digit := digitOf(digits[i])
		if digit >= base {
			return -1
		}
		value = value*base + digit
	}
	if value > 255 {
		return -1
	}
	return value
}

// digitOf returns the value of a hexadecimal digit, and 16 for any other character.
func digitOf(one byte) int {
	switch {
	case '0' <= one && one <= '9':
		return int(one - '0')
	case 'a' <= one && one <= 'f':
		return int(one-'a') + 10
	case 'A' <= one && one <= 'F':
		return int(one-'A') + 10
	}
	return 16
}

// rows are the octets so far of each kind of numeral.
type rows [len(numerals)][]byte

// numberRuns adds the octets of numbers that stand in a row with little between them.
func numberRuns(together *strings.Builder, text string) {
	var found rows
	gap := 0
	for at := 0; at < len(text); at++ {
		if !isWord(text[at]) {
			gap++
			continue
		}
		start := at
		for at < len(text) && isWord(text[at]) {
			at++
		}
		found.take(together, text[start:at], gap > longestGap)
		gap = 1
	}
	for kind := range found {
		found.flush(together, kind)
	}
}

// longestNumeral is longer than any numeral of an octet.
const longestNumeral = 10

// take adds a token to each row that it fits, and ends the others. If it stands apart, it begins new ones.
func (r *rows) take(together *strings.Builder, token string, apart bool) {
	isNumeral := len(token) <= longestNumeral && digitOf(token[len(token)-1]) < 16
	for kind, read := range numerals {
		value := -1
		if isNumeral {
			value = read(token)
		}
		if apart || value < 0 {
			r.flush(together, kind)
		}
		if value >= 0 {
			r[kind] = append(r[kind], byte(value))
		}
	}
}

func (r *rows) flush(together *strings.Builder, kind int) {
	if len(r[kind]) > 0 {
		addLine(together, string(r[kind]))
		r[kind] = r[kind][:0]
	}
}

// hasShortPart tells whether the text has a mark, or the number of one, that stands alone between quotes or separators.
func hasShortPart(text string) bool {
	for at := range len(text) {
		switch {
		case text[at] == Marks[0] || text[at] == Marks[1]:
			if strings.IndexByte(text[max(0, at-shortPart):at], '"') >= 0 && strings.IndexByte(text[at:min(len(text), at+shortPart+1)], '"') >= 0 {
				return true
			}
		case text[at] == '9' && isNumberAt(text, at, "94"), text[at] == '1' && isNumberAt(text, at, "124"):
			return true
		}
	}
	return false
}

// isNumberAt tells whether a number stands at a place of the text with no digit or letter beside it.
func isNumberAt(text string, at int, number string) bool {
	end := at + len(number)
	return strings.HasPrefix(text[at:], number) && (at == 0 || !isWord(text[at-1]) && text[at-1] != '.') &&
		(end == len(text) || !isWord(text[end]))
}

// joinLeaves adds the short values of a JSON text, put together in every order that a client could mean.
func joinLeaves(together *strings.Builder, leaves []leaf) {
	for _, kind := range []leafKind{aText, aNumber, aName} {
		list := slices.DeleteFunc(slices.Clone(leaves), func(one leaf) bool { return one.kind != kind })
		addLine(together, joined(list))
		if kind == aName {
			continue
		}
		slices.SortStableFunc(list, func(a, b leaf) int { return slices.CompareFunc(a.path, b.path, byNumber) })
		addLine(together, joined(list))
		addGroups(together, list, leaf.member)
		addGroups(together, list, leaf.parent)
	}
}

// addGroups adds the leaves of each group.
func addGroups(together *strings.Builder, list []leaf, groupOf func(leaf) string) {
	groups := map[string][]leaf{}
	for _, one := range list {
		groups[groupOf(one)] = append(groups[groupOf(one)], one)
	}
	if len(groups) == 1 {
		return
	}
	for _, group := range groups {
		addLine(together, joined(group))
	}
}

func joined(list []leaf) string {
	var line strings.Builder
	for _, one := range list {
		line.WriteString(one.text)
	}
	return line.String()
}
