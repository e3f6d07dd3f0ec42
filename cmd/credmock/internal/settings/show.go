package settings

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/foreign"
)

// NewCommand returns the command that shows settings. It takes over the flags of commands of the same names.
func NewCommand(commands ...*cobra.Command) *cobra.Command {
	config := &cobra.Command{
		Use:   "config",
		Short: "Show which settings are in force, and from where",
		Long: `config shows the settings of verify, serve and run, and the source of each: a flag, a variable of the environment, a line
of a file, or the default. It masks tokens, headers and other values that may be secret.

The file is credmock.yaml in the working folder, or the one of --config. It has a group for each command, with the flags of
the command in it. A flag that may be repeated takes a list. A relative file name starts at the folder of the file. A flag
beats a variable, and a variable beats the file.`,
		Example: `  credmock config
  credmock config verify --url https://staging.example.com/platform
  credmock config --config staging.yaml`,
		Args: cli.NoArguments,
	}
	AddFlag(config)
	for _, command := range commands {
		command.Short, command.Long, command.Example = "Show the settings of "+command.Name(), "", ""
		command.Use = command.Name() + " [flags]"
		command.Args = cli.NoArguments
		command.RunE = func(command *cobra.Command, _ []string) error { return show(command.OutOrStdout(), command) }
		config.AddCommand(command)
	}
	config.RunE = func(command *cobra.Command, _ []string) error {
		for i, one := range commands {
			named := command.Flags().Lookup(flagName)
			if named.Changed {
				if err := one.Flags().Set(flagName, named.Value.String()); err != nil {
					return err
				}
			}
			if err := command.Root().PersistentPreRunE(one, nil); err != nil {
				return err
			}
			if i > 0 {
				fmt.Fprintln(command.OutOrStdout())
			}
			if err := show(command.OutOrStdout(), one); err != nil {
				return err
			}
		}
		return nil
	}
	return config
}

// show prints the settings of a command: the given ones first.
func show(out io.Writer, command *cobra.Command) error {
	var flags []*pflag.Flag
	command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if mayHave(flag) {
			flags = append(flags, flag)
		}
	})
	slices.SortStableFunc(flags, func(a, b *pflag.Flag) int { return rank(a) - rank(b) })
	fmt.Fprintln(out, command.Name()+":")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, flag := range flags {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", flag.Name, shown(flag), from(flag))
	}
	return table.Flush()
}

func rank(flag *pflag.Flag) int {
	if flag.Changed {
		return 0
	}
	return 1
}

// from says where the value of a flag comes from.
func from(flag *pflag.Flag) string {
	origin, place := cli.OriginOf(flag)
	switch origin {
	case cli.FromFile:
		return "file " + foreign.Text(place).String()
	case cli.FromEnvironment:
		return "environment " + place
	case cli.FromFlag:
		return "flag " + place
	case cli.FromDefault:
	}
	return "default"
}

const masked = "[masked]"

// shown returns the value of a flag without a secret.
func shown(flag *pflag.Flag) string {
	values := []string{flag.Value.String()}
	list, repeated := flag.Value.(pflag.SliceValue)
	if repeated {
		values = list.GetSlice()
	}
	for i, value := range values {
		values[i] = shownValue(flag, value)
	}
	text := strings.Join(values, ", ")
	if text == "" {
		return "-"
	}
	return foreign.Text(text).String()
}

// shownValue masks a value. A header shows its name, and a command its first word.
func shownValue(flag *pflag.Flag, value string) string {
	kind, _ := pflag.UnquoteUsage(flag)
	switch {
	case value == "":
		return ""
	case !cli.IsSecret(flag) && kind == "URL":
		return withoutPassword(value)
	case !cli.IsSecret(flag):
		return value
	case !flag.Changed:
		return value // a default that everybody knows
	case kind == "NAME=VALUE":
		if name, _, found := strings.Cut(value, "="); found {
			return name + "=" + masked
		}
	case kind == "COMMAND":
		if first, _, more := strings.Cut(value, " "); more && !strings.Contains(first, "=") {
			return first + " " + masked
		}
	}
	return masked
}

// withoutPassword masks whatever of a URL is not an address.
func withoutPassword(text string) string {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return masked
	case address.User != nil:
		address.User = url.User(masked)
	}
	if address.RawQuery != "" {
		address.RawQuery = masked
	}
	shown, _ := url.PathUnescape(address.String())
	return shown
}
