package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }

// Type is how wanted recognises a choice.
func (c *choice) Type() string { return "choice" }

// Set takes one of the allowed words.
func (c *choice) Set(value string) error {
	if !slices.Contains(c.allowed, value) {
		return fmt.Errorf("one of %s", strings.Join(c.allowed, ", "))
	}
	c.value = value
	return nil
}

// addChoice adds a flag that takes one of the words; the first is its default.
func addChoice(command *cobra.Command, name, usage string, words ...string) *choice {
	flag := &choice{value: words[0], allowed: words}
	command.Flags().Var(flag, name, usage)
	completeWith(command, name, words)
	return flag
}

func choices(flag *pflag.Flag) string {
	if choice, isChoice := flag.Value.(*choice); isChoice {
		return strings.Join(choice.allowed, ", ")
	}
	return ""
}

// completeWith makes the shell complete a flag with words.
func completeWith(command *cobra.Command, name string, words []string) {
	if err := command.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("command: " + err.Error()) // the flag is not there: a slip in this package
	}
}
