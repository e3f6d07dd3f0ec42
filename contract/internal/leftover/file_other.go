//go:build !unix || solaris || aix

package leftover

import (
	"os"
	"time"
)

// lock locks nothing on this platform: only its age tells whether a run has ended.
func lock(*os.File) (free bool, err error) { return true, nil }

// longestRun is longer than a run takes by default.
const longestRun = time.Hour

// over tells whether the run must have ended.
func (r Record) over(now time.Time) bool { return now.Sub(r.Started) > longestRun }
