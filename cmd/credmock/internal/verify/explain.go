package verify

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// checkExplain checks that --explain names a check, and comes with no flag of a run that judges.
func (g *Flags) checkExplain(command *cobra.Command) error {
	if g.explain == "" {
		return nil
	}
	for _, name := range []string{"list", "keep", "report", "scenarios", "run", "skip", "known", "baseline", "url"} {
		if command.Flags().Changed(name) {
			return cli.Usage("--explain judges nothing but a mock of its own; leave out --%s", name)
		}
	}
	g.target.Run = "^" + regexp.QuoteMeta(g.explain) + "$"
	if _, err := contract.Plan(g.target); err != nil {
		return cli.Usage("--explain: there is no check %q; see the ids with --list", g.explain)
	}
	return nil
}

// explainCheck prints what a check asks, and on which rule it stands. The requests are those of a run against a fresh mock.
func (g *Flags) explainCheck(ctx context.Context, command *cobra.Command) error {
	stop, err := g.startMock(ctx)
	if err != nil {
		return err
	}
	defer stop()
	found, err := contract.Judge(ctx, g.target)
	if err != nil {
		return cli.AsUsage(err)
	}
	for _, result := range found.Checks {
		if result.ID == g.explain {
			explain(command.OutOrStdout(), found, result)
		}
	}
	return nil
}

func explain(out io.Writer, found report.Report, result report.Result) {
	fmt.Fprintf(out, "%s\n\n%s\n\n", foreign.Text(result.ID).Console(), foreign.Text(result.Rule).Console())
	fmt.Fprintf(out, "level:   %s\nsource:  %s\nrule:    %s\n\n", result.Level, result.Source, result.Cites)
	fmt.Fprintf(out, "It sends, to the mock:\n")
	last, times := "", 0
	flush := func() {
		switch {
		case times > 1:
			fmt.Fprintf(out, "  %s (%d times)\n", last, times)
		case times == 1:
			fmt.Fprintf(out, "  %s\n", last)
		}
	}
	for _, e := range found.Exchanges {
		if isPreparation(e, result.ID) {
			continue
		}
		line := fmt.Sprintf("%s as %s: %d", e.Request, e.Principal, e.Status)
		if line != last {
			flush()
			last, times = line, 0
		}
		times++
	}
	flush()
	fmt.Fprintf(out, "\nIt passes if the answers keep the rule. The mock stands: %s.\n", found.Standing(result))
	fmt.Fprintf(out, "It fails, for example, on servers like these (credmock mutants --serve NAME):\n")
	for _, mutant := range mutants.All() {
		if mutant.Killer == result.ID || mutant.Also == result.ID {
			fmt.Fprintf(out, "  %s: %s\n", mutant.Name, mutant.Rule)
		}
	}
}

// isPreparation tells whether a request is part of every run, and not of the check.
func isPreparation(e report.Exchange, id string) bool {
	if e.Check == id {
		return false
	}
	return e.Check == "explore" || e.Check == "cleanup" || e.Check == "review" || strings.HasPrefix(e.Check, "bystander")
}
