package contract

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

// palette colours a text, or leaves it as it is.
type palette func(colour colour, text string) string

func plain(_ colour, text string) string { return text }

func coloured(colour colour, text string) string {
	return "\x1b[" + string(colour) + "m" + text + "\x1b[0m"
}
