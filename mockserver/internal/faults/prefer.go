package faults

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Preferred reads the preferences that this mock knows (RFC 7240); nil for none, and false if malformed.
// A fault that is silently not injected would let a test pass. As the RFC asks, others are ignored.
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
		return nil, true // a success, or no delay: what there is without asking
	}
	return asked, true
}
