// Package judge is the command judge: it judges a recording of requests and answers.
package judge

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/har"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/contract/traffic"
)

// flags are the flags of judge.
type flags struct {
	recording   traffic.Recording
	spec, known string
	accept      []string // the names of the alternatives
	reports     []string
}

// New returns the command. accept are the names of the alternatives.
func New(accept []string) *cobra.Command {
	given := &flags{accept: accept}
	command := &cobra.Command{
		Use:   "judge FILE.har",
		Short: "Judge a recording of requests and answers",
		Long: `judge judges a HAR file, which the developer tools of a browser, a proxy or verify --har write. It uses the rules that need
no request of their own: each answer keeps the document and its envelope, and shows no secret, in any form, that an earlier
request of the recording sent. It sends nothing. - reads standard input.

judge skips and counts requests to other sites, answers of a gateway, and answers without a recorded body. It cannot look
for a secret that the recorder masked.

Exit codes: 0 conforms, 1 violates, 2 usage, 3 there was nothing to judge, or too little, 4 a known failure is stale.`,
		Example: `  credmock judge session.har
  credmock judge --url https://staging.example.com/platform --report html=report.html session.har
  credmock verify --har run.har && credmock judge run.har`,
		Args: func(_ *cobra.Command, files []string) error {
			if len(files) != 1 {
				return cli.Usage("name one HAR file, as in: credmock judge session.har")
			}
			return nil
		},
		RunE: func(command *cobra.Command, files []string) error { return given.judge(command, files[0]) },
	}
	flags := command.Flags()
	flags.StringVar(&given.recording.Base, "url", "", "base `URL` of the API in the recording, the part before /v1; default the only one")
	flags.StringVar(&given.spec, "spec", "", "`FILE` with the OpenAPI document to judge by; default the embedded one")
	flags.StringSliceVar(&given.recording.Accept, "accept", nil,
		"documented `ALTERNATIVES` that the target may use: "+strings.Join(accept, ", "))
	flags.BoolVar(&given.recording.Strict, "strict", false, "let failures of SHOULD rules count")
	flags.StringVar(&given.known, "known", "", "`FILE` with failures that do not count, each with its reason")
	flags.IntVar(&given.recording.MinCoverage, "min-coverage", 0,
		"fail with 3 if fewer than `PERCENT` of the rules for recordings were judged")
	flags.StringArrayVar(&given.reports, "report", nil, "report to write, as `FORMAT=FILE`; - is standard output; may be repeated")
	cli.CompleteWith(command, "accept", accept)
	return command
}

func (g *flags) judge(command *cobra.Command, name string) error {
	for _, name := range g.recording.Accept {
		if !slices.Contains(g.accept, name) {
			return cli.Usage("there is no alternative %q to accept; there are %s", name, strings.Join(g.accept, ", "))
		}
	}
	if g.recording.MinCoverage < 0 || g.recording.MinCoverage > 100 {
		return cli.Usage("--min-coverage must be a percentage from 0 to 100")
	}
	if err := g.load(); err != nil {
		return err
	}
	var err error
	if g.recording.Exchanges, err = read(command, name); err != nil {
		return err
	}
	reports, err := output.Open(g.reports, report.Formats(), command.OutOrStdout(),
		output.WantsColours(command.Context(), command.OutOrStdout()))
	if err != nil {
		return err
	}
	defer reports.Discard()
	found, err := traffic.Judge(g.recording)
	if err != nil {
		return cli.AsUsage(err)
	}
	if err := reports.Write(output.ReportTo(found)); err != nil {
		return err
	}
	return cli.ExitWith(found.ExitCode())
}

// load reads the files that flags name, and the URL.
func (g *flags) load() error {
	if g.recording.Base != "" {
		base, err := cli.ParseBase(g.recording.Base)
		if err != nil {
			return err
		}
		g.recording.Base = base.String()
	}
	var err error
	if g.recording.Spec, err = cli.LoadSpec(g.spec); err != nil {
		return err
	}
	g.recording.Known, err = cli.LoadKnown(g.known)
	return err
}

// read reads a recording from a file, or from standard input.
func read(command *cobra.Command, name string) ([]traffic.Exchange, error) {
	from := command.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, cli.Usage("%s", cli.Unreadable(name, err))
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return nil, cli.Usage("%s is a folder, and no HAR file", name)
		}
		from = io.Reader(file)
	}
	exchanges, err := har.Read(from)
	if err != nil {
		return nil, cli.Usage("%s: %s", name, err.Error())
	}
	return exchanges, nil
}
