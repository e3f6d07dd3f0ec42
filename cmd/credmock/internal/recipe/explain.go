package recipe

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/strictjson"
)

// NewExplain returns the command explain-request.
func NewExplain() *cobra.Command {
	var name, spec string
	command := &cobra.Command{
		Use:   "explain-request",
		Short: "Print the requests that a credential describes",
		Long: `explain-request reads a credential from a file, as the JSON body of a create. It prints each request that the credential
describes, as HTTP and as a curl command, with notes about settings that may be mistakes. It asks no server and shows no
secret.

The credential needs no name and no environment. - reads standard input.

Exit codes: 0 printed, 1 the credential is refused or describes no request, 2 usage.`,
		Example: `  credmock explain-request --file credential.json
  credmock recipe auth0 --json | credmock explain-request --file -`,
		Args: cli.NoArguments,
	}
	command.Flags().StringVar(&name, "file", "", "`FILE` with the credential")
	command.Flags().StringVar(&spec, "spec", "", "`FILE` with another OpenAPI document")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if name == "" {
			return cli.Usage("name a file with --file, as in: credmock explain-request --file credential.json")
		}
		document, err := cli.LoadSpec(spec)
		if err != nil {
			return err
		}
		body, err := readCredential(command.InOrStdin(), name)
		if err != nil {
			return err
		}
		asked, err := newBuilder(command.Context(), document)
		if err != nil {
			return cli.CannotStart(err, spec)
		}
		found, reasons, err := asked.describe(command.Context(), body, "")
		switch {
		case err != nil:
			return err
		case reasons != nil:
			return &cli.Exit{Code: 1, Message: shown(name) + ": " + strings.Join(reasons, "\n  ")}
		}
		_, err = fmt.Fprint(command.OutOrStdout(), foreign.Text(found.text()).ConsoleLines())
		return err
	}
	return command
}

// fileLimit is the maximum size of a credential in bytes, which is that of a body of the mock.
const fileLimit = 1 << 20

// readCredential reads the body of a create from a file, or from standard input.
func readCredential(input io.Reader, name string) (map[string]any, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, cli.Usage("--file: %s", cli.Unreadable(name, err))
		}
		defer file.Close()
		input = file
	}
	text, err := io.ReadAll(io.LimitReader(input, fileLimit+1))
	switch {
	case err != nil:
		return nil, cli.Usage("--file: %s", cli.Unreadable(shown(name), err))
	case len(text) > fileLimit:
		return nil, cli.Usage("--file: %s is larger than 1 MiB, which no credential is", shown(name))
	}
	var body map[string]any
	var wrong *strictjson.Error
	err = strictjson.Unmarshal(cli.WithoutMark(text), &body)
	switch {
	case errors.As(err, &wrong):
		return nil, cli.Usage("--file: %s is not JSON that can be read: %s", shown(name), wrong)
	case err != nil || body == nil:
		return nil, cli.Usage("--file: %s must hold a JSON object with the fields of a credential", shown(name))
	}
	return body, nil
}

// shown returns how a message calls a file.
func shown(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// text returns the requests and the notes for a reader.
func (d *described) text() string {
	var text strings.Builder
	for _, one := range d.Requests {
		text.WriteString(strings.TrimRight(strings.ReplaceAll(one.HTTP, "\r\n", "\n"), "\n") + "\n\n" + one.Curl + "\n\n")
	}
	for _, note := range d.Notes {
		text.WriteString("note: " + note + "\n")
	}
	return strings.TrimRight(text.String(), "\n") + "\n"
}
