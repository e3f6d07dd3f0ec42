package target

import "fmt"

// redirectKinds send a client elsewhere.
func redirectKinds() []Kind {
	to := func(status int, location func(e *exchange) string) func(*exchange) {
		return func(e *exchange) {
			e.status, e.reason = status, "Moved"
			e.header.Set("Location", location(e))
		}
	}
	same := func(text string) func(*exchange) string { return func(*exchange) string { return text } }
	return []Kind{
		{Name: "redirect-loop", Does: "redirects every request to itself", Hides: true,
			bend: to(307, func(e *exchange) string { return e.request.RequestURI })},
		{Name: "redirect-chain", Does: "redirects for ever, to another path each time", Hides: true, bend: to(302, func(e *exchange) string {
			return fmt.Sprintf("/%d", e.nth)
		})},
		{Name: "redirect-host", Does: "redirects to another host", Hides: true, bend: to(307, func(e *exchange) string {
			return "http://" + e.foreign.Addr().String() + e.request.RequestURI
		})},
		{Name: "redirect-host-late", Does: "is sound for sixty requests, then redirects to another host", Hides: true, bend: func(e *exchange) {
			if e.nth > 60 {
				to(308, func(e *exchange) string { return "http://" + e.foreign.Addr().String() + e.request.RequestURI })(e)
			}
		}},
		{Name: "redirect-file", Does: "redirects to a file", Hides: true, bend: to(302, same("file:///etc/passwd"))},
		{Name: "redirect-odd", Does: "redirects to what is no URL", Hides: true, bend: to(302, same("gopher://[::1]:99999\x1b[2J/%zz"))},
		{Name: "redirect-user", Does: "redirects to a URL with a user and a password", Hides: true, bend: to(302, func(e *exchange) string {
			return "http://user:password@" + e.foreign.Addr().String() + "/"
		})},
	}
}
