package target

// refusalKinds refuse everything, or nearly.
func refusalKinds() []Kind {
	refuse := func(status int, lines ...string) func(*exchange) {
		return func(e *exchange) { e.status, e.reason, e.lines = status, "Refused", append(e.lines, lines...) }
	}
	every := func(nth int64, bend func(*exchange)) func(*exchange) {
		return func(e *exchange) {
			if e.nth%nth == 0 {
				bend(e)
			}
		}
	}
	return []Kind{
		{Name: "401", Does: "refuses every token", Hides: true, bend: refuse(401, `WWW-Authenticate: Basic realm="\x1b[2J"`)},
		{Name: "407", Does: "asks for a proxy's password", Hides: true, bend: refuse(407, "Proxy-Authenticate: Basic")},
		{Name: "429-centuries", Does: "is busy for centuries", Hides: true, bend: refuse(429, "Retry-After: 99999999999")},
		{Name: "429-overflow", Does: "is busy for 1e300 seconds", Hides: true, bend: refuse(429, "Retry-After: 1e300")},
		{Name: "429-date", Does: "is busy until the year 9999", Hides: true, bend: refuse(429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT")},
		{Name: "429-past", Does: "is busy until 1970", Hides: true, bend: refuse(429, "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT")},
		{Name: "429-often", Does: "is busy at every third request, for a second", Hides: true, bend: every(3, refuse(429, "Retry-After: 1"))},
		{Name: "503-storm", Does: "fails always, and may be asked again at once", Hides: true, bend: refuse(503, "Retry-After: 0")},
		{Name: "503-often", Does: "fails every third time after it did what was asked", Hides: true,
			bend: every(3, refuse(503, "Retry-After: -1"))},
	}
}
