package faults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// ShadowedError is the error of a fault that no request can get, because earlier ones get all its requests. By are their ids.
type ShadowedError struct{ By []int64 }

func shadowedBy(faults []*Fault) *ShadowedError {
	made := &ShadowedError{}
	for _, one := range faults {
		made.By = append(made.By, one.ID)
	}
	return made
}

func (e *ShadowedError) Error() string {
	names := make([]string, len(e.By))
	for i, id := range e.By {
		names[i] = fmt.Sprintf("fault %d", id)
	}
	return Shadowing(names)
}

// Shadowing returns the reason for which no request can get a fault, and the remedy. The names are those of the earlier faults.
func Shadowing(names []string) string {
	const remedy, start = ", or give it times, after or a chance below 1", "no request can get this fault: "
	if len(names) == 1 {
		return start + names[0] + " gets them all before, without end; remove it" + remedy
	}
	return start + strings.Join(names, " and ") + " get them all before, without end; remove one of them" + remedy
}

// Shadow returns the earlier faults that together get every request in the scope of a fault, or nil if they leave one.
func (w *World) Shadow(of *Fault, earlier []*Fault) []*Fault {
	endless := slices.DeleteFunc(slices.Clone(earlier), func(one *Fault) bool { return !one.isEndless() })
	if len(endless) == 0 || of.Mutant != "" {
		return nil
	}
	for i := range endless {
		if alone := w.shadow(of, endless[i:i+1]); alone != nil {
			return alone
		}
	}
	return w.shadow(of, endless)
}

// shadow is [World.Shadow] for endless faults.
func (w *World) shadow(of *Fault, endless []*Fault) []*Fault {
	used := map[*Fault]bool{}
	for _, operation := range w.Operations {
		if !of.canSelect(operation) {
			continue
		}
		for _, path := range of.pathsOf(operation) {
			by := shadowAt(of, endless, operation, path)
			if by == nil {
				return nil
			}
			for _, one := range by {
				used[one] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(endless), func(one *Fault) bool { return !used[one] })
}

// isEndless reports whether a fault gets every request in its scope for as long as it exists.
func (f *Fault) isEndless() bool {
	return f.Mutant == "" && f.times == 0 && f.after == 0 && (f.chance == 0 || f.chance == 1)
}

// pathsOf returns the paths of an operation that are in a scope: its template, in which the scope may choose segments.
func (s *Scope) pathsOf(operation *credmock.Operation) (paths []string) {
	template := operation.Prefix + operation.Path
	if len(s.paths) == 0 {
		return []string{template}
	}
	for _, pattern := range s.paths {
		if !fitsPath(pattern, template) {
			continue
		}
		segments := strings.Split(template, "/")
		for i, segment := range strings.Split(pattern, "/") {
			if !isWild(segment) {
				segments[i] = segment
			}
		}
		paths = append(paths, strings.Join(segments, "/"))
	}
	return paths
}

// shadowAt returns the endless faults that together get every request to a path of an operation that is in the scope of a
// fault, or nil if they leave one.
func shadowAt(of *Fault, endless []*Fault, operation *credmock.Operation, path string) (by []*Fault) {
	covering := slices.DeleteFunc(slices.Clone(endless), func(one *Fault) bool { return !one.covers(of.text, operation, path) })
	if at := slices.IndexFunc(covering, func(one *Fault) bool { return len(one.callers) == 0 }); at >= 0 {
		return covering[at : at+1]
	}
	for _, caller := range of.callers { // without callers it is for principals without a name, too
		at := slices.IndexFunc(covering, func(one *Fault) bool { return slices.Contains(one.callers, caller) })
		if at < 0 {
			return nil
		}
		by = append(by, covering[at])
	}
	return by
}

// covers reports whether every request to a path of an operation whose body contains a text is in the scope, leaving out
// its callers.
func (s *Scope) covers(text string, operation *credmock.Operation, path string) bool {
	return (len(s.operations) == 0 || slices.Contains(s.operations, operation.ID)) &&
		(len(s.methods) == 0 || slices.Contains(s.methods, operation.Method)) &&
		(len(s.paths) == 0 || slices.ContainsFunc(s.paths, func(pattern string) bool { return coversPath(pattern, path) })) &&
		strings.Contains(text, s.text)
}

// coversPath reports whether a pattern fits every path that another one fits.
func coversPath(pattern, other string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(other, "/"), func(one, other string) bool {
		return isWild(one) || !isWild(other) && unescaped(one) == unescaped(other)
	})
}
