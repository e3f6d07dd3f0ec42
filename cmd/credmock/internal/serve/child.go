package serve

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/mockserver"
)

// childLimit is how long the command may run on after it was told to end.
const childLimit = 2 * time.Second

// takeCommand reads the command after --. Nothing may stand before it.
func (g *Flags) takeCommand(command *cobra.Command, arguments []string) error {
	switch dash := command.ArgsLenAtDash(); {
	case dash < 0 && len(arguments) == 0:
		return nil
	case dash != 0:
		return cli.Usage("credmock serve takes flags alone; a command to run against the mock follows --, as in: credmock serve -- npm test")
	case len(arguments) == 0:
		return cli.Usage("a command must follow --, as in: credmock serve -- npm test")
	}
	if _, err := exec.LookPath(arguments[0]); errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return cli.Usage("the command after -- cannot be run: there is no program %s", arguments[0])
	} else if err != nil {
		return cli.Usage("the command after -- cannot be run: %s is there and may not be run", arguments[0])
	}
	g.child = arguments
	if !command.Flags().Changed("addr") {
		g.Address = "127.0.0.1:0" // a mock that runs already does not matter
	}
	if g.hosting.tls && g.hosting.authority == "" {
		return cli.Usage("--tls needs --tls-ca here, so that the command can trust the mock")
	}
	return nil
}

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// runChild runs the command against the mock at a base URL. It returns the error that ends the program with the exit code of
// the command.
func (g *Flags) runChild(ctx context.Context, base string, options mockserver.Options, to streams) error {
	child := exec.CommandContext(ctx, g.child[0], g.child[1:]...) //nolint:gosec // running it is what was asked for
	child.Env = append(os.Environ(), g.childEnvironment(base, options)...)
	child.Stdin, child.Stdout, child.Stderr = to.in, to.out, to.err
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = childLimit
	if err := child.Start(); err != nil {
		return cli.Usage("the command after -- cannot be run: %s", cli.Unreadable(g.child[0], err))
	}
	_ = child.Wait() // the state says how it ended
	if status, known := child.ProcessState.Sys().(syscall.WaitStatus); known && status.Signaled() {
		return cli.ExitWith(128 + int(status.Signal())) // as a shell says it
	}
	return cli.ExitWith(child.ProcessState.ExitCode())
}

// childEnvironment returns the variables that lead a command to the mock. Other commands of this program read them too.
func (g *Flags) childEnvironment(base string, options mockserver.Options) []string {
	set := []string{"CREDMOCK_URL=" + base}
	if len(options.Tokens) > 0 {
		set = append(set, "CREDMOCK_TOKEN="+options.Tokens[0])
	}
	for name, value := range map[string]string{"VIEWER_TOKEN": g.Viewer, "OTHER_TOKEN": g.Other, "CA": g.hosting.authority} {
		if value != "" {
			set = append(set, "CREDMOCK_"+name+"="+value)
		}
	}
	return set
}
