package record

import (
	"math"
	"slices"
)

// Median returns the middle value, and 0 of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// Ratio returns the median of subject in units of base. If both have the same turns, other load met both in each of them alike: then it is
// the median of the ratios.
func Ratio(subject, base []float64) float64 {
	if len(subject) == 0 || len(base) == 0 {
		return 0
	}
	if len(subject) != len(base) {
		return Median(subject) / Median(base)
	}
	ratios := make([]float64, len(subject))
	for i := range subject {
		ratios[i] = subject[i] / base[i]
	}
	return Median(ratios)
}

// Round returns a value with four significant digits, for the file.
func Round(value float64) float64 {
	if value == 0 || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(value))))
	if scale < 1 {
		return math.Round(value)
	}
	return math.Round(value*scale) / scale
}
