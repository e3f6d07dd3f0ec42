package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/mockserver"
)

// Principals are the three callers that a target knows.
type Principals struct{ Token, Viewer, Other string }

// AddPrincipals adds the flags for a command that calls a target.
func AddPrincipals(command *cobra.Command) *Principals {
	p := &Principals{}
	flags := command.Flags()
	flags.StringVar(&p.Token, "token", "", "bearer `TOKEN` of an engineer of the organization; default "+mockserver.DefaultToken)
	flags.StringVar(&p.Viewer, "viewer-token", "", "bearer `TOKEN` of a member without the engineer role; with --url there is no default")
	flags.StringVar(&p.Other, "other-token", "", "bearer `TOKEN` of an engineer of another organization; with --url there is no default")
	return p
}

// Complete fills in the defaults. A target that is not ours has no viewer and no other organization unless told.
func (p *Principals) Complete(command *cobra.Command, remote bool) error {
	for _, name := range []string{"token", "viewer-token", "other-token"} {
		if flag := command.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return Usage("--%s is empty; leave it out instead", name)
		}
	}
	if p.Token == "" {
		p.Token = mockserver.DefaultToken
	}
	if !remote && p.Viewer == "" {
		p.Viewer = mockserver.DefaultViewerToken
	}
	if !remote && p.Other == "" {
		p.Other = mockserver.DefaultOtherToken
	}
	return CheckTokens([]string{p.Token}, p.Viewer, p.Other)
}

// CheckTokens checks that no two principals have one token, for they could not be told apart. Its message names flags
// and never a token.
func CheckTokens(tokens []string, viewer, other string) error {
	flagOf := map[string]string{}
	for _, given := range []struct {
		flag   string
		tokens []string
	}{{"--token", tokens}, {"--viewer-token", []string{viewer}}, {"--other-token", []string{other}}} {
		for _, token := range slices.Compact(slices.Clone(given.tokens)) {
			if strings.ContainsAny(token, " \t\r\n,") {
				return Usage("%s has a blank or a comma in it, which no bearer token can have", given.flag)
			}
			if first, taken := flagOf[token]; taken && token != "" && first != given.flag {
				return Usage("%s and %s are the same token; each principal needs its own", first, given.flag)
			} else if taken && token != "" {
				return Usage("%s is given twice with the same token", given.flag)
			}
			flagOf[token] = given.flag
		}
	}
	return nil
}
