package mockserver

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// takes says which parameters the query of a route may have; any other is refused.
func (r *route) takes(parameters ...string) *route {
	r.parameters = parameters
	return r
}

// isStrict tells whether the route refuses parameters that it does not know. Pages, files and what is asked by programs that
// are not the mock's may have parameters that mean nothing here.
func (r *route) isStrict() bool { return r.guarded || r.parameters != nil }

// readQuery is the step before a path of the mock's own is acted upon: it reads the query, and nothing else does. A query that
// is read in part would do something else than was meant.
func readQuery(c *call) *reply {
	if !c.route.isOwn() || c.URL.RawQuery == "" {
		return nil // the API has no parameters
	}
	query, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil { // its text has a part of the query
		return refuse(http.StatusBadRequest, "invalid-query",
			"The query cannot be read: parameters are separated by &, and every % begins an escape such as %20.")
	}
	for name, values := range query {
		known := slices.Contains(c.route.parameters, name)
		if !known && c.route.isStrict() {
			return unknownParameter(c.route.parameters)
		}
		if known && len(values) > 1 {
			return invalidParameter(name, "sent once")
		}
	}
	c.query = query
	return nil
}

// unknownParameter refuses a parameter without its name: that is a client's, and may be anything.
func unknownParameter(known []string) *reply {
	told := "there are none"
	if len(known) > 0 {
		told = "known are " + strings.Join(known, ", ")
	}
	return refuse(http.StatusBadRequest, "invalid-parameter", "A parameter is not known here; "+told+".")
}

// invalidParameter refuses a parameter of a query.
func invalidParameter(name, wanted string) *reply {
	return refuse(http.StatusBadRequest, "invalid-parameter", "The parameter "+name+" must be "+wanted+".")
}

// number reads a parameter of the query that is a whole number from 0 up; without it the default counts.
func (c *call) number(name string, otherwise int64) (int64, *reply) {
	text := c.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, invalidParameter(name, "a whole number, 0 or more")
	}
	return number, nil
}
