package recipe

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// flags are the flags of recipe.
type flags struct{ json, page bool }

// New returns the command recipe.
func New() *cobra.Command {
	given := &flags{}
	command := &cobra.Command{
		Use:   "recipe [NAME]",
		Short: "Print the credential for a well-known authorization server",
		Long: `recipe prints the fields of a credential for an authorization server such as Keycloak, and the request that they describe.
Without a name it lists the servers that have a recipe, and the servers that the fields cannot describe.

Replace the words in capitals. The recipes come from public documentation. The makers of the servers do not endorse them.`,
		Example: `  credmock recipe
  credmock recipe keycloak
  credmock recipe auth0 --json | credmock explain-request --file -`,
		Args: func(_ *cobra.Command, names []string) error {
			if len(names) > 1 {
				return cli.Usage("name one server, as in: credmock recipe keycloak")
			}
			return nil
		},
		RunE: func(command *cobra.Command, names []string) error {
			text, err := given.text(names)
			if err != nil {
				return err
			}
			_, err = io.WriteString(command.OutOrStdout(), text)
			return err
		},
		ValidArgsFunction: complete,
	}
	command.Flags().BoolVar(&given.json, "json", false, "print only the fields, as the JSON body of a create")
	command.Flags().BoolVar(&given.page, "page", false, "print all recipes as a page in Markdown")
	return command
}

// text returns the output for the names of the command line, of which there is at most one.
func (f *flags) text(names []string) (string, error) {
	recipes, err := all()
	switch {
	case err != nil:
		return "", err
	case f.page && (f.json || len(names) > 0):
		return "", cli.Usage("--page prints all recipes; leave out --json and the name")
	case f.page:
		return page(recipes), nil
	case len(names) == 0 && f.json:
		return "", cli.Usage("--json needs the name of a server, as in: credmock recipe keycloak --json")
	case len(names) == 0:
		return list(recipes), nil
	}
	found := named(recipes, names[0])
	switch {
	case found == nil:
		return "", cli.Usage("there is no recipe %q%s", names[0], meant(recipes, names[0]))
	case f.json && found.Missing != "":
		return "", cli.Usage("the fields cannot serve %s; credmock recipe %s says what is missing", found.Server, found.Name)
	case f.json:
		return found.credential() + "\n", nil
	}
	return found.section(), nil
}

// complete completes a name in a shell.
func complete(_ *cobra.Command, names []string, _ string) ([]string, cobra.ShellCompDirective) {
	recipes, err := all()
	if err != nil || len(names) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	known := make([]string, len(recipes))
	for i, one := range recipes {
		known[i] = one.Name + "\t" + one.Server
	}
	return known, cobra.ShellCompDirectiveNoFileComp
}
