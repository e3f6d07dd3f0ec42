// Package serve is the command serve: a mock on an address, with its files watched and judged from its inspector.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/listen"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// Flags are the flags of serve.
type Flags struct {
	Address, Viewer, Other, spec, Fixtures string
	admin                                  string
	Tokens                                 []string
	seed                                   int64
	Log                                    *cli.Choice
	hosting                                hosting
	state                                  stateFile
	IsSet                                  func(flag string) bool // by the command line or the environment
	child                                  []string               // the command to run against the mock; nil for none
}

// New returns the command.
func New() *cobra.Command {
	given := &Flags{}
	command := &cobra.Command{
		Use:   "serve [flags] [-- COMMAND...]",
		Short: "Serve the mock",
		Long: `serve runs the mock until you interrupt it. The first line on standard output is its base URL. The log goes to standard
error. The state lives in memory and ends with the process, unless --state names a file for it.

serve -- COMMAND runs a command against the mock, and ends with the exit code of the command. The command finds the mock
in CREDMOCK_URL, and its tokens in CREDMOCK_TOKEN, CREDMOCK_VIEWER_TOKEN and CREDMOCK_OTHER_TOKEN. Standard output belongs
to the command. The mock then listens on a free port, unless --addr names one.

Organization 118 has the environments Development, Staging and Production, a destination in each, and no credential.
--fixtures replaces this start.

On a loopback address the mock answers only requests to loopback names such as 127.0.0.1 and localhost, because a page of
any site can make its own name point to this machine. --allow-host permits another name. Pages of loopback origins may
call the API, and --allow-origin permits other pages. No page of another origin may use /__admin/. On an address that
other machines can reach, the mock refuses the default tokens and the keys of development-client, because they are
public: give your own tokens.`,
		Example: `  credmock serve
  credmock serve --addr 127.0.0.1:0 --token my-token
  credmock serve -- npm test
  CREDMOCK_TOKEN=one,two credmock serve`,
		RunE: func(command *cobra.Command, arguments []string) error {
			given.IsSet = func(flag string) bool { return command.Flags().Changed(flag) }
			if err := given.takeCommand(command, arguments); err != nil {
				return err
			}
			return given.serve(command.Context(), command)
		},
	}
	flags := command.Flags()
	flags.StringVar(&given.Address, "addr", "127.0.0.1:4118", "`HOST:PORT` to listen on; port 0 picks a free one")
	flags.StringArrayVar(&given.Tokens, "token", []string{mockserver.DefaultToken},
		"bearer `TOKEN` of an engineer of the organization; may be repeated")
	flags.StringVar(&given.Viewer, "viewer-token", mockserver.DefaultViewerToken, "bearer `TOKEN` of a member without the engineer role")
	flags.StringVar(&given.Other, "other-token", mockserver.DefaultOtherToken, "bearer `TOKEN` of an engineer of another organization")
	flags.StringVar(&given.admin, "admin-token", "", "bearer `TOKEN` of /__admin/; needed on an address that other machines can reach")
	flags.StringVar(&given.spec, "spec", "", "`FILE` with the OpenAPI document to serve; default the embedded one")
	flags.StringVar(&given.Fixtures, "fixtures", "", "`FILE` with the organizations and records at the start; credmock fixtures writes one")
	flags.StringVar(&given.state.name, "state", "",
		"`FILE` that keeps credentials and destinations, with their secrets, over a restart; created if it is missing")
	flags.Int64Var(&given.seed, "seed", 0, "number that makes the ids the same in every run; 0 makes them random")
	cli.MarkSecret(flags, "token", "viewer-token", "other-token", "admin-token")
	given.Log = cli.AddChoice(command, "log", "form of the log", "text", "json")
	given.hosting.add(flags)
	return command
}

// manyFixtures is the size in bytes from which fixtures are worth giving back what reading them took.
const manyFixtures = 1 << 20

func (g *Flags) serve(ctx context.Context, command *cobra.Command) error {
	options, err := g.Options(command.ErrOrStderr())
	if err != nil {
		return err
	}
	if g.admin == "" && options.Exposed {
		return cli.Usage("%s can be reached from other machines; give --admin-token, so that not everybody may use /__admin/, or listen on "+
			"127.0.0.1", g.Address)
	}
	mock, err := mockserver.New(options)
	if err != nil {
		return cli.CannotStart(err, g.Fixtures)
	}
	if err := g.state.load(mock, options.Logger); err != nil {
		return err
	}
	if len(options.Fixtures) > manyFixtures {
		debug.FreeOSMemory() // reading them takes many times what they leave
	}
	listener, err := g.hosting.Listen(ctx, g, mock, options.Spec, options.Logger)
	if err != nil {
		return err
	}
	if !listener.Holds(options.Exposed) {
		listener.Close()
		return cli.Usage("--addr: %s led to loopback and does no more; give an address such as 127.0.0.1:4118", g.Address)
	}
	if err := g.state.begin(); err != nil {
		listener.Close()
		return err
	}
	defer g.hosting.withdraw() // after listening: a mock that cannot listen must not remove the file of another
	if err := g.hosting.announce(listener.Base(options.Spec)); err != nil {
		listener.Close()
		return err
	}
	told := command.OutOrStdout()
	if g.child != nil {
		told = command.ErrOrStderr()
	}
	if _, err := fmt.Fprintln(told, "listening on "+listener.Base(options.Spec)); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", err)
	}
	g.TellMissing(options)
	options.Logger.Info("serving", slog.String("inspector", listener.Root()+"/__admin/ui/"),
		slog.String("document", listener.Root()+"/__admin/docs/"))
	return errors.Join(g.untilEnd(ctx, command, listener, options), g.state.end())
}

