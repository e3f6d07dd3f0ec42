// Package command is the command line: [Main] is the whole program, with its arguments, environment and streams passed in.
// Each larger command has a package of its own beside this one.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/compare"
	"github.com/credmock/credmock/cmd/credmock/internal/fixtures"
	"github.com/credmock/credmock/cmd/credmock/internal/judge"
	"github.com/credmock/credmock/cmd/credmock/internal/mutants"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/cmd/credmock/internal/recipe"
	"github.com/credmock/credmock/cmd/credmock/internal/serve"
	"github.com/credmock/credmock/cmd/credmock/internal/settings"
	"github.com/credmock/credmock/cmd/credmock/internal/spec"
	"github.com/credmock/credmock/cmd/credmock/internal/token"
	"github.com/credmock/credmock/cmd/credmock/internal/verify"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// Main runs one command and returns the exit code. The end of ctx stands for an interruption by the user. environment
// looks up a variable, as os.LookupEnv does.
func Main(ctx context.Context, args []string, environment func(string) (string, bool), stdin io.Reader,
	stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd() // it keeps the output that is set by now
	for _, command := range withDescendants(root) {
		if command.Name() == "completion" || command.HasParent() && command.Parent().Name() == "completion" {
			command.Args = refuseArguments
		}
	}
	bindEnvironment(root, environment)
	err := root.ExecuteContext(output.WithEnvironment(ctx, func(name string) string {
		value, _ := environment(name)
		return value
	}))
	if err == nil {
		return 0
	}
	var exit *cli.Exit
	if !errors.As(err, &exit) {
		exit = &cli.Exit{Code: report.ExitUsage, Message: explain(root, args, err)}
	}
	if exit.Message != "" {
		fmt.Fprintln(stderr, "credmock: "+foreign.Text(exit.Message).ConsoleLines())
	}
	return exit.Code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "credmock",
		Short: "A mock of the auth-credential API, and a suite that judges implementations of it",
		Long: strings.TrimSpace(`
credmock serves a mock of the auth-credential API, judges implementations of it, and runs scenarios against both.

Every flag can be set by a variable: CREDMOCK_ and the name of the flag in capitals, with _ for -. The flag wins over the
variable. In a variable, commas separate the values of a flag that may be repeated. A file can hold the flags of verify,
serve and run: see credmock config --help.`),
		Example:                    "  credmock serve\n  credmock verify --url http://127.0.0.1:4118/platform\n  credmock run scenarios/*.txtar",
		Version:                    credmock.ToolVersion,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.ErrOrStderr())
			return errors.Join(cmd.Help(), cli.ExitWith(report.ExitUsage))
		},
	}
	root.SetVersionTemplate("credmock {{.Version}}\n")
	root.SetFlagErrorFunc(explainFlag)
	configured := func() []*cobra.Command { return []*cobra.Command{verify.New(), serve.New(), newRun()} }
	shown := configured()
	for _, command := range shown {
		settings.AddFlag(command)
	}
	judging := configured()
	for _, command := range judging {
		settings.AddFlag(command)
	}
	root.AddCommand(judging...)
	root.AddCommand(judge.New(verify.Alternatives()), settings.NewCommand(shown...))
	root.AddCommand(compare.New(), mutants.New(), spec.New(), newVersion(), token.NewHealthcheck(), token.New(),
		fixtures.New(), recipe.New(), recipe.NewExplain())
	return root
}
