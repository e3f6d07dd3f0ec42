package jsonvalue

import (
	"strings"
	"time"
)

// Time returns the time that a value is the text of, as RFC 3339 has it, and whether it is one.
func Time(value any) (at time.Time, isTime bool) {
	at, _, isTime = timeAndUnit(value)
	return at, isTime
}

// SameTime tells whether two texts may be of one time. A server may write a time with fewer digits than another one, and cut or round it:
// a database keeps fewer than the clock tells. Two texts of as many digits must be of exactly one time.
func SameTime(a, b any) bool {
	first, fine, isFirst := timeAndUnit(a)
	second, coarse, isSecond := timeAndUnit(b)
	if !isFirst || !isSecond {
		return false
	}
	apart := first.Sub(second).Abs()
	return apart == 0 || fine != coarse && apart < max(fine, coarse)
}

// timeAndUnit returns a time and the unit of its last digit.
func timeAndUnit(value any) (at time.Time, unit time.Duration, isTime bool) {
	text, _ := value.(string)
	text = strings.ToUpper(text)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, 0, false
	}
	unit = time.Second
	if _, fraction, found := strings.Cut(text, "."); found {
		for digits := strings.TrimRight(fraction, "Z"); digits != "" && digits[0] >= '0' && digits[0] <= '9' && unit > 1; digits = digits[1:] {
			unit /= 10
		}
	}
	return at, unit, true
}
