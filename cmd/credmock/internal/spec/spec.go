// Package spec is the command that prints the document, in the form that its reader needs.
package spec

import (
	"bytes"
	"errors"
	"io"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/source"
)

// New returns the command.
func New() *cobra.Command {
	command := &cobra.Command{
		Use:   "spec",
		Short: "Print the OpenAPI document",
		Long: "spec prints the document that mock and suite work from. A changed copy of it can be given to serve, verify and\n" +
			"run with --spec.\n\n" +
			"--for clients prints a flat form of it for client generators: without allOf and extensions, bodies without the\n" +
			"members that the server owns, the update as one object, one server and whole paths.",
		Example: "  credmock spec > contract.yaml\n  credmock spec --for clients --format json\n  credmock spec --report-schema",
		Args:    cli.NoArguments,
	}
	format := cli.AddChoice(command, "format", "how to write it", "yaml", "json")
	reader := cli.AddChoice(command, "for", "whom it is for", "credmock", "clients")
	name := command.Flags().String("spec", "", "OpenAPI document in `FILE` instead of the embedded one")
	schema := command.Flags().Bool("report-schema", false, "print the JSON Schema of the reports of verify instead")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if *schema {
			return write(command.OutOrStdout(), report.Schema())
		}
		document, spec, err := load(*name)
		if err != nil {
			return err
		}
		made, err := printed(document, spec, reader.Value == "clients", format.Value)
		if err != nil {
			return cli.Usage("the document has no such form: %s", err)
		}
		return write(command.OutOrStdout(), made)
	}
	return command
}

func write(to io.Writer, data []byte) error {
	_, err := to.Write(data)
	return err
}

func load(name string) ([]byte, *credmock.Spec, error) {
	spec, err := cli.LoadSpec(name)
	if err != nil || name == "" {
		return credmock.Document(), spec, err
	}
	document, err := cli.ReadFile("spec", name)
	return document, spec, err
}

func printed(document []byte, spec *credmock.Spec, forGenerators bool, format string) ([]byte, error) {
	if !forGenerators {
		if format == "json" {
			return source.IndentedJSON(document)
		}
		return document, nil
	}
	flat, err := forClients(document, spec)
	if err != nil {
		return nil, err
	}
	out := &bytes.Buffer{}
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(flat), encoder.Close()); err != nil {
		return nil, err
	}
	if format == "json" {
		return source.IndentedJSON(out.Bytes())
	}
	return out.Bytes(), nil
}
