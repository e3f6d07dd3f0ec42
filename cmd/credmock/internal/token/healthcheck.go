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

// check is how healthcheck asks.
type check struct {
	mock          *cli.Mock
	timeout, wait time.Duration
}

const (
	defaultWait = "30s"
	// askEvery is the time between two questions of a check that waits.
	askEvery = 50 * time.Millisecond
)

// NewHealthcheck returns the command healthcheck.
func NewHealthcheck() *cobra.Command {
	given := &check{}
	command := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running mock whether it is ready",
		Long: `healthcheck asks /readyz on the host of --url, and ends with 0 if the mock is ready and with 1 if it is not. Use it as
the health check of a container: without --url it reads the variables that serve reads, such as CREDMOCK_ADDR. --wait
repeats the request until the mock is ready.`,
		Example: "  credmock healthcheck --url " + cli.ExampleURL + "\n  credmock healthcheck --wait 30s",
		Args:    given.takeWait,
		RunE: func(command *cobra.Command, _ []string) error {
			return given.run(command)
		},
	}
	given.mock = cli.AddMock(command)
	command.Flags().DurationVar(&given.timeout, "timeout", 5*time.Second, "how long to wait for one answer")
	command.Flags().DurationVar(&given.wait, "wait", 0, "repeat the request until the mock is ready, at most this long; default "+defaultWait)
	command.Flags().Lookup("wait").NoOptDefVal = defaultWait
	return command
}

// takeWait reads the duration that follows --wait as a word of its own: pflag takes no such word where a flag may stand alone.
func (g *check) takeWait(command *cobra.Command, arguments []string) error {
	if wait := command.Flags().Lookup("wait"); wait.Changed && len(arguments) == 1 && wait.Value.Set(arguments[0]) == nil {
		return nil
	}
	return cli.NoArguments(command, arguments)
}

func (g *check) run(command *cobra.Command) error {
	base, err := g.mock.Base()
	if err != nil {
		return err
	}
	if g.timeout <= 0 || g.wait < 0 || command.Flags().Changed("wait") && g.wait == 0 {
		return cli.Usage("--timeout and --wait must be more than nothing, such as 5s")
	}
	if err := g.untilReady(command.Context(), base); err != nil {
		return err
	}
	_, err = fmt.Fprintln(command.OutOrStdout(), "ready")
	return err
}

// untilReady asks until the mock is ready, or once without --wait. It returns the last reason why the mock is not.
func (g *check) untilReady(ctx context.Context, base *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, max(g.wait, g.timeout))
	defer cancel()
	var last error
	for {
		err := g.ask(ctx, base)
		if err == nil || g.wait == 0 {
			return err
		}
		if last == nil || ctx.Err() == nil { // the time may be over within a question, which says nothing of the mock
			last = err
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(askEvery):
		}
	}
}

// ask asks once. It reads the certificate authority each time: a mock that starts writes it.
func (g *check) ask(ctx context.Context, base *url.URL) error {
	transport, err := g.mock.Transport()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if err := g.askReady(ctx, transport, base); err != nil {
		return &cli.Exit{Code: 1, Message: err.Error()}
	}
	return nil
}

// askReady returns nil when the mock on the host of base says that it is ready.
func (g *check) askReady(ctx context.Context, transport http.RoundTripper, base *url.URL) error {
	ready := url.URL{Scheme: base.Scheme, Host: base.Host, Path: "/readyz"}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ready.String(), nil)
	if err != nil {
		return fmt.Errorf("%s cannot be asked", ready.String())
	}
	client := &http.Client{Transport: transport, CheckRedirect: cli.NoRedirect}
	response, err := finalanswer.Do(client, request)
	if err != nil {
		return fmt.Errorf("%s does not answer: %s", ready.String(), g.mock.Unanswered(base, err, cli.Brief(cli.Innermost(err).Error())))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: it answered %d %s", ready.String(), response.StatusCode, http.StatusText(response.StatusCode))
	}
	return nil
}
