package faults

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/spelling"
)

// Bounds of a plan.
const (
	maxPatterns = 20
	maxText     = 4 << 10  // bytes of bodyContains
	maxOwnBody  = 16 << 10 // bytes
	maxHeaders  = 20
	maxValue    = 1 << 10 // bytes of the value of a header
)

// scope reads the members of a plan that select requests.
func (m *violations) scope(given *Plan, in *World) Scope {
	made := Scope{operations: given.Operations, methods: given.Methods, callers: given.Callers, text: given.BodyContains, after: given.After}
	before := len(m.list)
	known := in.operationIDs()
	m.names("/operations", given.Operations, known, "This must be the id of an operation: "+strings.Join(known, ", ")+".")
	m.names("/methods", given.Methods, Methods[:], "This must be a method of HTTP, in capitals.")
	callers := append(slices.Clone(in.Callers), NoCaller)
	m.names("/callers", given.Callers, callers, "This must be the name of a principal: "+strings.Join(callers, ", ")+".")
	if m.fits(len(given.Paths), maxPatterns, "/paths") {
		for i, path := range given.Paths {
			made.paths = append(made.paths, m.pattern(path, in.Operations, "/paths/"+strconv.Itoa(i)))
		}
	}
	m.require(len(given.BodyContains) <= maxText, "/bodyContains", fmt.Sprintf("bodyContains may have %d bytes at most.", maxText))
	m.require(given.After >= 0 && given.After <= maxTimes, "/after", fmt.Sprintf("after must be a number of requests, 0 to %d.", maxTimes))
	if given.Chance != nil {
		made.chance = *given.Chance
		m.require(made.chance > 0 && made.chance <= 1, "/chance", "chance must be more than 0 and 1 at most.")
	}
	canSelect := slices.ContainsFunc(in.Operations, made.canSelect)
	m.require(canSelect || len(m.list) > before, "",
		"No request can get this fault: no operation has such a method and path at once, with a body if bodyContains is given.")
	return made
}

// names requires that each name of a list is known.
func (m *violations) names(pointer string, given, known []string, message string) {
	if !m.fits(len(given), len(known), pointer) {
		return
	}
	for i, name := range given {
		m.require(slices.Contains(known, name), pointer+"/"+strconv.Itoa(i), message)
	}
}

// pattern returns a pattern of paths with the prefix of the API. It requires that the pattern can match.
func (m *violations) pattern(given string, operations []*credmock.Operation, pointer string) string {
	var templates []string
	for _, one := range operations {
		for _, pattern := range []string{given, one.Prefix + given} {
			if fitsPath(pattern, one.Prefix+one.Path) {
				return pattern
			}
		}
		templates = append(templates, one.Path)
	}
	m.require(false, pointer, "This must be a path of the document, in which * can stand for one segment"+
		strings.TrimSuffix(spelling.Hint(given, templates), ".")+".")
	return given
}

// own reads the headers and the body of a plan. It returns nil if there are none.
func (m *violations) own(given *Plan) *Own {
	if len(given.Headers) == 0 && given.Body == nil {
		return nil
	}
	made := &Own{Headers: map[string]string{}}
	m.require(len(given.Headers) <= maxHeaders, "/headers", fmt.Sprintf("There may be %d headers at most.", maxHeaders))
	for _, name := range slices.Sorted(maps.Keys(given.Headers)) {
		m.header(name, given.Headers[name])
		made.Headers[textproto.CanonicalMIMEHeaderKey(name)] = given.Headers[name]
	}
	if given.Body == nil {
		return made
	}
	m.require(given.Status != 0, "/body", "body goes with a status.")
	hasBody := given.Status != http.StatusNoContent && given.Status != http.StatusNotModified
	m.require(hasBody, "/body", "An answer with this status has no body.")
	m.require(len(given.Body) <= maxOwnBody, "/body", fmt.Sprintf("body may have %d bytes at most.", maxOwnBody))
	var text string
	if given.Body.Kind() == '"' && json.Unmarshal(given.Body, &text) == nil {
		made.Body = []byte(text)
		return made
	}
	body := slices.Clone(given.Body)
	_ = body.Compact() // it was decoded, so it is valid
	made.Body, made.IsJSON = body, true
	return made
}

var (
	headerName  = lazy.Regexp("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")
	headerValue = lazy.Regexp(`^[\t\x20-\x7e]*$`)
	// keptHeaders are set by the HTTP server or protect the mock.
	keptHeaders = lazy.Regexp(`^(Content-Length|Transfer-Encoding|Connection|Keep-Alive|Trailer|Upgrade|Content-Security-Policy|` +
		`X-Content-Type-Options|X-Frame-Options|X-Credmock-.*|Access-Control-.*)$`)
)

// header requires that an answer can have a header.
func (m *violations) header(name, value string) {
	switch canonical := textproto.CanonicalMIMEHeaderKey(name); {
	case !headerName().MatchString(name):
		m.require(false, "/headers", "The name of a header has letters, digits and dashes.")
	case keptHeaders().MatchString(canonical):
		m.require(false, "/headers/"+canonical, "The mock sets this header itself; leave it out.")
	default:
		m.require(headerValue().MatchString(value) && len(value) <= maxValue, "/headers/"+canonical,
			fmt.Sprintf("The value of a header is printable ASCII of %d bytes at most.", maxValue))
	}
}
