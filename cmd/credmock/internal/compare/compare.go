// Package compare is the command compare: it compares the JSON reports of two runs.
package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// New returns the command.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "compare OLD.json NEW.json",
		Short: "Compare the JSON reports of two runs",
		Long: `compare compares two runs: it lists the checks that fail now, that no longer fail, and that still fail. It compares only
failures that count. A check that could not be judged counts as a failure. A check that passed before and was not judged
now is gone, and that is worse too.

Exit codes: 0 the same or better, 1 worse, 2 usage.`,
		Example: `  credmock verify --report json=old.json
  credmock verify --report json=new.json
  credmock compare old.json new.json`,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 2 {
				return cli.Usage("compare takes two files: the JSON report of the former run, and of the new one")
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			former, err := Read(arguments[0])
			if err != nil {
				return err
			}
			run, err := Read(arguments[1])
			if err != nil {
				return err
			}
			compared := report.Compare(former, run)
			tell(command.OutOrStdout(), former, run, compared)
			if compared.Worse() {
				return cli.ExitWith(report.ExitViolates)
			}
			return nil
		},
	}
}

// Read reads the JSON report of a run.
func Read(name string) (report.Report, error) {
	var found report.Report
	text, err := cli.ReadArgument(name)
	if err != nil {
		return found, err
	}
	decoder := json.NewDecoder(bytes.NewReader(cli.WithoutMark(text)))
	err = decoder.Decode(&found)
	if err == nil && found.Tool != "credmock" {
		err = errors.New("it has no member tool that says credmock")
	}
	if err == nil && len(found.Checks) == 0 {
		err = errors.New("it has no checks")
	}
	if err == nil {
		if _, end := decoder.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something follows the report")
		}
	}
	if err != nil {
		return found, cli.Usage("%s is no JSON report of credmock verify: %s", name, foreign.Text(err.Error()).Short())
	}
	return found, nil
}

func tell(out io.Writer, former, run report.Report, compared report.Comparison) {
	for _, group := range []struct {
		word string
		ids  []string
	}{{"new", compared.New}, {"gone", compared.Gone}, {"still", compared.Still}, {"fixed", compared.Fixed}} {
		for _, id := range group.ids {
			fmt.Fprintf(out, "%-5s  %s\n", group.word, foreign.Text(id).Console())
		}
	}
	word := "the same"
	switch {
	case compared.Worse():
		word = "worse"
	case len(compared.Fixed) > 0:
		word = "better"
	}
	fmt.Fprintf(out, "%s: %d new, %d gone, %d still, %d fixed; the verdict was %s and is %s\n", word, len(compared.New), len(compared.Gone),
		len(compared.Still), len(compared.Fixed), foreign.Text(former.Verdict).Console(), foreign.Text(run.Verdict).Console())
}
