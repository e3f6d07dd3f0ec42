// Package verify is the command verify: it judges a target, or deletes the records that killed runs left there.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/collector"
	"github.com/credmock/credmock/cmd/credmock/internal/compare"
	"github.com/credmock/credmock/cmd/credmock/internal/har"
	"github.com/credmock/credmock/cmd/credmock/internal/listen"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/cmd/credmock/internal/principals"
	"github.com/credmock/credmock/cmd/credmock/internal/reach"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver"
)

// Flags are the flags of verify.
type Flags struct {
	*principals.Flags
	target    contract.Target
	spec      string
	known     string
	scenarios string
	way       *reach.Flags
	base      *url.URL // of the target; nil for a mock of our own
	unused    string   // the proxy of the environment that is not used for the target
	har       string
	recorder  *har.Recorder // nil without --har
	list      bool
	verbose   bool
	explain   string
	baseline  string
	former    *report.Report // what --baseline names; nil for nothing
	clean     bool
	reports   []string
}

const longHelp = `verify judges the implementation at --url, or a fresh mock in this process. It deletes everything that it creates, also
when you interrupt it.

A run writes the ids of what it creates to a file in the user's cache folder, without tokens and secrets. If a run was
killed, the next one against the same --url says so, and --clean deletes the rest of that run and nothing else.

--timeout bounds the whole run, including the deletion at its end. The report says which checks were not judged in time.
If the target stops answering, the run ends within 30 seconds.

A target may lack strategies and neighbours. The verdict names what is missing. --require and --strategies turn that into a
failure. Reads may lag behind writes by two seconds, and the run waits after a 429.

Without --report the text report goes to standard output. Progress goes to standard error.

A report shows no secret, no token and no value of --header. It leaves out a text that would show one, and says so. Its
curl commands read these values from shell variables: $TOKEN, $CLIENT_SECRET, $HEADER_X_GATE_KEY for --header X-Gate-Key=...,
and $PROXY for a --proxy with a password.

Each report lists the operations, strategies and described answers that were seen, and the rules that were judged.
--min-coverage N makes a run that conforms fail with 3 if it judged fewer than N percent of the rules of the document.
The rules that --run and --skip leave out count as not judged.

The failures that --known lists do not count. The file is a YAML list. Each entry has the id of a check and a reason. It
may have the last day on which it applies (expires: 2030-01-31), and a part of the seen value or a regular expression for
it (finding:). An entry is stale if its check no longer fails.

Exit codes: 0 conforms, 1 violates, 2 usage, 3 could not judge, 4 a known failure is stale, 5 something that was created
could not be deleted, 130 interrupted.

Some checks need a member without the engineer role, or an engineer of another organization. With --url they are skipped,
unless flags such as --viewer-token and --other-token give the tokens.

verify renews a token that ends during the run, before its end and after a 401: it reads --token-file again, runs
--token-command again, or gets a new token for --client-id and --key from the token endpoint. If the target
refuses the new token too, that 401 counts as its answer.`

// New returns the command.
func New() *cobra.Command {
	given := &Flags{}
	command := &cobra.Command{
		Use:   "verify",
		Short: "Judge an implementation",
		Long:  longHelp,
		Example: `  credmock verify
  credmock verify --url http://127.0.0.1:4118/platform --token dev-token --viewer-token viewer-token --other-token other-token
  credmock verify --url https://staging.example.com/platform --accept meta-string --report json=verdict.json --report text=-
  credmock verify --known known.yaml --report junit=junit.xml --report html=report.html --report text=-
  credmock verify --url http://127.0.0.1:4118/platform --scenarios failures || credmock run --url http://127.0.0.1:4118/platform failures
  credmock verify --clean --url http://127.0.0.1:4118/platform
  credmock verify --list --run '^redaction/'`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return given.verify(command.Context(), command)
		},
	}
	given.Flags = principals.Add(command)
	given.addFlags(command)
	return command
}

