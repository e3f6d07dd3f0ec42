package faults

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/spelling"
)

// preferences are the preferences that ParsePrefer reads.
var preferences = []string{"code", "delay", "example"}

// ParsePrefer reads the preferences code, example and delay of a Prefer header (RFC 7240) and ignores others, as the
// RFC asks. The effect is nil if they ask for none. The second result is false if they are malformed, given twice or
// misspelled: a fault that is silently not injected would let a test pass.
func ParsePrefer(values []string) (asked *Effect, understood bool) {
	asked = &Effect{}
	var seen []string
	for preference := range strings.FieldsFuncSeq(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ';' }) {
		name, text, _ := strings.Cut(strings.TrimSpace(preference), "=")
		name, text = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(text), `"`)
		if !slices.Contains(preferences, name) {
			if name == "dynamic" || name != "" && spelling.Nearest(name, preferences) != "" {
				return nil, false
			}
			continue
		}
		if slices.Contains(seen, name) || !asked.prefer(name, text) {
			return nil, false
		}
		seen = append(seen, name)
	}
	if *asked == (Effect{}) {
		return nil, true // no delay is the default
	}
	return asked, true
}

// prefer sets what a preference asks for, and reports whether it can.
func (e *Effect) prefer(name, text string) bool {
	number, err := strconv.Atoi(text)
	switch name {
	case "code":
		e.Status = number
		return err == nil && number >= 200 && number <= 599
	case "delay":
		e.Delay = time.Duration(number) * time.Millisecond
		return err == nil && number >= 0 && number <= int(maxDelay/time.Millisecond)
	}
	e.Example = text
	return text != ""
}
