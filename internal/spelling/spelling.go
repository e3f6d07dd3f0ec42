// Package spelling guesses the known name that a mistyped name means.
package spelling

import "strings"

// limit returns how many bytes of a name may be wrong for it to be taken for another name: half of them, rounded up, and at most 3.
func limit(name string) int { return min(3, (len(name)+1)/2) }

// Nearest returns the known name that is nearest to name, or "" if none is within the limit. Upper and lower case are the same.
func Nearest(name string, known []string) string {
	near, best, lower := "", limit(name)+1, strings.ToLower(name)
	for _, one := range known {
		if max(len(name)-len(one), len(one)-len(name)) >= best {
			continue // no nearer than the length tells
		}
		if distance := Distance(lower, strings.ToLower(one)); distance < best {
			near, best = one, distance
		}
	}
	return near
}

// Distance returns the Levenshtein distance of two names in bytes: how many must be inserted, deleted or replaced.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