func (g *Flags) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&g.target.URL, "url", "", "base `URL` of the implementation, the part before /v1; default a fresh mock")
	flags.IntVar(&g.target.Organization, "organization", contract.DefaultOrganization, "number of the organization")
	flags.StringVar(&g.target.Environment, "environment", "", "`ID` of the environment to work in; default the first one that is listed")
	flags.StringVar(&g.spec, "spec", "", "`FILE` with the OpenAPI document to judge by; default the embedded one")
	flags.StringSliceVar(&g.target.Accept, "accept", nil,
		"documented `ALTERNATIVES` that the target may use: "+strings.Join(Alternatives(), ", "))
	flags.StringSliceVar(&g.target.Require, "require", nil,
		"`CAPABILITIES` that the target must have: "+strings.Join(contract.Capabilities(), ", ")+"; checks of others are skipped")
	flags.StringSliceVar(&g.target.Strategies, "strategies", nil,
		"`NAMES` of the strategies that the target must offer; others may be missing")
	flags.BoolVar(&g.target.Strict, "strict", false, "let failures of SHOULD rules count")
	flags.StringVar(&g.target.Run, "run", "", "run only checks whose id matches `REGEXP`")
	flags.StringVar(&g.target.Skip, "skip", "", "leave out checks whose id matches `REGEXP`")
	flags.BoolVar(&g.list, "list", false, "print the checks that would run, and send nothing")
	flags.Int64Var(&g.target.Seed, "seed", 1, "number that makes two runs send the same requests")
	flags.DurationVar(&g.target.Timeout, "timeout", 2*time.Minute, "how long the whole run may take, including the deletion at its end")
	flags.StringArrayVar(&g.reports, "report", nil,
		"report to write, as `FORMAT=FILE`; - is standard output; may be repeated; formats "+strings.Join(report.Formats(), ", "))
	flags.StringVar(&g.known, "known", "", "`FILE` with failures that do not count, each with its reason")
	flags.StringVar(&g.scenarios, "scenarios", "", "`DIR` to write a scenario file for each failure to; credmock run replays it")
	flags.StringVar(&g.explain, "explain", "",
		"print the rule, the source and the requests of the check with this `ID`, and judge nothing")
	flags.StringVar(&g.baseline, "baseline", "",
		"`FILE` with the JSON report of an earlier run; reports then say which failures are new, fixed or the same")
	flags.BoolVar(&g.verbose, "verbose", false, "show every finding in the text report, and not only the common causes")
	flags.StringVar(&g.har, "har", "", "record the requests and answers of the run in `FILE`, as HAR with secrets masked")
	flags.BoolVar(&g.clean, "clean", false, "judge nothing, and delete what killed runs against --url left behind")
	flags.BoolVar(&g.target.Keep, "keep", false, "do not delete what the run creates")
	flags.BoolVar(&g.target.FailFast, "fail-fast", false, "end the run at the first failure that counts")
	flags.IntVar(&g.target.MinCoverage, "min-coverage", 0,
		"fail with 3 if fewer than `PERCENT` of the rules of the document were judged; skipped and unselected rules count too")
	g.way = reach.Add(flags)
	cli.CompleteWith(command, "accept", Alternatives())
	cli.CompleteWith(command, "require", contract.Capabilities())
	cli.CompleteWith(command, "report", formatsWithSign())
}

// Alternatives returns the names for --accept.
func Alternatives() []string {
	names := make([]string, len(contract.Alternatives))
	for i, alternative := range contract.Alternatives {
		names[i] = alternative.Name
	}
	return names
}

func formatsWithSign() []string {
	formats := report.Formats()
	for i := range formats {
		formats[i] += "="
	}
	return formats
}

