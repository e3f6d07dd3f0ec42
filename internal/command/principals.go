package command

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/mockserver"
)

// principals are the three callers that a target knows.
type principals struct{ token, viewer, other string }

// addPrincipals adds the flags for a command that calls a target.
func addPrincipals(command *cobra.Command) *principals {
	p := &principals{}
	flags := command.Flags()
	flags.StringVar(&p.token, "token", "", "bearer `TOKEN` of an engineer of the organization; default "+mockserver.DefaultToken)
	flags.StringVar(&p.viewer, "viewer-token", "", "bearer `TOKEN` of a member without the engineer role; with --url there is no default")
	flags.StringVar(&p.other, "other-token", "", "bearer `TOKEN` of an engineer of another organization; with --url there is no default")
	return p
}

// complete fills in the defaults. A target that is not ours has no viewer and no other organization unless told.
func (p *principals) complete(command *cobra.Command, remote bool) error {
	for _, name := range []string{"token", "viewer-token", "other-token"} {
		if flag := command.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usage("--%s is empty; leave it out instead", name)
		}
	}
	if p.token == "" {
		p.token = mockserver.DefaultToken
	}
	if !remote && p.viewer == "" {
		p.viewer = mockserver.DefaultViewerToken
	}
	if !remote && p.other == "" {
		p.other = mockserver.DefaultOtherToken
	}
	return checkTokens([]string{p.token}, p.viewer, p.other)
}

// checkTokens holds the principals to being three: two with one token could not be told apart. Its message names flags
// and never a token.
func checkTokens(tokens []string, viewer, other string) error {
	flagOf := map[string]string{}
	for _, given := range []struct {
		flag   string
		tokens []string
	}{{"--token", tokens}, {"--viewer-token", []string{viewer}}, {"--other-token", []string{other}}} {
		for _, token := range slices.Compact(slices.Clone(given.tokens)) {
			if strings.ContainsAny(token, " \t\r\n,") {
				return usage("%s has a blank or a comma in it, which no bearer token can have", given.flag)
			}
			if first, taken := flagOf[token]; taken && token != "" && first != given.flag {
				return usage("%s and %s are the same token; each principal needs its own", first, given.flag)
			} else if taken && token != "" {
				return usage("%s is given twice with the same token", given.flag)
			}
			flagOf[token] = given.flag
		}
	}
	return nil
}
