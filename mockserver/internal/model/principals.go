package model

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/fixtures"
)

// Principal is the owner of a bearer token or a key.
type Principal struct {
	Known        bool      // false in the zero value
	Name         string    // name in scenario files; empty if it has none
	Organization float64   // number of the organization
	Engineer     bool      // an engineer may write
	Published    bool      // the token or the key is a published default
	Expires      time.Time // zero if it never expires
}

// staticTokens are the bearer tokens of the options and the fixtures, by digest. Looking up a digest takes a time
// that does not depend on how much of a guess is right.
type staticTokens map[[sha256.Size]byte]Principal

// add adds a token. It returns false if the token exists.
func (t staticTokens) add(token string, principal Principal) bool {
	digest := sha256.Sum256([]byte(token))
	if _, ok := t[digest]; ok {
		return false
	}
	t[digest] = principal
	return true
}

// Find returns the principal of a token, or false if the token is unknown.
func (t staticTokens) Find(token string) (Principal, bool) {
	principal, ok := t[sha256.Sum256([]byte(token))]
	return principal, ok
}

// PrincipalNames returns the names of the principals that have one, sorted.
func (m *Model) PrincipalNames() []string {
	names := map[string]bool{}
	for _, one := range m.StaticTokens {
		names[one.Name] = true
	}
	for _, one := range m.Clients {
		names[one.Principal.Name] = true
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

// addPrincipals adds the principals of the options and of the fixtures.
func (m *Model) addPrincipals(listed *fixtures.Fixtures) {
	m.StaticTokens, m.Clients = staticTokens{}, map[string]*Client{}
	engineer, viewer, other := optionPrincipals(listed)
	isDefault := m.Config.Published
	engineer.Published, viewer.Published, other.Published = isDefault.Tokens, isDefault.Viewer, isDefault.Other
	for _, token := range m.Config.Tokens {
		m.addToken(listed.Mistakes, fixtures.Place{}, "an engineer's token", token, engineer)
	}
	if m.Config.ViewerToken != "" { // the default is empty if it would be published beyond this machine
		m.addToken(listed.Mistakes, fixtures.Place{}, "the viewer's token", m.Config.ViewerToken, viewer)
	}
	if m.Config.OtherToken != "" {
		m.addToken(listed.Mistakes, fixtures.Place{}, "the token of the other organization", m.Config.OtherToken, other)
	}
	for _, one := range listed.Principals {
		principal := principalOf(&one)
		for _, token := range one.Tokens {
			m.addToken(listed.Mistakes, token.Place, "a token", token.Text, principal)
		}
		if one.Keys != nil && (!isDefault.Keys || !m.Config.Exposed) {
			principal.Published = isDefault.Keys
			m.Clients[one.Name] = &Client{Principal: principal, Keys: one.Keys}
		}
	}
}

func (m *Model) addToken(mistakes *fixtures.Mistakes, at fixtures.Place, name, token string, principal Principal) {
	if token == "" || strings.ContainsAny(token, " \t\r\n,") {
		mistakes.Add(at, name+" cannot be empty and has no blanks or commas")
		return
	}
	m.Secrets.Add(token)
	if !m.StaticTokens.add(token, principal) {
		mistakes.Add(at, name+" is given twice; each principal needs its own")
	}
}

// principalOf returns a principal of the fixtures.
func principalOf(f *fixtures.Principal) Principal {
	return Principal{Known: true, Name: f.Name, Organization: f.Number, Engineer: f.Engineer}
}

// optionPrincipals returns the principals of the tokens in the options: the engineer, the viewer and the engineer of
// another organization. The fixtures may redefine them.
func optionPrincipals(f *fixtures.Fixtures) (engineer, viewer, other Principal) {
	var first, second float64
	if len(f.Organizations) > 0 {
		first = f.Organizations[0].Number
	}
	if len(f.Organizations) > 1 {
		second = f.Organizations[1].Number
	}
	resolve := func(name string, organization float64, engineer bool) Principal {
		for _, one := range f.Principals {
			if one.Name == name {
				return principalOf(&one)
			}
		}
		return Principal{Known: true, Name: name, Organization: organization, Engineer: engineer}
	}
	return resolve(fixtures.PrincipalEngineer, first, true), resolve(fixtures.PrincipalViewer, first, false),
		resolve(fixtures.PrincipalOther, second, true)
}