func (g *Flags) verify(ctx context.Context, command *cobra.Command) error {
	if err := g.prepare(command); err != nil {
		return err
	}
	if g.base != nil && !g.list && g.explain == "" {
		g.way.Wait(ctx, g.base, g.target.Transport, g.target.Spec, command.ErrOrStderr())
	}
	switch {
	case g.clean:
		return g.cleanUp(ctx, command)
	case g.explain != "":
		return g.explainCheck(ctx, command)
	}
	formats := report.Formats()
	if g.list {
		formats = report.ListFormats()
	}
	reports, err := output.Open(g.reports, formats, command.OutOrStdout(), output.WantsColours(ctx, command.OutOrStdout()))
	if err != nil {
		return err
	}
	if g.list {
		return g.writeList(reports)
	}
	if g.target.URL != "" {
		g.tellCutShort(command)
	}
	defer collector.Fix(mostGarbage)()
	err = g.judge(ctx, command.ErrOrStderr(), reports)
	reports.Discard()
	return err
}

// mostGarbage is the percentage by which memory grows before garbage is collected. A run takes about 95 MiB with it, and a tenth more time
// than with the default of Go.
const mostGarbage = 40

// prepare fills in the defaults, and loads the files that flags name.
func (g *Flags) prepare(command *cobra.Command) error {
	remote := g.target.URL != ""
	if command.Flags().Changed("url") && !remote {
		return cli.Usage("--url is empty; leave it out to judge a fresh mock")
	}
	if err := g.checkClean(command); err != nil {
		return err
	}
	if g.target.MinCoverage < 0 || g.target.MinCoverage > 100 {
		return cli.Usage("--min-coverage must be a percentage from 0 to 100")
	}
	if err := g.way.Complete(command.Flags()); err != nil {
		return err
	}
	if g.target.Timeout <= 0 {
		return cli.Usage("--timeout must be more than nothing, such as 2m")
	}
	if err := g.aim(remote); err != nil {
		return err
	}
	spec, err := cli.LoadSpec(g.spec)
	if err != nil {
		return err
	}
	g.target.Spec = spec
	if g.target.Known, err = cli.LoadKnown(g.known); err != nil {
		return err
	}
	// Expressions and names that are wrong are told before anything is started or opened.
	if _, err = contract.Plan(g.target); err != nil {
		return cli.AsUsage(err)
	}
	return g.prepareReports(command)
}

// prepareReports checks the flags that say what a run tells, before it begins.
func (g *Flags) prepareReports(command *cobra.Command) error {
	if err := g.checkExplain(command); err != nil {
		return err
	}
	if g.baseline != "" {
		former, err := compare.Read(g.baseline)
		if err != nil {
			return err
		}
		g.former = &former
	}
	if g.scenarios != "" {
		if err := output.CheckFolder(g.scenarios); err != nil {
			return cli.Usage("--scenarios: %s", err)
		}
	}
	return nil
}

func (g *Flags) writeList(reports *output.Reports) error {
	checks, err := contract.Plan(g.target)
	if err != nil {
		reports.Discard()
		return cli.AsUsage(err)
	}
	err = reports.Write(func(out io.Writer, to *output.File) error { return report.WriteList(out, to.Format, checks) })
	reports.Discard()
	return err
}

func (g *Flags) judge(ctx context.Context, progress io.Writer, reports *output.Reports) error {
	remote := g.target.URL != ""
	if !remote {
		stop, err := g.startMock(ctx)
		if err != nil {
			reports.Discard()
			return err
		}
		defer stop()
	}
	g.target.Progress = (&Teller{Progress: progress, Strict: g.target.Strict, Known: g.target.Known}).Tell
	fmt.Fprintln(progress, "judging "+foreign.Text(g.target.URL).Console())
	found, err := contract.Judge(ctx, g.target)
	if err != nil {
		reports.Discard()
		return cli.AsUsage(err)
	}
	found.Mock, found.Verbose, found.Document = !remote, g.verbose, g.spec
	if g.former != nil {
		compared := report.Compare(*g.former, found)
		found.Former = &compared
	}
	errReports := reports.Write(output.ReportTo(found))
	if err := errors.Join(errReports, g.writeScenarios(progress, found, remote), g.writeRecording(found)); err != nil {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return &cli.Exit{Code: report.ExitInterrupted, Message: "interrupted; the report has the checks that ran before"}
	}
	if found.ExitCode() == report.ExitInconclusive && g.unused != "" {
		fmt.Fprintln(progress, g.unused)
	}
	return cli.ExitWith(found.ExitCode())
}

