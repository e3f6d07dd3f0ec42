package report

import "github.com/credmock/credmock/internal/foreign"

// colour is the number of a terminal's colour or style.
type colour string

const (
	bold    colour = "1"
	red     colour = "31"
	green   colour = "32"
	yellow  colour = "33"
	magenta colour = "35"
	cyan    colour = "36"
)

// palette escapes a text and may colour it.
type palette func(colour colour, text string) formatted

func plain(_ colour, text string) formatted { return formatted(foreign.Text(text).Console()) }

func coloured(colour colour, text string) formatted {
	return "\x1b[" + formatted(colour) + "m" + plain(colour, text) + "\x1b[0m"
}
