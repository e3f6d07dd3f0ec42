package mockserver

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// preferred reads the preferences that this mock knows (RFC 7240); nil for none, and false if malformed.
// A fault that is silently not injected would let a test pass. As the RFC asks, others are ignored.
func preferred(values []string) (asked *effect, understood bool) {
	asked = &effect{}
	for preference := range strings.FieldsFuncSeq(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ';' }) {
		name, text, _ := strings.Cut(strings.TrimSpace(preference), "=")
		number, err := strconv.Atoi(strings.Trim(strings.TrimSpace(text), `"`))
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name != "code" && name != "delay":
		case err != nil, name == "code" && (number < 200 || number > 599), name == "delay" && number < 0:
			return nil, false
		case name == "code" && number >= 400:
			asked.status = number
			if number == http.StatusTooManyRequests {
				asked.retryAfter = 1
			}
		case name == "delay":
			asked.delay = time.Duration(min(number, int(longestDelay/time.Millisecond))) * time.Millisecond
		}
	}
	if *asked == (effect{}) {
		return nil, true // a success, or no delay: what there is without asking
	}
	return asked, true
}
