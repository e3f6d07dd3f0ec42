// Package mutants is the command mutants: it judges broken servers, prints the kill matrix, or serves one of them.
package mutants

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/listen"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// flags are the flags of mutants.
type flags struct {
	list, full          bool
	serve, address, run string
	format              *cli.Choice
}

// New returns the command.
func New() *cobra.Command {
	given := &flags{}
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Judge servers that are known to be broken, or serve one",
		Long: `mutants proves that the checks of the suite can fail, and that they accuse no sound server. It makes servers that are broken
in one or two ways, and sound servers that differ from the mock. It judges each server and prints the kill matrix, which
says whether the responsible check caught the broken server, and whether a check accused a sound one.

mutants judges a broken server with the responsible check, or with the whole suite if --full is given, which takes
minutes. It always judges a sound server with the whole suite.

--serve runs one of these servers, so that you can try another tool on it. The first line says where it listens.

Exit codes: 0 all results are right, 1 a mutant survived or a sound server was accused, 2 usage, 130 interrupted.`,
		Example: `  credmock mutants --list
  credmock mutants --run '^redaction/'
  credmock mutants --serve redaction/create/echo --addr 127.0.0.1:4119`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return given.mutants(command.Context(), command)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&given.list, "list", false, "print the catalogue, and judge nothing")
	flags.BoolVar(&given.full, "full", false, "judge every mutant with the whole suite")
	flags.StringVar(&given.run, "run", "", "use only the mutants whose name matches `REGEXP`")
	flags.StringVar(&given.serve, "serve", "", "serve the mutant of this `NAME`")
	flags.StringVar(&given.address, "addr", "127.0.0.1:4118", "`HOST:PORT` that --serve listens on; port 0 picks a free one")
	completeMutants(command)
	given.format = cli.AddChoice(command, "format", "form of the catalogue and of the matrix", "text", "markdown")
	return command
}

// completeMutants makes the shell complete names of mutants. The catalogue is built only on demand.
func completeMutants(command *cobra.Command) {
	names := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var all []string
		for _, mutant := range mutants.All() {
			all = append(all, mutant.Name)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
	if err := command.RegisterFlagCompletionFunc("serve", names); err != nil {
		panic("command: " + err.Error()) // the flag is not there: a slip in this package
	}
}

func (g *flags) mutants(ctx context.Context, command *cobra.Command) error {
	if g.serve != "" {
		return g.serveOne(ctx, command)
	}
	names, err := regexp.Compile(g.run)
	if err != nil {
		return cli.Usage("--run is not a regular expression: %v", err)
	}
	chosen := slices.DeleteFunc(mutants.All(), func(m mutants.Mutant) bool { return !names.MatchString(m.Name) })
	if len(chosen) == 0 {
		return cli.Usage("no mutant has a name that --run matches; see --list")
	}
	table := newMatrixTable(command.OutOrStdout(), g.format.Value)
	if g.list {
		return table.catalogue(chosen)
	}
	wrong := 0
	table.begin()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for i, next := range g.examineAll(ctx, chosen) {
		found := <-next
		if ctx.Err() != nil {
			return cli.ExitWith(report.ExitInterrupted)
		}
		if found.err != nil {
			return &cli.Exit{Code: report.ExitInconclusive, Message: found.err.Error()}
		}
		if !found.Right() {
			wrong++
		}
		table.row(chosen[i], found.Row)
	}
	if err := table.end(chosen, wrong); err != nil {
		return err
	}
	if wrong > 0 {
		return cli.ExitWith(report.ExitViolates)
	}
	return nil
}

// atOnce is the number of mutants that are judged at once: servers whose answers lag are mostly waited for.
const atOnce = 4

// examined is what came of a mutant.
type examined struct {
	mutants.Row
	err error
}

// examineAll judges mutants side by side, and returns where each result comes, in their order.
func (g *flags) examineAll(ctx context.Context, chosen []mutants.Mutant) []chan examined {
	results := make([]chan examined, len(chosen))
	for i := range results {
		results[i] = make(chan examined, 1)
	}
	var next atomic.Int64
	for range min(atOnce, len(chosen)) {
		go func() {
			for i := int(next.Add(1)) - 1; i < len(chosen); i = int(next.Add(1)) - 1 {
				row, err := g.examine(ctx, chosen[i])
				results[i] <- examined{row, err}
			}
		}()
	}
	return results
}

func (g *flags) examine(ctx context.Context, m mutants.Mutant) (mutants.Row, error) {
	sound, err := mockserver.New(mockserver.Options{})
	if err != nil {
		return mutants.Row{}, err
	}
	selection := m.Selection()
	if g.full {
		selection = ""
	}
	return mutants.Examine(ctx, m, sound, judgeMutant, selection)
}

// boundedTime is how long a mutant is judged that gives no answers.
const boundedTime = time.Second

// judgeMutant judges a handler on a port of its own.
func judgeMutant(ctx context.Context, m mutants.Mutant, handler http.Handler, run string) ([]string, string, error) {
	served, err := listen.Local(ctx, "127.0.0.1:0", handler, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, "", err
	}
	defer served.Close()
	target := contract.Target{
		URL: served.Base(credmock.Default()), Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken,
		OtherToken: mockserver.DefaultOtherToken, Accept: m.Accept, Run: run,
	}
	if m.Bounded {
		target.Timeout = boundedTime
	}
	found, err := contract.Judge(ctx, target)
	var failed []string
	for _, result := range found.Checks {
		if result.Outcome == report.Fail {
			failed = append(failed, result.ID)
		}
	}
	return failed, string(found.Verdict), err
}

func (g *flags) serveOne(ctx context.Context, command *cobra.Command) error {
	m, found := mutants.Find(g.serve)
	if !found {
		return cli.Usage("there is no mutant %q%s; see --list", g.serve, nearMutant(g.serve))
	}
	if listen.IsExposed(g.address) {
		return cli.Usage("%s can be reached from other machines; a broken server takes published tokens, so it listens on loopback alone, as "+
			"at 127.0.0.1:4119", g.address)
	}
	sound, err := mockserver.New(mockserver.Options{})
	if err != nil {
		return err
	}
	served, err := listen.Local(ctx, g.address, m.Wrap(sound), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if !served.Holds(false) {
		served.Close()
		return cli.Usage("--addr: %s led to loopback and does no more; give an address such as 127.0.0.1:4119", g.address)
	}
	served.EndStreams = sound.EndStreams
	if _, err := fmt.Fprintln(command.OutOrStdout(), "listening on "+served.Base(credmock.Default())); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", err)
	}
	_, _ = fmt.Fprintln(command.ErrOrStderr(), m.Rule)
	<-ctx.Done()
	return served.Stop()
}

// nearMutant names a mutant of which the given name is a part, or nothing.
func nearMutant(name string) string {
	for _, m := range mutants.All() {
		if strings.Contains(m.Name, name) {
			return fmt.Sprintf("; did you mean %s", m.Name)
		}
	}
	return ""
}
