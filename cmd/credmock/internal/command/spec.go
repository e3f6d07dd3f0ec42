package command

import (
	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/source"
)

func newSpec() *cobra.Command {
	command := &cobra.Command{
		Use:   "spec",
		Short: "Print the embedded OpenAPI document",
		Long: "spec prints the document that mock and suite work from. A changed copy of it can be given to serve, verify and\n" +
			"run with --spec.",
		Example: "  credmock spec > contract.yaml\n  credmock spec --format json\n  credmock spec --report-schema",
		Args:    cli.NoArguments,
	}
	format := cli.AddChoice(command, "format", "how to write it", "yaml", "json")
	schema := command.Flags().Bool("report-schema", false, "print the JSON Schema of the reports of verify instead")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if *schema {
			_, err := command.OutOrStdout().Write(report.Schema())
			return err
		}
		document := credmock.Document()
		if format.Value == "json" {
			var err error
			if document, err = source.IndentedJSON(document); err != nil {
				return err
			}
		}
		_, err := command.OutOrStdout().Write(document)
		return err
	}
	return command
}
