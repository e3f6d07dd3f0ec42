// Package command is the command line: one file for each subcommand, and [Main], which is the whole program with the
// world handed in.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// Main runs one command and returns the exit code. The end of ctx stands for an interruption by the user. environment
// looks up a variable, as os.Getenv does.
func Main(ctx context.Context, args []string, environment func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd() // it keeps the output that is set by now
	bindEnvironment(root, environment)
	err := root.ExecuteContext(withEnvironment(ctx, environment))
	if err == nil {
		return 0
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{report.ExitUsage, explain(root, err)}
	}
	if exit.message != "" {
		fmt.Fprintln(stderr, "credmock: "+foreign.Text(exit.message).ConsoleLines())
	}
	return exit.code
}

// exitError ends the program with a code and a sentence.
type exitError struct {
	code    int
	message string // may be empty: all has been said
}

func (e *exitError) Error() string { return e.message }

// usage is the error of a command that was not given what it needs.
func usage(format string, arguments ...any) error {
	return &exitError{report.ExitUsage, fmt.Sprintf(format, arguments...)}
}

// exitWith returns the error that ends the program with a code and no further word; nil for success.
func exitWith(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "credmock",
		Short: "A mock of the auth-credential API, and a suite that judges implementations of it",
		Long: strings.TrimSpace(`
credmock serves a mock of the auth-credential API, judges implementations of it, and runs scenarios against either.

Every flag has a twin in the environment: CREDMOCK_ and the flag's name in capitals, with _ for -. The flag wins.
A flag that may be repeated is split on commas there.`),
		Example:                    "  credmock serve\n  credmock verify --url http://127.0.0.1:4118/platform\n  credmock run scenarios/*.txtar",
		Version:                    credmock.ToolVersion,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.ErrOrStderr())
			return errors.Join(cmd.Help(), exitWith(report.ExitUsage))
		},
	}
	root.SetVersionTemplate("credmock {{.Version}}\n")
	root.SetFlagErrorFunc(explainFlag)
	root.AddCommand(newServe(), newVerify(), newRun(), newMutants(), newSpec(), newVersion(), newHealthcheck(), newToken(), newFixtures())
	return root
}
