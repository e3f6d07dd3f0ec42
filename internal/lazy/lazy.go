// Package lazy makes values at their first use, so that the start of a program does not wait for what most runs never need.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp returns a function that returns the compiled expression. It compiles it once, at the first call, and panics if it does not parse.
func Regexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
