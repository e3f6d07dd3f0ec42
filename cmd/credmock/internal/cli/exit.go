// Package cli holds the parts that commands share: errors with an exit code, flags, files and addresses. It knows no command.
package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/contract/report"
)

// Exit ends the program with a code and a sentence.
type Exit struct {
	Code    int
	Message string // may be empty: all has been said
}

func (e *Exit) Error() string { return e.Message }

// Usage returns the error of a command that was called in a wrong way.
func Usage(format string, arguments ...any) error {
	return &Exit{report.ExitUsage, fmt.Sprintf(format, arguments...)}
}

// ExitWith returns the error that ends the program with a code and no further word; nil for success.
func ExitWith(code int) error {
	if code == 0 {
		return nil
	}
	return &Exit{Code: code}
}

// NoArguments refuses whatever is not a flag.
func NoArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return Usage("%s takes flags alone, and no further argument; see %[1]s --help", command.CommandPath())
}

// AsUsage makes a usage error of an error of package contract.
func AsUsage(err error) error {
	var fault *report.UsageError
	if errors.As(err, &fault) {
		return Usage("%s", fault.Message)
	}
	return err
}
