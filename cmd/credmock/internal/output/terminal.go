package output

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"
)

// environmentKey is the key of the environment in a context.
type environmentKey struct{}

// WithEnvironment hands the environment to the commands, for the few variables that are not twins of flags.
func WithEnvironment(ctx context.Context, environment func(string) string) context.Context {
	return context.WithValue(ctx, environmentKey{}, environment)
}

// WantsColours tells whether out is a terminal whose user has not asked for plain text.
func WantsColours(ctx context.Context, out io.Writer) bool {
	environment, given := ctx.Value(environmentKey{}).(func(string) string)
	return given && environment("NO_COLOR") == "" && environment("TERM") != "dumb" && isTerminal(out)
}

// isTerminal tells whether out is a terminal, or says that it is one.
func isTerminal(out io.Writer) bool {
	switch out := out.(type) {
	case *os.File:
		return term.IsTerminal(int(out.Fd()))
	case interface{ IsTerminal() bool }:
		return out.IsTerminal()
	}
	return false
}
