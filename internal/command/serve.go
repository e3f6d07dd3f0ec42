package command

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	address, viewer, other, spec, fixtures string
	admin                                  string
	tokens                                 []string
	seed                                   int64
	log                                    *choice
	manners                                manners
	isSet                                  func(flag string) bool // by the command line or the environment
}

func newServe() *cobra.Command {
	given := &serveFlags{}
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the mock",
		Long: `serve runs the mock until it is interrupted. The first line on standard output says where it listens; the log goes
to standard error. State lives in memory and ends with the process.

Organization 118 has the environments Development, Staging and Production with one destination each, and no
credential; --fixtures gives it other beginnings.

On a loopback address the mock answers under loopback names alone, such as 127.0.0.1 and localhost, for a page of any
site can have its name point there; --allow-host admits another name. On an address that other machines can reach, the
default tokens and the keys of development-client are unknown, for everybody knows them: give tokens of your own.`,
		Example: `  credmock serve
  credmock serve --addr 127.0.0.1:0 --token my-token
  CREDMOCK_TOKEN=one,two credmock serve`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			given.isSet = func(flag string) bool { return command.Flags().Changed(flag) }
			return given.serve(command.Context(), command)
		},
	}
	flags := command.Flags()
	flags.StringVar(&given.address, "addr", "127.0.0.1:4118", "`HOST:PORT` to listen on; port 0 picks a free one")
	flags.StringArrayVar(&given.tokens, "token", []string{mockserver.DefaultToken}, "bearer `TOKEN` of an engineer of the organization; may be repeated")
	flags.StringVar(&given.viewer, "viewer-token", mockserver.DefaultViewerToken, "bearer `TOKEN` of a member without the engineer role")
	flags.StringVar(&given.other, "other-token", mockserver.DefaultOtherToken, "bearer `TOKEN` of an engineer of another organization")
	flags.StringVar(&given.admin, "admin-token", "", "bearer `TOKEN` of /__admin/; needed on an address that other machines can reach")
	flags.StringVar(&given.spec, "spec", "", "`FILE` with the OpenAPI document to serve; default the embedded one")
	flags.StringVar(&given.fixtures, "fixtures", "", "`FILE` with what there is at the start")
	flags.Int64Var(&given.seed, "seed", 0, "makes ids the same in every run; 0 makes them random")
	given.log = addChoice(command, "log", "form of the log", "text", "json")
	given.manners.add(flags)
	return command
}

// manyFixtures is the size in bytes from which fixtures are worth giving back what reading them took.
const manyFixtures = 1 << 20

func (g *serveFlags) serve(ctx context.Context, command *cobra.Command) error {
	options, err := g.options(command.ErrOrStderr())
	if err != nil {
		return err
	}
	if g.admin == "" && options.Exposed {
		return usage("%s can be reached from other machines; give --admin-token, so that not everybody may use /__admin/, or listen on 127.0.0.1", g.address)
	}
	mock, err := mockserver.New(options)
	if err != nil {
		return startFault(err, g.fixtures)
	}
	if len(options.Fixtures) > manyFixtures {
		debug.FreeOSMemory() // reading them takes many times what they leave
	}
	listener, err := g.manners.listen(ctx, g, mock, options.Spec, options.Logger)
	if err != nil {
		return err
	}
	if !listener.holds(options.Exposed) {
		listener.abandon()
		return usage("--addr: %s led to loopback and does no more; give an address such as 127.0.0.1:4118", g.address)
	}
	defer g.manners.withdraw() // after listening: one that failed to must leave the file of another alone
	if err := g.manners.announce(listener.base(options.Spec)); err != nil {
		listener.abandon()
		return err
	}
	if _, err := fmt.Fprintln(command.OutOrStdout(), "listening on "+listener.base(options.Spec)); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", err)
	}
	g.tellMissing(options)
	options.Logger.Info("serving", slog.String("inspector", listener.root()+"/__admin/ui/"), slog.String("document", listener.root()+"/__admin/docs/"))
	select {
	case err := <-listener.ended:
		return &exitError{contract.ExitViolates, "the mock ended: " + err.Error()}
	case <-ctx.Done():
	}
	g.manners.withdraw() // nobody should come any more
	options.Logger.Info("stopping: running requests may end, within two seconds")
	if err := listener.stop(); err != nil {
		return &exitError{contract.ExitViolates, "the mock did not end in order: " + err.Error()}
	}
	return nil
}

func (g *serveFlags) options(stderr io.Writer) (mockserver.Options, error) {
	var none mockserver.Options
	exposed := isExposed(g.address)
	if exposed {
		g.dropDefaults()
	}
	if slices.Contains(g.tokens, "") || g.isEmpty("viewer-token", g.viewer, exposed) || g.isEmpty("other-token", g.other, exposed) {
		return none, usage("a token is empty; --token, --viewer-token and --other-token each need one")
	}
	if err := checkTokens(g.tokens, g.viewer, g.other); err != nil {
		return none, err
	}
	if err := g.manners.check(g.address); err != nil {
		return none, err
	}
	spec, err := loadSpec(g.spec)
	if err != nil {
		return none, err
	}
	options := mockserver.Options{
		Spec: spec, Tokens: g.tokens, ViewerToken: g.viewer, OtherToken: g.other,
		AdminToken: g.admin, Mutants: brokenServers(),
		Exposed: exposed, AllowHosts: g.manners.hosts, AllowOutbound: g.manners.outbound, Seed: g.seed, Logger: newLogger(stderr, g.log.value),
	}
	options.Verify = g.verify
	if g.fixtures != "" {
		options.Fixtures, err = readFile("fixtures", g.fixtures)
	}
	return options, err
}

// isEmpty tells whether a token is empty that must not be: where others reach the mock, one that nobody gave may be.
func (g *serveFlags) isEmpty(flag, token string, exposed bool) bool {
	return token == "" && (!exposed || g.isSet(flag))
}

// dropDefaults leaves only the tokens that somebody gave.
func (g *serveFlags) dropDefaults() {
	if !g.isSet("token") {
		g.tokens = nil
	}
	if !g.isSet("viewer-token") {
		g.viewer = ""
	}
	if !g.isSet("other-token") {
		g.other = ""
	}
}

// tellMissing says which principals do not exist because nobody gave them a token that is no default.
func (g *serveFlags) tellMissing(options mockserver.Options) {
	if !options.Exposed {
		return
	}
	for _, one := range []struct {
		missing         bool
		principal, give string
	}{
		{len(options.Tokens) == 0, "engineer", "--token"}, {options.ViewerToken == "", "viewer", "--viewer-token"}, {options.OtherToken == "", "other", "--other-token"},
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
