package scenarios

import (
	"fmt"

	"github.com/credmock/credmock/internal/foreign"
)

// The bounds of what a server or a script can make a run keep. docs/limits.md lists them.
const (
	// bodyLimit bounds an answer, and each file that a script reads. It is that of the suite.
	bodyLimit = 8 << 20
	// headLimit bounds the headers of an answer.
	headLimit = 256 << 10
	// mostValues bounds the JSON values of an answer: each needs far more memory than it has bytes.
	mostValues = 500_000
	// captureLimit bounds the value of a captured variable.
	captureLimit = 16 << 10
	// lineLimit bounds a line of a script with its variables replaced.
	lineLimit = 1 << 20
	// idLimit bounds an id that stands in a path.
	idLimit = 512
	// tokenLimit bounds a bearer token in an answer.
	tokenLimit = 16 << 10
	// mostTokens bounds the bearer tokens in one answer.
	mostTokens = 16
	// secretsLimit bounds the secrets of one script, in bytes.
	secretsLimit = 16 << 20
	// shownLimit bounds how much of an answer a transcript shows.
	shownLimit = 4 << 10
	// shownTotal bounds how much of all answers of a script the transcript shows.
	shownTotal = 2 << 20
	// logLimit bounds a transcript.
	logLimit = 4 << 20
	// updateLimit bounds a file that --update rewrites.
	updateLimit = 1 << 20
	// longestShown bounds how much of a value a message shows.
	longestShown = 200
	// mostFaults is how many differences or faults of one answer a message tells.
	mostFaults = 20
	// mostWalked is how many values an answer may have for all of its faults to be looked for; of a larger one, the first is told.
	mostWalked = 20_000
)

// brief returns a text that somebody else chose as a message shows it: on one line, printable and not long.
func brief(text string) foreign.Text {
	if len(text) > longestShown {
		return foreign.Text(foreign.FirstBytes(text, longestShown) + "…")
	}
	return foreign.Text(text)
}

// size writes a number of bytes.
func size(bytes int) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}
