package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of credmock",
		Example: "  credmock version",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(command.OutOrStdout(), "credmock "+credmock.ToolVersion)
			return err
		},
	}
}
