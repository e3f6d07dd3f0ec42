package command

import (
	"context"
	"io"
	"os"
)

// environmentKey is the key of the environment in a context.
type environmentKey struct{}

// withEnvironment hands the environment to the commands, for the few variables that are not twins of flags.
func withEnvironment(ctx context.Context, environment func(string) string) context.Context {
	return context.WithValue(ctx, environmentKey{}, environment)
}

// wantsColours tells whether out is a terminal whose user has not asked for plain text.
func wantsColours(ctx context.Context, out io.Writer) bool {
	environment, given := ctx.Value(environmentKey{}).(func(string) string)
	if !given || environment("NO_COLOR") != "" || environment("TERM") == "dumb" {
		return false
	}
	return isTerminal(out)
}

// isTerminal tells whether out is a terminal, or at least a device of characters.
var isTerminal = func(out io.Writer) bool {
	file, isFile := out.(*os.File)
	if !isFile {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
