// Package token has the commands token and healthcheck, which send one request to a running mock.
package token

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/assertion"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/mockserver"
)

// flags are the flags of token.
type flags struct {
	mock             *cli.Mock
	key, client, kid string
	printKey         bool
	assertion        bool
	timeout          time.Duration
}

// New returns the command.
func New() *cobra.Command {
	given := &flags{}
	command := &cobra.Command{
		Use:   "token",
		Short: "Get a bearer token from a running mock",
		Long: `token signs an assertion, exchanges it at the token endpoint on the host of --url, and prints the bearer token that it
gets. The token lives five minutes, unless --token-life of serve says otherwise.

Without --key it signs with the development key of credmock, which every mock accepts unless its fixtures say otherwise.
That key is published, so it proves nothing to any other server. --print-key prints it, to configure your own client.`,
		Example: `  curl -H "Authorization: Bearer $(credmock token)" ` + cli.ExampleURL + `/v1/authcredentials/strategies
  credmock token --print-key > development-keys.json
  credmock token --key my-key.json --client-id my-client`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return given.run(command)
		},
	}
	flags := command.Flags()
	given.mock = cli.AddMock(command)
	flags.StringVar(&given.key, "key", "", "`FILE` with the private key of another client: a JWK, a JWK set or PEM")
	flags.StringVar(&given.client, "client-id", "", "`ID` of the client that owns the key; default "+mockserver.DevelopmentClient)
	flags.StringVar(&given.kid, "key-id", "", "`ID` of the key, if the file names none or holds several keys")
	flags.BoolVar(&given.printKey, "print-key", false, "print the private development keys as a JWK set, and send nothing")
	flags.BoolVar(&given.assertion, "assertion", false, "print the signed assertion, which lives a minute, and send nothing")
	flags.DurationVar(&given.timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	return command
}

func (g *flags) run(command *cobra.Command) error {
	if g.printKey {
		if g.key != "" || g.client != "" || g.kid != "" {
			return cli.Usage("--print-key prints the development keys; leave out --key, --key-id and --client-id")
		}
		_, err := command.OutOrStdout().Write(mockserver.DevelopmentKeys())
		return err
	}
	base, err := g.mock.Base()
	if err != nil {
		return err
	}
	if g.timeout <= 0 {
		return cli.Usage("--timeout must be more than nothing, such as 5s")
	}
	signer, err := g.signer()
	if err != nil {
		return err
	}
	if g.assertion {
		signed, err := signer.Assertion(assertion.Endpoint(base).String(), time.Now())
		if err != nil {
			return &cli.Exit{Code: 1, Message: err.Error()}
		}
		_, err = fmt.Fprintln(command.OutOrStdout(), signed)
		return err
	}
	transport, err := g.mock.Transport()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(command.Context(), g.timeout)
	defer cancel()
	signer.Unanswered = g.mock.Unanswered
	token, err := signer.Exchange(ctx, transport, assertion.Endpoint(base))
	if err != nil {
		return &cli.Exit{Code: 1, Message: err.Error()}
	}
	_, err = fmt.Fprintln(command.OutOrStdout(), token.Value)
	return err
}

// signer chooses whose key signs.
func (g *flags) signer() (*assertion.Signer, error) {
	if g.key == "" {
		if g.client != "" {
			return nil, cli.Usage("--client-id needs --key: the development key is that of %s", mockserver.DevelopmentClient)
		}
		return assertion.New(mockserver.DevelopmentClient, mockserver.DevelopmentKeys(), g.kid)
	}
	if g.client == "" {
		return nil, cli.Usage("--key needs --client-id: the id of the client whose key it is")
	}
	text, err := cli.ReadFile("key", g.key)
	if err != nil {
		return nil, err
	}
	return assertion.New(g.client, text, g.kid)
}
