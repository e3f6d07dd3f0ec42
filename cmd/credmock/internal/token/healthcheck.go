package token

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/finalanswer"
)

// NewHealthcheck returns the command healthcheck.
func NewHealthcheck() *cobra.Command {
	var address, authority string
	var timeout time.Duration
	command := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running mock whether it is ready",
		Long: "healthcheck asks /readyz on the host of --url, and ends with 0 when the mock is ready and with 1 when it is not.\n" +
			"It is made for the health check of a container.",
		Example: "  credmock healthcheck --url " + cli.ExampleURL,
		Args:    cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			base, err := cli.ParseBase(address)
			if err != nil {
				return err
			}
			if timeout <= 0 {
				return cli.Usage("--timeout must be more than nothing, such as 5s")
			}
			transport, err := cli.Trusting(authority)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(command.Context(), timeout)
			defer cancel()
			if err := askReady(ctx, transport, base); err != nil {
				return &cli.Exit{Code: 1, Message: err.Error()}
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), "ready")
			return err
		},
	}
	command.Flags().StringVar(&address, "url", cli.ExampleURL, "base `URL` of the mock")
	command.Flags().StringVar(&authority, "ca", "", "`FILE` with a certificate authority to trust, as --tls-ca of serve writes it")
	command.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	return command
}

// askReady returns nil when the mock on the host of base says that it is ready.
func askReady(ctx context.Context, transport http.RoundTripper, base *url.URL) error {
	ready := url.URL{Scheme: base.Scheme, Host: base.Host, Path: "/readyz"}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ready.String(), nil)
	if err != nil {
		return fmt.Errorf("%s cannot be asked", ready.String())
	}
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect}
	response, err := finalanswer.Do(client, request)
	if err != nil {
		return fmt.Errorf("%s does not answer: %s", ready.String(), told(innermost(err).Error(), ""))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: it answered %d %s", ready.String(), response.StatusCode, http.StatusText(response.StatusCode))
	}
	return nil
}
