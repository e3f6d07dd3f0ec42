// Package principals has the flags for the tokens of the three callers of a target. A token comes from a flag, a file, a program
// or a token endpoint.
package principals

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/mockserver"
)

// Access is how a principal gets in. Token is empty where there is a source, or nobody.
type Access struct {
	Token  string
	Source bearer.Source
}

// Flags are the flags of a command that calls a target, and what comes of them.
type Flags struct {
	Engineer, Viewer, Other Access

	flags *pflag.FlagSet
}

// principal is one of the callers: how its flags begin, and who that is.
type principal struct{ prefix, who string }

var everybody = []principal{
	{"", "an engineer of the organization"},
	{"viewer-", "a member without the engineer role"},
	{"other-", "an engineer of another organization"},
}

// The endings of the flags of a principal.
const (
	endToken    = "token"
	endFile     = "token-file"
	endCommand  = "token-command"
	endClient   = "client-id"
	endKey      = "key"
	endKeyID    = "key-id"
	endEndpoint = "token-url"
)

// Add adds the flags.
func Add(command *cobra.Command) *Flags {
	p := &Flags{flags: command.Flags()}
	for _, one := range everybody {
		byDefault := "; with --url there is no default"
		if one.prefix == "" {
			byDefault = "; default " + mockserver.DefaultToken
		}
		p.add(one, endToken, "bearer `TOKEN` of "+one.who+byDefault)
		p.add(one, endFile, "`FILE` with the bearer token of "+one.who+"; it is read again when it changes")
		p.add(one, endCommand, "`COMMAND` that prints the bearer token of "+one.who+", or JSON with access_token and expires_in")
		p.add(one, endClient, "`ID` of the client that gets a token of "+one.who+" from a token endpoint")
		p.add(one, endKey, "`FILE` with the private key of --"+one.prefix+endClient+": a JWK, a JWK set or PEM")
		p.add(one, endKeyID, "`ID` of the key of --"+one.prefix+endKey+", if the file names none or holds several keys")
		endpoint := "`URL` of the token endpoint; default the path in the document, on the host of --url"
		if one.prefix != "" {
			endpoint = "`URL` of the token endpoint of --" + one.prefix + endClient + "; default that of --" + endEndpoint
		}
		p.add(one, endEndpoint, endpoint)
		cli.MarkSecret(p.flags, one.prefix+endToken, one.prefix+endCommand)
	}
	return p
}

func (p *Flags) add(one principal, ending, usage string) {
	p.flags.String(one.prefix+ending, "", usage)
}

// value returns the value of a flag of a principal.
func (p *Flags) value(one principal, ending string) string {
	return p.flags.Lookup(one.prefix + ending).Value.String()
}

// Way is how the token endpoint is reached: like the target.
type Way struct {
	Base      *url.URL // of the target; nil for a mock of this process
	Transport http.RoundTripper
	// Header is sent to the host of the target alone.
	Header     http.Header
	Unanswered func(host *url.URL, err error, reason string) string
}

// Complete decides where each token comes from. A target that is not ours has no viewer and no other organization unless told.
func (p *Flags) Complete(way Way) error {
	var fault error
	p.flags.VisitAll(func(flag *pflag.Flag) {
		if p.owns(flag.Name) && flag.Changed && flag.Value.String() == "" && fault == nil {
			fault = cli.Usage("--%s is empty; leave it out instead", flag.Name)
		}
	})
	if fault != nil {
		return fault
	}
	for i, into := range []*Access{&p.Engineer, &p.Viewer, &p.Other} {
		var err error
		if *into, err = p.access(everybody[i], way); err != nil {
			return err
		}
	}
	p.fillDefaults(way.Base != nil)
	return cli.CheckTokens([]string{p.Engineer.Token}, p.Viewer.Token, p.Other.Token)
}

// fillDefaults gives the default tokens to principals without access.
func (p *Flags) fillDefaults(remote bool) {
	for _, one := range []struct {
		access *Access
		token  string
		always bool
	}{{&p.Engineer, mockserver.DefaultToken, true}, {&p.Viewer, mockserver.DefaultViewerToken, false},
		{&p.Other, mockserver.DefaultOtherToken, false}} {
		if one.access.Token == "" && one.access.Source == nil && (one.always || !remote) {
			one.access.Token = one.token
		}
	}
}

// owns tells whether a flag is one of a principal.
func (p *Flags) owns(name string) bool {
	for _, one := range everybody {
		ending, found := strings.CutPrefix(name, one.prefix)
		if found && slices.Contains([]string{endToken, endFile, endCommand, endClient, endKey, endKeyID, endEndpoint}, ending) {
			return true
		}
	}
	return false
}

// access returns the access of a principal.
func (p *Flags) access(one principal, way Way) (Access, error) {
	ending, err := p.chosen(one)
	switch {
	case err != nil || ending == "":
		return Access{}, err
	case ending == endToken:
		return Access{Token: p.value(one, endToken)}, nil
	case way.Base == nil:
		return Access{}, cli.Usage("%s needs --url: a fresh mock has tokens of its own", p.named(one, ending))
	case ending == endFile:
		return Access{Source: (&file{flag: one.prefix + endFile, name: p.value(one, endFile)}).Token}, nil
	case ending == endCommand:
		return Access{Source: p.commandOf(one).token}, nil
	}
	source, err := p.endpointOf(one, way)
	return Access{Source: source}, err
}

// chosen returns the ending of the flag that says where the token of a principal comes from; "" for none. A flag beats a variable,
// and a variable beats a file. Two of one rank are refused.
func (p *Flags) chosen(one principal) (string, error) {
	highest, choice := cli.FromDefault, ""
	for _, group := range [][]string{{endToken}, {endFile}, {endCommand}, {endClient, endKey, endKeyID}} {
		rank, first := cli.FromDefault, ""
		for _, ending := range group {
			if origin, _ := cli.OriginOf(p.flags.Lookup(one.prefix + ending)); origin > rank {
				rank, first = origin, ending
			}
		}
		switch {
		case rank > highest:
			highest, choice = rank, first
		case rank == highest && rank > cli.FromDefault:
			return "", cli.Usage("%s and %s both say where a token of %s comes from; give one of them", p.named(one, choice),
				p.named(one, first), one.who)
		}
	}
	if endpoint := p.flags.Lookup(one.prefix + endEndpoint); choice != endClient && choice != endKey && choice != endKeyID {
		if origin, name := cli.OriginOf(endpoint); origin == cli.FromFlag && one.prefix != "" {
			return "", cli.Usage("%s needs --%s and --%s", name, one.prefix+endClient, one.prefix+endKey)
		}
	}
	return choice, nil
}

// named returns a flag as its user gave it: a flag, a variable or a line of a file.
func (p *Flags) named(one principal, ending string) string {
	origin, place := cli.OriginOf(p.flags.Lookup(one.prefix + ending))
	if origin == cli.FromFile {
		return one.prefix + ending + " (" + place + ")"
	}
	return place
}

// secrets returns the texts that no message may show.
func (p *Flags) secrets() []string { return cli.SecretValues(p.flags) }
