package plot

import (
	"math"
	"strconv"
	"strings"
)

// Axis is a direction of a plot.
type Axis struct {
	Name   string // with its unit
	Log    bool   // each step is ten times the one before
	AtZero bool   // an axis that is not logarithmic begins at 0
}

// scale maps values to places between two ends.
type scale struct {
	log      bool
	low, top float64 // values
	from, to float64 // places
}

// newScale returns a scale whose ends are ticks.
func newScale(axis Axis, low, top, from, to float64) scale {
	if axis.Log {
		low, top = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(top)))
		if low == top {
			top *= 10
		}
		return scale{true, low, top, from, to}
	}
	if axis.AtZero {
		low = min(low, 0)
	}
	if low == top {
		top++
	}
	step := stepOf(top - low)
	return scale{false, math.Floor(low/step) * step, math.Ceil(top/step-1e-9) * step, from, to}
}

func (s scale) place(value float64) float64 {
	share := (value - s.low) / (s.top - s.low)
	if s.log {
		share = math.Log10(value/s.low) / math.Log10(s.top/s.low)
	}
	return s.from + share*(s.to-s.from)
}

// ticks returns the values that the axis names.
func (s scale) ticks() []float64 {
	var values []float64
	if s.log {
		for value := s.low; value <= s.top*1.001; value *= 10 {
			values = append(values, value)
		}
		return values
	}
	step := stepOf(s.top - s.low)
	for i := 0; s.low+float64(i)*step <= s.top+step/1000; i++ {
		values = append(values, s.low+float64(i)*step)
	}
	return values
}

// stepOf returns 1, 2 or 5 times a power of ten, four to ten of which make the range.
func stepOf(size float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(size)))
	switch share := size / unit; {
	case share < 2:
		return unit / 5
	case share < 5:
		return unit / 2
	}
	return unit
}

// number returns a value in a short form, with commas between thousands.
func number(value float64) string {
	digits := 0
	switch size := math.Abs(value); {
	case size < 10:
		digits = 2
	case size < 100:
		digits = 1
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	if digits > 0 {
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
