package target

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// line tells of one outcome.
func (o *Outcome) line() string {
	verdict := "ok"
	if broken := o.Broken(); len(broken) > 0 {
		verdict = "BROKEN: " + strings.Join(broken, "; ")
	}
	return fmt.Sprintf("%-27s %-12s exit %3d %7.1fs %5d MiB  %s", o.Kind, o.Command, o.Exit, o.Took.Seconds(), o.Peak>>20, verdict)
}

// Summary writes the counts, and tells whether every bound held.
func Summary(out io.Writer, outcomes []Outcome) bool {
	kinds, exits, broken := map[string]bool{}, map[int]int{}, 0
	var peak int64
	var beyond time.Duration
	for i := range outcomes {
		outcome := &outcomes[i]
		kinds[outcome.Kind] = true
		exits[outcome.Exit]++
		peak, beyond = max(peak, outcome.Peak), max(beyond, outcome.Took-outcome.Limit)
		if len(outcome.Broken()) > 0 {
			broken++
		}
	}
	fmt.Fprintf(out, "hostile targets: %d kinds, %d commands run; exit codes", len(kinds), len(outcomes))
	for code := -1; code < 256; code++ {
		if exits[code] > 0 {
			fmt.Fprintf(out, " %d: %d", code, exits[code])
		}
	}
	fmt.Fprintf(out, "; peak %d MiB; at most %s beyond the time given; %d broke a bound\n", peak>>20, max(0, beyond).Round(time.Millisecond),
		broken)
	return broken == 0 && len(outcomes) > 0
}