// untilEnd serves until ctx or the command ends, and then ends the mock.
func (g *Flags) untilEnd(ctx context.Context, command *cobra.Command, listener *listen.Listener, options mockserver.Options) error {
	childContext, cancel := context.WithCancel(ctx)
	defer cancel()
	childEnded := make(chan error, 1) // nothing is sent to it without a command
	if g.child != nil {
		to := streams{command.InOrStdin(), command.OutOrStdout(), command.ErrOrStderr()}
		go func() { childEnded <- g.runChild(childContext, listener.Base(options.Spec), options, to) }()
		ctx = context.WithoutCancel(ctx) // the command ends with it, and then the mock
	}
	var ended error
	select {
	case err := <-listener.Ended:
		cancel()
		ended = &cli.Exit{Code: contract.ExitViolates, Message: "the mock ended: " + err.Error()}
		if g.child != nil {
			ended = errors.Join(ended, <-childEnded) // the first decides the exit code
		}
		return ended
	case ended = <-childEnded:
	case <-ctx.Done():
	}
	g.hosting.withdraw() // nobody should come any more
	options.Logger.Info("stopping: running requests may end, within two seconds")
	err := listener.Stop()
	g.hosting.ports.running.Wait() // they began to end with the mock
	if err != nil {
		return &cli.Exit{Code: contract.ExitViolates, Message: "the mock did not end in order: " + err.Error()}
	}
	return ended
}

// Options returns the options of the mock that the flags describe.
func (g *Flags) Options(stderr io.Writer) (mockserver.Options, error) {
	var none mockserver.Options
	exposed := listen.IsExposed(g.Address)
	if exposed {
		g.dropDefaults()
	}
	if slices.Contains(g.Tokens, "") || g.isEmpty("viewer-token", g.Viewer, exposed) || g.isEmpty("other-token", g.Other, exposed) {
		return none, cli.Usage("a token is empty; --token, --viewer-token and --other-token each need one")
	}
	if err := cli.CheckTokens(g.Tokens, g.Viewer, g.Other); err != nil {
		return none, err
	}
	if err := g.hosting.check(g.Address); err != nil {
		return none, err
	}
	spec, err := cli.LoadSpec(g.spec)
	if err != nil {
		return none, err
	}
	options := mockserver.Options{
		Spec: spec, Tokens: g.Tokens, ViewerToken: g.Viewer, OtherToken: g.Other,
		AdminToken: g.admin, Mutants: cli.BrokenServers(),
		Exposed: exposed, AllowHosts: g.hosting.hosts, AllowOrigins: g.hosting.origins, AllowOutbound: g.hosting.outbound,
		Seed: g.seed, TokenLife: g.hosting.tokenLife, Deliver: g.hosting.deliver, Logger: newLogger(stderr, g.Log.Value),
	}
	options.Verify, options.Listen = g.verify, g.hosting.ports.listen
	if err := g.hosting.certify(g.Address); err != nil {
		return none, err
	}
	g.hosting.ports.site = listen.Site{Address: g.Address, Logger: options.Logger, Secure: g.hosting.certificate, Version: spec.Version}
	if options.OutboundCAs, err = g.hosting.outboundAuthorities(); err != nil {
		return none, err
	}
	if g.Fixtures != "" {
		options.Fixtures, err = cli.ReadFile("fixtures", g.Fixtures)
	}
	return options, err
}

// isEmpty tells whether a token is empty that must not be: where others reach the mock, one that nobody gave may be.
func (g *Flags) isEmpty(flag, token string, exposed bool) bool {
	return token == "" && (!exposed || g.IsSet(flag))
}

// dropDefaults leaves only the tokens that somebody gave.
func (g *Flags) dropDefaults() {
	if !g.IsSet("token") {
		g.Tokens = nil
	}
	if !g.IsSet("viewer-token") {
		g.Viewer = ""
	}
	if !g.IsSet("other-token") {
		g.Other = ""
	}
}

// TellMissing says which principals do not exist because nobody gave them a token that is no default.
func (g *Flags) TellMissing(options mockserver.Options) {
	if !options.Exposed {
		return
	}
	for _, one := range []struct {
		missing         bool
		principal, give string
	}{
		{len(options.Tokens) == 0, "engineer", "--token"}, {options.ViewerToken == "", "viewer", "--viewer-token"},
		{options.OtherToken == "", "other", "--other-token"},
		{options.Fixtures == nil, mockserver.DevelopmentClient, "--fixtures"},
	} {
		if one.missing {
			options.Logger.Warn("this principal does not exist here: other machines reach the address, and everybody knows the default token or key",
				slog.String("principal", one.principal), slog.String("give", one.give))
		}
	}
}

func newLogger(stderr io.Writer, form string) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(stderr, nil))
	}
	return slog.New(slog.NewTextHandler(stderr, nil))
}
