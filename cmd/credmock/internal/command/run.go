package command

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/principals"
	"github.com/credmock/credmock/cmd/credmock/internal/reach"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/scenarios"
)

const longRun = `run plays scenario files against --url, or each file against its own fresh mock in this process. A folder means all
*.txtar files in it. At the end of a scenario, run deletes what the scenario created under --url.

A scenario cannot touch this machine: it runs no program, and reads only its own files and those beside it. run refuses a
scenario that tries, before its first line runs. --allow-exec permits it. Give --allow-exec only for files that you trust,
and not for files that a program wrote from the answers of a server.

Exit codes: 0 all passed, 1 one failed, 2 usage, 3 nothing was checked or a request got no answer, 5 something that
was created could not be deleted, 130 interrupted.`

func newRun() *cobra.Command {
	var params scenarios.Params
	var spec string
	command := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run scenario files",
		Long:  longRun,
		Example: `  credmock run scenarios/*.txtar
  credmock run --url http://127.0.0.1:4118/platform --token dev-token scenarios/credential-create.txtar
  credmock run --update scenarios/mock-answers.txtar`,
		Args: func(_ *cobra.Command, files []string) error {
			if len(files) == 0 {
				return cli.Usage("name at least one scenario file, as in: credmock run scenarios/credential-create.txtar")
			}
			return nil
		},
	}
	given := principals.Add(command)
	flags := command.Flags()
	flags.StringVar(&params.URL, "url", "", "base `URL` of the target, the part before /v1; default a fresh mock for each file")
	flags.IntVar(&params.Organization, "organization", contract.DefaultOrganization, "number of the organization")
	flags.StringVar(&params.Environment, "environment", "", "`ID` of the environment; default the first one that the target lists")
	flags.StringVar(&spec, "spec", "", "`FILE` with the OpenAPI document; default the embedded one")
	flags.BoolVar(&params.Update, "update", false, "rewrite the files that cmpjson finds to differ")
	flags.BoolVar(&params.Verbose, "verbose", false, "show every phase of every scenario")
	flags.BoolVar(&params.AllowExec, "allow-exec", false, "let scenarios run programs and touch the files of this machine")
	flags.DurationVar(&params.Timeout, "timeout", scenarios.DefaultTimeout, "how long the whole run may take")
	flags.StringVar(&params.Select, "run", "", "run only scenarios whose name matches `REGEXP`")
	flags.BoolVar(&params.FailFast, "fail-fast", false, "end the run at the first scenario that fails")
	way := reach.Add(flags)
	command.RunE = func(command *cobra.Command, files []string) error {
		if command.Flags().Changed("url") && params.URL == "" {
			return cli.Usage("--url is empty; leave it out to use a fresh mock for each file")
		}
		if params.Timeout <= 0 {
			return cli.Usage("--timeout must be more than nothing, such as 2m")
		}
		if err := way.Complete(flags); err != nil {
			return err
		}
		unused, err := aim(&params, way, given)
		if err != nil {
			return err
		}
		return runScenarios(command, files, params, spec, unused, way)
	}
	return command
}

func runScenarios(command *cobra.Command, files []string, params scenarios.Params, spec, unused string, way *reach.Flags) error {
	document, err := cli.LoadSpec(spec)
	if err != nil {
		return err
	}
	params.Spec = document
	if base, err := url.Parse(params.URL); err == nil && params.URL != "" {
		way.Wait(command.Context(), base, params.Transport, document, command.ErrOrStderr())
	}
	summary, err := scenarios.RunFiles(command.Context(), files, params, command.OutOrStdout())
	var fault *report.UsageError
	if errors.As(err, &fault) {
		return cli.Usage("%s", fault.Message)
	}
	if err != nil {
		return err
	}
	if summary.ExitCode() == report.ExitInconclusive && unused != "" {
		fmt.Fprintln(command.ErrOrStderr(), unused)
	}
	return cli.ExitWith(summary.ExitCode())
}

// aim checks the URL of the target, and sets the way to it and the tokens of its principals. It returns which proxy of the
// environment is not used.
func aim(params *scenarios.Params, way *reach.Flags, given *principals.Flags) (unusedProxy string, err error) {
	transport, err := way.Path.Transport()
	if err != nil {
		return "", err
	}
	to := principals.Way{Transport: transport, Header: way.Header, Unanswered: way.Path.Unanswered}
	if params.URL != "" {
		if to.Base, err = cli.ParseBase(params.URL); err != nil {
			return "", err
		}
		params.Header, params.Rate = way.Header, way.Rate
		params.URL, params.Transport, unusedProxy = to.Base.String(), transport, way.Path.UnusedProxy(to.Base)
	}
	if err := given.Complete(to); err != nil {
		return "", err
	}
	params.Token, params.ViewerToken, params.OtherToken = given.Engineer.Token, given.Viewer.Token, given.Other.Token
	params.TokenSource, params.ViewerTokenSource, params.OtherTokenSource = given.Engineer.Source, given.Viewer.Source, given.Other.Source
	return unusedProxy, nil
}
