package serve

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Takes says which parameters the query of a route may have; any other is refused.
func (r *Route) Takes(parameters ...string) *Route {
	r.parameters = parameters
	return r
}

// isStrict tells whether the route refuses parameters that it does not know. Pages, files and what is asked by programs that
// are not the mock's may have parameters that mean nothing here.
func (r *Route) isStrict() bool { return r.guarded || r.parameters != nil }

// readQuery is the step before a path of the mock's own is acted upon: it reads the query, and nothing else does. A query that
// is read in part would do something else than was meant.
func readQuery(c *Call) *Reply {
	if !c.Route.isOwn() || c.URL.RawQuery == "" {
		return nil // the API has no parameters
	}
	query, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil { // its text has a part of the query
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

// unknownParameter refuses a parameter without its name: that is a client's, and may be anything.
func unknownParameter(known []string) *Reply {
	hint := "there are none"
	if len(known) > 0 {
		hint = "known are " + strings.Join(known, ", ")
	}
	return Refuse(http.StatusBadRequest, "invalid-parameter", "A parameter is not known here; "+hint+".")
}

// InvalidParameter refuses a parameter of a query.
func InvalidParameter(name, wanted string) *Reply {
	return Refuse(http.StatusBadRequest, "invalid-parameter", "The parameter "+name+" must be "+wanted+".")
}

// Number reads a parameter of the query that is a whole number from 0 up; without it the default counts.
func (c *Call) Number(name string, otherwise int64) (int64, *Reply) {
	text := c.Query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, InvalidParameter(name, "a whole number, 0 or more")
	}
	return number, nil
}
