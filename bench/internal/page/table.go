package page

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table is rows of cells; the first row names the columns.
type table [][]string

// String returns the table in Markdown, with columns that line up on a terminal, too. All columns but the first are set to the right.
func (t table) String() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var text strings.Builder
	for at, row := range t {
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				text.WriteString("| " + cell + space)
			} else {
				text.WriteString(" | " + space + cell)
			}
		}
		text.WriteString(" |\n")
		if at == 0 {
			text.WriteString("| " + strings.Repeat("-", widths[0]))
			for _, width := range widths[1:] {
				text.WriteString(" | " + strings.Repeat("-", width-1) + ":")
			}
			text.WriteString(" |\n")
		}
	}
	return text.String()
}

// nothing stands for a number that was not measured.
const nothing = "–"

// whole returns a number without decimals, with commas between thousands; nothing is a dash.
func whole(value float64) string {
	if value == 0 || math.IsNaN(value) {
		return nothing
	}
	digits := strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// short returns a number with about three digits.
func short(value float64) string {
	switch {
	case value == 0 || math.IsNaN(value):
		return nothing
	case value >= 100:
		return whole(value)
	case value >= 10:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
	return strconv.FormatFloat(value, 'f', 2, 64)
}

// ratio returns a ratio with two decimals.
func ratio(value float64) string {
	if value >= 100 {
		return whole(value)
	}
	if value == 0 || math.IsNaN(value) {
		return nothing
	}
	return strconv.FormatFloat(value, 'f', 2, 64)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