// writeScenarios writes what replays the failures, where that was asked for, and says how to replay them against the same
// target. One of ours is gone by then.
func (g *Flags) writeScenarios(progress io.Writer, found report.Report, remote bool) error {
	if g.scenarios == "" {
		return nil
	}
	files, err := found.WriteScenarios(g.scenarios)
	if err != nil {
		return &cli.Exit{Code: report.ExitInconclusive, Message: "the scenarios cannot be written: " + err.Error()}
	}
	if len(files) > 0 {
		fmt.Fprintf(progress, "%d scenarios written; replay them with: credmock run %s%s\n", len(files), g.sameTarget(remote),
			foreign.Text(g.scenarios).ShellWord())
	}
	return nil
}

// sameTarget returns the flags that name the target again, but for tokens: these are shown nowhere.
func (g *Flags) sameTarget(remote bool) string {
	if !remote {
		return ""
	}
	flags := "--url " + foreign.Text(g.target.URL).ShellWord() + " "
	if g.target.Organization != contract.DefaultOrganization {
		flags += fmt.Sprintf("--organization %d ", g.target.Organization)
	}
	if g.target.Environment != "" {
		flags += "--environment " + foreign.Text(g.target.Environment).ShellWord() + " "
	}
	if g.spec != "" {
		flags += "--spec " + foreign.Text(g.spec).ShellWord() + " "
	}
	for _, word := range g.way.Again() {
		flags += word + " "
	}
	return flags
}

// startMock serves a fresh mock and points the target at it.
func (g *Flags) startMock(ctx context.Context) (stop func(), err error) {
	logger := slog.New(slog.DiscardHandler)
	mock, err := mockserver.New(mockserver.Options{
		Spec: g.target.Spec, Tokens: []string{g.Engineer.Token}, ViewerToken: g.Viewer.Token, OtherToken: g.Other.Token, Logger: logger,
		Journal: 1, // nobody reads it
	})
	if err != nil {
		return nil, cli.Usage("the mock cannot start: %s", cli.OneLine(err.Error()))
	}
	// The mock outlives an interruption, because the suite still has to delete its resources.
	listener, err := listen.Local(context.WithoutCancel(ctx), "127.0.0.1:0", mock, logger)
	if err != nil {
		return nil, err
	}
	g.target.URL = listener.Base(g.target.Spec)
	return listener.Close, nil
}

// Teller reports a check that did not pass as soon as that is known, in the words of the report.
type Teller struct {
	Progress io.Writer
	Strict   bool
	Known    []report.KnownFailure
	troubles int
}

// ManyTroubles is how many checks that could not be judged are told one by one: where the target is at fault with one,
// it is with hundreds.
const ManyTroubles = 10

// Tell writes the result of a check, if it did not pass.
func (t *Teller) Tell(done, total int, result report.Result) {
	word := report.Report{Strict: t.Strict}.Standing(result, t.Known...)
	switch result.Outcome { //nolint:exhaustive // of the others there is nothing to tell
	case report.Fail:
		fmt.Fprintf(t.Progress, "%d/%d %s: %s\n", done, total, word, foreign.Text(result.ID).Console())
	case report.Trouble:
		if t.troubles++; t.troubles <= ManyTroubles {
			fmt.Fprintf(t.Progress, "%d/%d %s: %s\n", done, total, word, foreign.Text(result.ID).Console())
		} else if t.troubles == ManyTroubles+1 {
			fmt.Fprintln(t.Progress, "the report has the other checks that cannot be judged")
		}
	}
}
