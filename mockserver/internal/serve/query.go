package serve

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Takes sets the parameters that the query of a route may have. The route refuses any other.
func (r *Route) Takes(parameters ...string) *Route {
	r.parameters = parameters
	return r
}

// isStrict reports whether the route refuses unknown parameters. Pages, files and routes for other programs ignore
// them.
func (r *Route) isStrict() bool { return r.guarded || r.parameters != nil }

// readQuery reads the query of a request to the mock's own surface. It refuses a query that cannot be read whole: a
// part of it may mean something else.
func readQuery(c *Call) *Reply {
	if !c.Route.isOwn() || c.URL.RawQuery == "" {
		return nil // the API has no parameters
	}
	query, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil { // its text holds a part of the query
		return Refuse(http.StatusBadRequest, "invalid-query",
			"The query cannot be read: parameters are separated by &, and every % begins an escape such as %20.")
	}
	for name, values := range query {
		known := slices.Contains(c.Route.parameters, name)
		if !known && c.Route.isStrict() {
			return unknownParameter(c.Route.parameters)
		}
		if known && len(values) > 1 {
			return InvalidParameter(name, "sent once")
		}
	}
	c.Query = query
	return nil
}

// unknownParameter refuses a parameter without naming it: the client chose the name, which may hold anything.
func unknownParameter(known []string) *Reply {
	hint := "there are none"
	if len(known) > 0 {
		hint = "known are " + strings.Join(known, ", ")
	}
	return Refuse(http.StatusBadRequest, "invalid-parameter", "A parameter is not known here; "+hint+".")
}

// InvalidParameter returns the refusal of a parameter, which must be as wanted.
func InvalidParameter(name, wanted string) *Reply {
	return Refuse(http.StatusBadRequest, "invalid-parameter", "The parameter "+name+" must be "+wanted+".")
}

// Number returns a parameter of the query that is a whole number of at least 0, or the default if the parameter is
// missing.
func (c *Call) Number(name string, fallback int64) (int64, *Reply) {
	text := c.Query.Get(name)
	if text == "" {
		return fallback, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, InvalidParameter(name, "a whole number, 0 or more")
	}
	return number, nil
}
