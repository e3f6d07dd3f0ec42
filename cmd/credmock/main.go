// Command credmock serves a mock of the auth-credential API and judges implementations of it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/credmock/credmock/cmd/credmock/internal/collector" // first, see there
	"github.com/credmock/credmock/cmd/credmock/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the program as usual.
	context.AfterFunc(ctx, stop)
	os.Exit(command.Main(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}
