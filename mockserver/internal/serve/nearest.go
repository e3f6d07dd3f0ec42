package serve

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/mockserver/internal/censor"
)

const (
	// maxHintPath is the largest length in bytes of a path that gets a hint.
	maxHintPath = 200
	// maxDistance is the largest number of wrong letters in a path that still gets a hint.
	maxDistance = 3
)

// nearest returns the template of the path that is closest to a given one, with or without the API's prefix. It
// returns "" if none is within maxDistance.
func (r *router) nearest(given string) string {
	if len(given) > maxHintPath {
		return ""
	}
	near, best := "", maxDistance+1
	sent := withoutRepeats(withoutDots(given))
	_, below, _ := strings.Cut(sent[1:], "/")
	for _, one := range r.paths {
		for _, meant := range []string{one.template, strings.TrimPrefix(one.template, one.prefix)} {
			if off := pathDistance(sent, meant, best); off < best {
				near, best = one.template, off
			}
			if best > 0 && pathDistance("/"+below, meant, 1) == 0 { // another path has the beginning, or it is undefined
				near, best = one.template, 1
			}
		}
	}
	return near
}

// withoutDots returns a path without the segments . and .., and with escaped slashes as slashes.
func withoutDots(sent string) string {
	return path.Clean(strings.NewReplacer("%2f", "/", "%2F", "/", "%2e", ".", "%2E", ".").Replace(sent))
}

// withoutRepeats returns a path without empty segments, and without repeated ones at its beginning. Both come from a base
// URL that ends with a slash or with the beginning of the path.
func withoutRepeats(path string) string {
	segments := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	beginning := min(3, len(segments)) // as in /platform/v1/v1
	return "/" + strings.Join(append(slices.Compact(segments[:beginning:beginning]), segments[beginning:]...), "/")
}

// pathDistance returns the edit distance between a path and a template, whose parameters match any text. It returns
// limit if the distance is at least that.
func pathDistance(path, template string, limit int) int {
	sent, want := strings.Split(path, "/"), strings.Split(strings.TrimSuffix(template, "/"), "/")
	if len(sent) != len(want) {
		return limit
	}
	off := 0
	for i := range want {
		switch {
		case strings.HasPrefix(want[i], "{"):
			if sent[i] == "" {
				return limit
			}
		case max(len(sent[i])-len(want[i]), len(want[i])-len(sent[i])) >= limit:
			return limit
		default:
			off += spelling.Distance(sent[i], want[i])
		}
	}
	return min(off, limit)
}

// pathTemplate is the path of a route.
type pathTemplate struct{ prefix, template string }

// addHint records a route's path for "did you mean" hints.
func (r *router) addHint(added *Route) {
	path := pathTemplate{added.Prefix, added.Prefix + added.Path}
	if !slices.Contains(r.paths, path) {
		r.paths = append(r.paths, path)
	}
}

// noSuchPath refuses a path that does not exist, and names the nearest one. It does not repeat the path: a secret may
// have been pasted into it.
func noSuchPath(c *Call, path string) *Reply {
	message := "There is no such path; " + DocsPath + " shows those that there are."
	if near := c.router.nearest(path); near != "" {
		message = "There is no such path; did you mean " + near + "?"
	}
	return Refuse(http.StatusNotFound, "not-found", message)
}

// unknownPath returns a path that the document does not have, with a mask for each segment that may be a secret: all
// but those that resemble a segment of the document, ids and versions.
func (c *Call) unknownPath(by *censor.Censor) string {
	if len(c.path) > maxHintPath {
		return ""
	}
	segments := strings.Split(c.path, "/")
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil || by.Hides(plain) || !c.mayShow(plain) {
			segments[i] = string(censor.MaskText)
		}
	}
	return strings.Clone(strings.Join(segments, "/"))
}

// version matches a segment such as v2.
var version = lazy.Regexp(`^[vV]\d{1,3}(\.\d{1,3})?$`)

// mayShow reports whether a segment of an unknown path tells nothing that only its client knows.
func (c *Call) mayShow(segment string) bool {
	if segment == "" || version().MatchString(segment) || looksLikeID(segment) || slices.Contains(placeholderIDs, segment) ||
		c.Model.IsPlaceID(segment) {
		return true
	}
	for _, one := range c.router.paths {
		for known := range strings.SplitSeq(one.template, "/") {
			if !strings.HasPrefix(known, "{") && resembles(segment, known) {
				return true
			}
		}
	}
	return false
}

// resembles reports whether a segment is a known one but for a few letters or for case.
func resembles(segment, known string) bool {
	limit := min(maxDistance, len(known)/3)
	return len(segment) <= len(known)+limit && spelling.Distance(strings.ToLower(segment), strings.ToLower(known)) <= limit
}

// backgroundPaths are paths that browsers and probes ask for on their own.
var backgroundPaths = lazy.Regexp(`^/(favicon\.ico|robots\.txt|sitemap\.xml|apple-touch-icon[a-z0-9-]*\.png|\.well-known/.*` +
	`|health|healthcheck|health-check|live|livez|liveness|ready|readiness|ping|status|metrics|_health|_status)/?$`)

// isBackground reports whether a request asks for a path that the document does not have and that a browser or a probe
// asks for on its own. The journal does not record it.
func (c *Call) isBackground() bool {
	return c.Route == nil && (c.Method == http.MethodGet || c.Method == http.MethodHead) && backgroundPaths().MatchString(c.path)
}
