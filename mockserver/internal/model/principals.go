package model

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/fixtures"
)

// Principal is who a bearer token stands for.
type Principal struct {
	Known        bool      // false for nobody
	Name         string    // as a scenario file calls those of the options; empty for others
	Organization float64   // its number
	Engineer     bool      // may write
	Published    bool      // everybody knows the token or the key
	Expires      time.Time // zero for never
}

// lastingTokens are the bearer tokens of the options and the fixtures, by digest: looking one up takes no time that depends on
// how much of a guess is right.
type lastingTokens map[[sha256.Size]byte]Principal

// Add makes a token known; it returns false where it is already.
func (t lastingTokens) Add(token string, who Principal) bool {
	digest := sha256.Sum256([]byte(token))
	if _, there := t[digest]; there {
		return false
	}
	t[digest] = who
	return true
}

// Find returns the principal of a token; false for none.
func (t lastingTokens) Find(token string) (Principal, bool) {
	who, there := t[sha256.Sum256([]byte(token))]
	return who, there
}

// admitPrincipals makes the principals of the options and of the fixtures known.
func (m *Model) admitPrincipals(listed *fixtures.Fixtures) {
	m.Lasting, m.Clients = lastingTokens{}, map[string]*Client{}
	engineer, viewer, other := holders(listed)
	isDefault := m.Config.Published
	engineer.Published, viewer.Published, other.Published = isDefault.Tokens, isDefault.Viewer, isDefault.Other
	for _, token := range m.Config.Tokens {
		m.admitToken(listed.Mistakes, fixtures.Place{}, "an engineer's token", token, engineer)
	}
	if m.Config.ViewerToken != "" { // as it is where the default would be known to everybody
		m.admitToken(listed.Mistakes, fixtures.Place{}, "the viewer's token", m.Config.ViewerToken, viewer)
	}
	if m.Config.OtherToken != "" {
		m.admitToken(listed.Mistakes, fixtures.Place{}, "the token of the other organization", m.Config.OtherToken, other)
	}
	for _, one := range listed.Principals {
		who := principalOf(&one)
		for _, token := range one.Tokens {
			m.admitToken(listed.Mistakes, token.Place, "a token", token.Text, who)
		}
		if one.Keys != nil && (!isDefault.Keys || !m.Config.Exposed) {
			who.Published = isDefault.Keys
			m.Clients[one.Name] = &Client{Principal: who, Keys: one.Keys}
		}
	}
}

func (m *Model) admitToken(faults *fixtures.Mistakes, at fixtures.Place, what, token string, who Principal) {
	if token == "" || strings.ContainsAny(token, " \t\r\n,") {
		faults.Add(at, what+" cannot be empty and has no blanks or commas")
		return
	}
	m.Known.Learn(token)
	if !m.Lasting.Add(token, who) {
		faults.Add(at, what+" is given twice; each principal needs its own")
	}
}

// principalOf returns who the fixtures describe.
func principalOf(f *fixtures.Principal) Principal {
	return Principal{Known: true, Name: f.Name, Organization: f.Number, Engineer: f.Engineer}
}

// holders returns the principals whose tokens the options hold: the engineer, the viewer and the engineer of another organization.
func holders(f *fixtures.Fixtures) (engineer, viewer, other Principal) {
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
