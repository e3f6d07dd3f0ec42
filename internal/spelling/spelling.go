// Package spelling tells how far two names are from each other, to guess what somebody meant who mistyped one.
package spelling

// Distance is the Levenshtein distance of two names, in bytes: how many must be put in, taken out or changed.
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

// Nearest returns which of the known names is nearest to one, where it is near enough to be meant; empty where none is.
func Nearest(name string, known []string) string {
	near, best := "", min(3, len(name)/2)+1
	for _, one := range known {
		if distance := Distance(name, one); distance < best {
			near, best = one, distance
		}
	}
	return near
}
