package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/settings"
)

const environmentPrefix = "CREDMOCK_"

// environmentName returns the name of a flag's twin.
func environmentName(flag string) string {
	return environmentPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// bindEnvironment gives every flag of every command its twin in the environment, and names it in the help.
func bindEnvironment(root *cobra.Command, environment func(string) (string, bool)) {
	for _, command := range withDescendants(root) {
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if hasTwin(flag) {
				flag.Usage += " (env " + environmentName(flag.Name) + ")"
			}
		})
	}
	files := &settings.Loader{}
	root.PersistentPreRunE = func(command *cobra.Command, _ []string) error {
		if err := readEnvironment(command, environment); err != nil {
			return err
		}
		found, err := files.Apply(command)
		if found != "" && err == nil {
			fmt.Fprintf(command.ErrOrStderr(), "the settings of %s are in force\n", found)
		}
		return err
	}
}

func withDescendants(command *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{command}
	for _, child := range command.Commands() {
		all = append(all, withDescendants(child)...)
	}
	return all
}

// hasTwin leaves out the flags that ask about the program itself.
func hasTwin(flag *pflag.Flag) bool { return flag.Name != "help" && flag.Name != "version" }

// readEnvironment sets the flags that are not on the command line. An empty variable counts as not set,
// but for the URL: a target that has lost its name is not the mock.
func readEnvironment(command *cobra.Command, environment func(string) (string, bool)) error {
	var fault error
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		value, set := environment(environmentName(flag.Name))
		if fault == nil && !flag.Changed && set && value == "" && flag.Name == "url" {
			fault = cli.Usage("%s is set and empty; unset it to use a fresh mock", environmentName(flag.Name))
		}
		if fault != nil || flag.Changed || value == "" || !hasTwin(flag) {
			return
		}
		if list, isList := flag.Value.(pflag.SliceValue); isList {
			fault = list.Replace(splitList(value))
		} else if flag.Value.Set(value) != nil {
			fault = cli.Usage("%s must be %s", environmentName(flag.Name), cli.Wanted(flag))
		}
		cli.SetOrigin(flag, cli.FromEnvironment, environmentName(flag.Name))
	})
	return fault
}

// splitList splits on commas, and leaves out blanks around the parts.
func splitList(text string) []string {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
