// Package bound holds the limits of a run of scenarios, and keeps files and messages within them.
package bound

import (
	"fmt"

	"github.com/credmock/credmock/internal/foreign"
)

// The bounds of the memory that a server or a script can make a run use. docs/limits.md lists them.
const (
	// BodyLimit bounds an answer, and each file that a script reads. The suite has the same.
	BodyLimit = 8 << 20
	// HeadLimit bounds the headers of an answer.
	HeadLimit = 256 << 10
	// MostValues bounds the JSON values of an answer: each needs far more memory than it has bytes.
	MostValues = 500_000
	// CaptureLimit bounds the value of a captured variable.
	CaptureLimit = 16 << 10
	// LineLimit bounds a line of a script with its variables replaced.
	LineLimit = 1 << 20
	// IDLimit bounds an id that stands in a path.
	IDLimit = 512
	// TokenLimit bounds a bearer token in an answer.
	TokenLimit = 16 << 10
	// MostTokens bounds the bearer tokens in one answer.
	MostTokens = 16
	// SecretsLimit bounds the secrets of one script, in bytes.
	SecretsLimit = 16 << 20
	// ShownLimit bounds how much of an answer a transcript shows.
	ShownLimit = 4 << 10
	// ShownTotal bounds how much of all answers of a script the transcript shows.
	ShownTotal = 2 << 20
	// LogLimit bounds a transcript.
	LogLimit = 4 << 20
	// UpdateLimit bounds a file that --update rewrites.
	UpdateLimit = 1 << 20
	// LongestShown bounds how much of a value a message shows.
	LongestShown = 200
	// MostTold is how many differences or violations of one answer a message tells.
	MostTold = 20
	// MostWalked is how many values an answer may have for all of its violations to be looked for; of a larger one, the first is told.
	MostWalked = 20_000
)

// Brief returns a text that somebody else chose as a message shows it: on one line, printable and not long.
func Brief(text string) foreign.Text {
	if len(text) > LongestShown {
		return foreign.Text(foreign.FirstBytes(text, LongestShown) + "…")
	}
	return foreign.Text(text)
}

// Size writes a number of bytes.
func Size(bytes int) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// Count writes a number of things.
func Count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
