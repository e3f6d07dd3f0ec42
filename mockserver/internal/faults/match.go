package faults

import (
	"net/url"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// Scope selects the requests that a fault is for. Its empty fields select all.
type Scope struct {
	operations []string // operation ids
	methods    []string // HTTP methods
	paths      []string // patterns of whole paths
	callers    []string // names of principals, or NoCaller
	text       string   // in the body
	after      int      // number of matching requests before the first that gets the fault
	chance     float64  // of a matching request to get it; 0 for certainty
}

// NoCaller is the name of the caller if no known principal sent the request.
const NoCaller = "none"

// Sent is a request as faults see it.
type Sent struct {
	Operation, Method string
	Path              string        // escaped, within the session
	Caller            func() string // name of its principal, or NoCaller
	Body              []byte        // nil if it was not read
}

// selects reports whether a request is in the scope, leaving out its body, the number and the chance.
func (s *Scope) selects(sent *Sent) bool {
	return (len(s.operations) == 0 || slices.Contains(s.operations, sent.Operation)) &&
		(len(s.methods) == 0 || slices.Contains(s.methods, sent.Method)) &&
		(len(s.paths) == 0 || slices.ContainsFunc(s.paths, func(pattern string) bool { return fitsPath(pattern, sent.Path) })) &&
		(len(s.callers) == 0 || slices.Contains(s.callers, sent.Caller()))
}

// canSelect reports whether any request to an operation can be in the scope.
func (s *Scope) canSelect(operation *credmock.Operation) bool {
	template := operation.Prefix + operation.Path
	return (len(s.operations) == 0 || slices.Contains(s.operations, operation.ID)) &&
		(len(s.methods) == 0 || slices.Contains(s.methods, operation.Method)) &&
		(len(s.paths) == 0 || slices.ContainsFunc(s.paths, func(pattern string) bool { return fitsPath(pattern, template) })) &&
		(s.text == "" || operation.MediaType != "")
}

// fitsPath reports whether a pattern can stand for a path or a template. A segment * or {name} of either fits any other.
func fitsPath(pattern, path string) bool {
	wanted, segments := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(wanted, segments, func(one, other string) bool {
		return isWild(one) && other != "" || isWild(other) && one != "" || unescaped(one) == unescaped(other)
	})
}

func isWild(segment string) bool { return segment == "*" || strings.HasPrefix(segment, "{") }

func unescaped(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		return plain
	}
	return segment
}

// CanMatch reports whether any fault can still match a request.
func (f *Set) CanMatch() bool { return f.activeCount.Load() > 0 }

// WantsBody reports whether a fault that may match a request looks into its body.
func (f *Set) WantsBody(sent *Sent) bool {
	f.Mutex.Lock()
	defer f.Mutex.Unlock()
	return slices.ContainsFunc(f.active, func(one *Fault) bool { return one.text != "" && one.selects(sent) })
}

// matches reports whether a request gets the fault, and counts it. The caller must hold the lock of the set.
func (f *Set) matches(one *Fault, sent *Sent) bool {
	if !one.selects(sent) || one.text != "" && !strings.Contains(string(sent.Body), one.text) {
		return false
	}
	if one.seen++; one.seen <= one.after {
		return false
	}
	return one.chance == 0 || f.random.Float64() < one.chance
}
