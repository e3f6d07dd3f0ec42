package command

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/spelling"
)

// explain makes one sentence of an error that no command of ours made.
func explain(root *cobra.Command, arguments []string, err error) string {
	if _, rest, notFound := root.Find(arguments); notFound != nil {
		return unknownCommand(root, rest)
	}
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
}

// unknownCommand names the first argument that is no flag, and the commands that it may have meant.
func unknownCommand(root *cobra.Command, arguments []string) string {
	name := ""
	for _, argument := range arguments {
		if !strings.HasPrefix(argument, "-") {
			name = argument
			break
		}
	}
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return fmt.Sprintf("there is no command %q; did you mean %s?", name, strings.Join(near, " or "))
	}
	return fmt.Sprintf("there is no command %q; credmock --help lists all", name)
}

// refuseArguments refuses a command that the commands which cobra adds do not have.
func refuseArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return cli.Usage("%s", unknownCommand(command.Root(), arguments))
}

// explainFlag makes one sentence of a flag that could not be read.
func explainFlag(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		return cli.Usage("%s", unknownFlag(command, unknown))
	case errors.As(err, &invalid):
		return cli.Usage("--%s must be %s", invalid.GetFlag().Name, cli.Wanted(invalid.GetFlag()))
	case errors.As(err, &bare):
		return cli.Usage("--%s needs a value: %s", bare.GetFlag().Name, cli.Wanted(bare.GetFlag()))
	}
	return cli.Usage("%s", err)
}

func unknownFlag(command *cobra.Command, unknown *pflag.NotExistError) string {
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		return fmt.Sprintf("%s has no flag -%s; flags are written in full, with two dashes", command.CommandPath(), unknown.GetSpecifiedName())
	}
	name := unknown.GetSpecifiedName()
	if meant := otherWords[name]; command.Flags().Lookup(meant) != nil {
		return fmt.Sprintf("%s has no flag --%s; --%s is what you look for", command.CommandPath(), name, meant)
	}
	if near := nearest(command.Flags(), name); near != "" {
		return fmt.Sprintf("%s has no flag --%s; did you mean --%s?", command.CommandPath(), name, near)
	}
	return fmt.Sprintf("%s has no flag --%s; %[1]s --help lists all", command.CommandPath(), name)
}

// otherWords are what other tools call a flag.
var otherWords = map[string]string{
	"port": "addr", "host": "addr", "listen": "addr", "bind": "addr", "address": "addr", "data": "fixtures",
	"base-url": "url", "output": "report", "filter": "run", "exclude": "skip", "https": "tls", "schema": "spec", "openapi": "spec",
}

// nearest returns the flag that a name may have meant, or "".
func nearest(flags *pflag.FlagSet, name string) string {
	var known []string
	begins := ""
	flags.VisitAll(func(flag *pflag.Flag) {
		known = append(known, flag.Name)
		if begins == "" && len(name) > 2 && strings.HasPrefix(flag.Name, name) {
			begins = flag.Name
		}
	})
	return cmp.Or(spelling.Nearest(name, known), begins)
}
