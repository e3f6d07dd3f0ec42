package serve

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/spelling"
)

const (
	// longestGuessed is the length in bytes up to which a path is compared with those that there are.
	maxHintPath = 200
	// slips is how many letters of a path may be wrong for it to be near another.
	maxDistance = 3
)

// nearest returns the template of the path that somebody may have meant: one that is the same but for a few letters, or for the prefix
// that all paths of the API have. Empty where there is none.
func (r *router) nearest(path string) string {
	if len(path) > maxHintPath {
		return ""
	}
	near, best := "", maxDistance+1
	for _, one := range r.paths {
		for _, meant := range []string{one.template, strings.TrimPrefix(one.template, one.prefix)} {
			if off := pathDistance(strings.TrimSuffix(path, "/"), meant, best); off < best {
				near, best = one.template, off
			}
		}
	}
	return near
}

// misspelt counts the letters by which a path misses a template, whose parameters may be anything. It gives up at the limit.
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

// pathTemplate is a path that leads somewhere.
type pathTemplate struct{ prefix, template string }

// note records a route's path for "did you mean" hints.
func (r *router) addHint(added *Route) {
	path := pathTemplate{added.Prefix, added.Prefix + added.Path}
	if !slices.Contains(r.paths, path) {
		r.paths = append(r.paths, path)
	}
}

// noSuchPath refuses a path that does not exist. It names the nearest one, and repeats nothing of what was sent: a secret may have
// been pasted into it.
func noSuchPath(c *Call, path string) *Reply {
	message := "There is no such path; " + DocsPath + " shows those that there are."
	if near := c.router.nearest(path); near != "" {
		message = "There is no such path; did you mean " + near + "?"
	}
	return Refuse(http.StatusNotFound, "not-found", message)
}
