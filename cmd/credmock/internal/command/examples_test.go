package command

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/contract/mutants"
)

// shellWord ends a command within a line of a shell.
var shellWord = regexp.MustCompile(`\$\(|\)|&&|\|\|?|>|#`)

// What --help shows as an example has commands and flags that there are, with values that they take.
func TestExamplesOfHelp(t *testing.T) {
	lines := 0
	var visit func(*cobra.Command)
	visit = func(command *cobra.Command) {
		for line := range strings.Lines(command.Example) {
			for _, part := range shellWord.Split(line, -1) {
				_, arguments, found := strings.Cut(" "+strings.TrimSpace(part), " credmock ")
				if found {
					lines++
					parses(t, strings.Fields(strings.NewReplacer("'", "", `"`, "").Replace(arguments)))
				}
			}
		}
		for _, child := range command.Commands() {
			visit(child)
		}
	}
	visit(newRoot())
	if lines < 15 {
		t.Errorf("only %d examples", lines)
	}
}

// parses finds the command of an example, and gives it its flags.
func parses(t *testing.T, arguments []string) {
	t.Helper()
	command, rest, err := newRoot().Find(arguments)
	if err == nil {
		err = command.ParseFlags(rest)
	}
	if err != nil {
		t.Errorf("credmock %s: %v", strings.Join(arguments, " "), err)
		return
	}
	if served := command.Flags().Lookup("serve"); served != nil && served.Changed {
		if _, known := mutants.Find(served.Value.String()); !known {
			t.Errorf("credmock %s: there is no such mutant", strings.Join(arguments, " "))
		}
	}
}
