package faults

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ParsePrefer reads the preferences code and delay of a Prefer header (RFC 7240) and ignores others, as the RFC asks.
// The effect is nil if they ask for none. The second result is false if they are malformed: a fault that is silently
// not injected would let a test pass.
func ParsePrefer(values []string) (asked *Effect, understood bool) {
	asked = &Effect{}
	for preference := range strings.FieldsFuncSeq(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ';' }) {
		name, text, _ := strings.Cut(strings.TrimSpace(preference), "=")
		number, err := strconv.Atoi(strings.Trim(strings.TrimSpace(text), `"`))
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name != "code" && name != "delay":
		case err != nil, name == "code" && (number < 200 || number > 599), name == "delay" && number < 0:
			return nil, false
		case name == "code" && number >= 400:
			asked.Status = number
			if number == http.StatusTooManyRequests {
				asked.RetryAfter = 1
			}
		case name == "delay":
			asked.Delay = time.Duration(min(number, int(maxDelay/time.Millisecond))) * time.Millisecond
		}
	}
	if *asked == (Effect{}) {
		return nil, true // a success or no delay is the default
	}
	return asked, true
}
