// Package spec is the command spec: it prints the document in the form that the reader needs.
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
		Long: "spec prints the document that the mock and the suite use. You can give a changed copy of it to serve, verify and run\n" +
			"with --spec.\n\n" +
			"--for clients prints a flat form for client generators: no allOf, no extensions, bodies without the members that the\n" +
			"server owns, the update as one object, one server, and full paths.\n\n" +
			"--format http, postman and arazzo print the document's examples as requests: for the HTTP client of an editor, as a\n" +
			"Postman collection, and as Arazzo workflows, which read the flat document from clients.yaml. Their request to the\n" +
			"token endpoint needs an assertion, which credmock token --assertion prints.",
		Example: "  credmock spec > contract.yaml\n  credmock spec --for clients --format json\n" +
			"  credmock spec --format postman > collection.json\n  credmock spec --report-schema",
		Args: cli.NoArguments,
	}
	format := cli.AddChoice(command, "format", "form of the output", "yaml", "json", "http", "postman", "arazzo")
	reader := cli.AddChoice(command, "for", "the readers of the document", "credmock", "clients")
	name := command.Flags().String("spec", "", "`FILE` with another OpenAPI document; default the embedded one")
	schema := command.Flags().Bool("report-schema", false, "print the JSON Schema of the JSON report of verify instead")
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
	isDocument := format == "yaml" || format == "json"
	switch {
	case isDocument && !forGenerators && format == "json":
		return source.IndentedJSON(document)
	case isDocument && !forGenerators:
		return document, nil
	}
	flat, err := forClients(document, spec)
	if err != nil {
		return nil, err
	}
	switch format {
	case "json":
		return encodedJSON(flat)
	case "http":
		return asHTTP(newCollection(flat, spec))
	case "postman":
		return asPostman(newCollection(flat, spec))
	case "arazzo":
		return encodedYAML(asArazzo(newCollection(flat, spec)))
	}
	return encodedYAML(flat)
}

func encodedYAML(node *yaml.Node) ([]byte, error) {
	out := &bytes.Buffer{}
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	err := errors.Join(encoder.Encode(node), encoder.Close())
	return out.Bytes(), err
}
