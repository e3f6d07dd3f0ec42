package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }

// Type is what --help shows in the place of the value.
func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

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

// completeWith makes the shell complete a flag with words.
func completeWith(command *cobra.Command, name string, words []string) {
	if err := command.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("command: " + err.Error()) // the flag is not there: a slip in this package
	}
}
