package command

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

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
}

func newServe() *cobra.Command {
	given := &serveFlags{}
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the mock",
		Long: `serve runs the mock until it is interrupted. The first line on standard output says where it listens; the log goes
to standard error. State lives in memory and ends with the process.

Organization 118 has the environments Development, Staging and Production with one destination each, and no
credential; --fixtures gives it other beginnings.`,
		Example: `  credmock serve
  credmock serve --addr 127.0.0.1:0 --token my-token
  CREDMOCK_TOKEN=one,two credmock serve`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
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
	if g.admin == "" && isExposed(g.address) {
		return usage("%s can be reached from other machines; give --admin-token, so that not everybody may use /__admin/, or listen on 127.0.0.1", g.address)
	}
	mock, err := mockserver.New(options)
	if err != nil {
		return startFault(err, g.fixtures)
	}
	if len(options.Fixtures) > manyFixtures {
		debug.FreeOSMemory() // reading them takes many times what they leave
	}
	handler := newCurrent(mock)
	listener, err := g.manners.listen(ctx, g, handler, options.Logger)
	if err != nil {
		return err
	}
	defer g.manners.withdraw() // after listening: one that failed to must leave the file of another alone
	if err := g.manners.announce(listener.base(options.Spec)); err != nil {
		listener.abandon()
		return err
	}
	if _, err := fmt.Fprintln(command.OutOrStdout(), "listening on "+listener.base(options.Spec)); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", err)
	}
	options.Logger.Info("serving", slog.String("inspector", listener.root()+"/__admin/ui/"), slog.String("document", listener.root()+"/__admin/docs/"))
	select {
	case err := <-listener.ended:
		return &exitError{contract.ExitViolates, "the mock ended: " + err.Error()}
	case <-ctx.Done():
	}
	g.manners.withdraw() // nobody should come any more
	options.Logger.Info("stopping: running requests may end")
	if err := listener.stop(); err != nil {
		return &exitError{contract.ExitViolates, "the mock did not end in order: " + err.Error()}
	}
	return nil
}

func (g *serveFlags) options(stderr io.Writer) (mockserver.Options, error) {
	var none mockserver.Options
	for _, token := range append([]string{g.viewer, g.other}, g.tokens...) {
		if token == "" {
			return none, usage("a token is empty; --token, --viewer-token and --other-token each need one")
		}
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
		AllowOutbound: g.manners.outbound, Seed: g.seed, Logger: newLogger(stderr, g.log.value),
	}
	options.Verify = g.verify
	if g.fixtures != "" {
		options.Fixtures, err = readFile("fixtures", g.fixtures)
	}
	return options, err
}

func newLogger(stderr io.Writer, form string) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(stderr, nil))
	}
	return slog.New(slog.NewTextHandler(stderr, nil))
}
