package serve

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/spelling"
)

const (
	// maxHintPath is the largest length in bytes of a path that gets a hint.
	maxHintPath = 200
	// maxDistance is the largest number of wrong letters in a path that still gets a hint.
	maxDistance = 3
)

// nearest returns the template of the path that is closest to a given one, with or without the API's prefix. It
// returns "" if none is within maxDistance.
func (r *router) nearest(path string) string {
	if len(path) > maxHintPath {
		return ""
	}
	near, best := "", maxDistance+1
	path = withoutRepeats(path)
	for _, one := range r.paths {
		for _, meant := range []string{one.template, strings.TrimPrefix(one.template, one.prefix)} {
			if off := pathDistance(path, meant, best); off < best {
				near, best = one.template, off
			}
		}
	}
	return near
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
