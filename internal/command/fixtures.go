package command

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver"
)

//go:embed fixtures-example.yaml
var exampleFixtures []byte

// fixturesFlags are the flags of fixtures.
type fixturesFlags struct {
	init        bool
	sample      int
	seed        int64
	check, spec string
}

func newFixtures() *cobra.Command {
	given := &fixturesFlags{}
	command := &cobra.Command{
		Use:   "fixtures",
		Short: "Write or check a file for serve --fixtures",
		Long: `fixtures writes what serve takes with --fixtures, or checks a file of it: organizations, environments, the principals who
may call, destinations, credentials and faults. Members of environments, destinations and credentials are the document's own,
and are held to it.

--check names every fault at once, with its line and a JSON pointer, and never a value.`,
		Example: `  credmock fixtures --init > fixtures.yaml
  credmock fixtures --sample 50 --seed 7 > many.yaml
  credmock fixtures --check fixtures.yaml && credmock serve --fixtures fixtures.yaml`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return given.run(command)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&given.init, "init", false, "print an example with comments")
	flags.IntVar(&given.sample, "sample", 0, "print fixtures with so many plausible credentials, of every strategy in turn")
	flags.Int64Var(&given.seed, "seed", 1, "makes --sample print the same in every run; 0 makes it random")
	flags.StringVar(&given.check, "check", "", "`FILE` to check")
	flags.StringVar(&given.spec, "spec", "", "`FILE` with another OpenAPI document, for --sample and --check")
	return command
}

func (g *fixturesFlags) run(command *cobra.Command) error {
	flags := command.Flags()
	chosen := 0
	for _, name := range []string{"init", "sample", "check"} {
		if flags.Changed(name) {
			chosen++
		}
	}
	if chosen != 1 {
		return usage("choose one of --init, --sample and --check")
	}
	switch {
	case flags.Changed("init"):
		_, err := command.OutOrStdout().Write(exampleFixtures)
		return err
	case flags.Changed("sample"):
		return g.writeSample(command)
	}
	return g.checkFile(command)
}

// checkFile makes a mock of the file and says what is wrong with it.
func (g *fixturesFlags) checkFile(command *cobra.Command) error {
	spec, err := loadSpec(g.spec)
	if err != nil {
		return err
	}
	text, err := readFile("check", g.check)
	if err != nil {
		return err
	}
	_, err = mockserver.New(mockserver.Options{Spec: spec, Fixtures: text, Mutants: brokenServers()})
	if err != nil {
		fmt.Fprintln(command.ErrOrStderr(), foreign.Text(strings.ReplaceAll(err.Error(), "fixtures: ", g.check+": ")).ConsoleLines())
		return exitWith(1)
	}
	_, err = fmt.Fprintf(command.OutOrStdout(), "%s: no fault\n", g.check)
	return err
}

// mostSampled bounds --sample: a file of more is none that anybody reads.
const mostSampled = 1_000_000

func (g *fixturesFlags) writeSample(command *cobra.Command) error {
	if g.sample < 1 || g.sample > mostSampled {
		return usage("--sample must be a whole number from 1 to %d", mostSampled)
	}
	spec, err := loadSpec(g.spec)
	if err != nil {
		return err
	}
	text, err := sampleFixtures(spec, g.sample, g.seed)
	if err != nil {
		return errors.Join(&exitError{1, "the sample cannot be written: " + err.Error()})
	}
	_, err = command.OutOrStdout().Write(text)
	return err
}
