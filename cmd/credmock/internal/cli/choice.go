package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Choice is a flag that takes one of a few words.
type Choice struct {
	Value   string
	Allowed []string
}

func (c *Choice) String() string { return c.Value }

// Type is what --help shows in the place of the value.
func (c *Choice) Type() string { return strings.Join(c.Allowed, "|") }

// Set takes one of the allowed words.
func (c *Choice) Set(value string) error {
	if !slices.Contains(c.Allowed, value) {
		return fmt.Errorf("one of %s", strings.Join(c.Allowed, ", "))
	}
	c.Value = value
	return nil
}

// AddChoice adds a flag that takes one of the words; the first is its default.
func AddChoice(command *cobra.Command, name, usage string, words ...string) *Choice {
	flag := &Choice{Value: words[0], Allowed: words}
	command.Flags().Var(flag, name, usage)
	CompleteWith(command, name, words)
	return flag
}

// CompleteWith makes the shell complete a flag with words.
func CompleteWith(command *cobra.Command, name string, words []string) {
	if err := command.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("command: " + err.Error()) // the flag is not there: a slip in this package
	}
}
