// Package coverage counts the parts of the contract that a run really judged.
package coverage

import (
	"fmt"
	"slices"
	"strings"
)

// Coverage is the part of the contract that a run really judged: with a pass or a failure, and not merely planned.
type Coverage struct {
	// Percent is the part of the rules that were judged, rounded down. The rules are all that are planned from the document, those
	// that were skipped or not selected included.
	Percent int `json:"percent"`
	// Rules counts the rules.
	Rules Count `json:"rules"`
	// Operations are those of the document with an answer that was judged.
	Operations Part `json:"operations"`
	// Strategies are those of the document of which a credential was answered.
	Strategies Part `json:"strategies"`
	// Statuses are the answers that the document describes, each as an operation and a status.
	Statuses Part `json:"statuses"`
}

// Count is how many of all there are.
type Count struct {
	Judged int `json:"judged"`
	All    int `json:"all"`
}

// Part names what was judged and what was not. Both are in order.
type Part struct {
	Judged  []string `json:"judged"`
	Missing []string `json:"missing"`
}

// Of returns a coverage.
func Of(rules Count, operations, strategies, statuses Part) *Coverage {
	c := &Coverage{Rules: rules, Operations: operations, Strategies: strategies, Statuses: statuses}
	if rules.All > 0 {
		c.Percent = 100 * rules.Judged / rules.All
	}
	return c
}

// PartOf divides names into those that were seen and the others.
func PartOf(all []string, seen map[string]bool) Part {
	part := Part{Judged: []string{}, Missing: []string{}}
	for _, name := range all {
		if seen[name] {
			part.Judged = append(part.Judged, name)
		} else {
			part.Missing = append(part.Missing, name)
		}
	}
	slices.Sort(part.Judged)
	slices.Sort(part.Missing)
	return part
}

// String returns the coverage as one line.
func (c *Coverage) String() string {
	if c == nil {
		return ""
	}
	line := fmt.Sprintf("coverage: %d of %d rules (%d%%), %s, %s, %s", c.Rules.Judged, c.Rules.All, c.Percent,
		c.Operations.of("operations"), c.Strategies.of("strategies"), c.Statuses.of("described answers"))
	for _, part := range []Part{c.Operations, c.Strategies} {
		if len(part.Missing) > 0 && len(part.Judged) > 0 {
			line += "; not " + few(part.Missing)
		}
	}
	return line
}

// mostNamed is how many names a line has; JSON has them all.
const mostNamed = 4

func few(names []string) string {
	text := strings.Join(names[:min(len(names), mostNamed)], ", ")
	if more := len(names) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (p Part) of(what string) string {
	return fmt.Sprintf("%d of %d %s", len(p.Judged), len(p.Judged)+len(p.Missing), what)
}
