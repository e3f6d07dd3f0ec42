package mockserver

import (
	"crypto/sha256"
	"strings"
	"time"
)

// principal is who a bearer token stands for.
type principal struct {
	known        bool      // false for nobody
	name         string    // as a scenario file calls those of the options; empty for others
	organization float64   // its number
	engineer     bool      // may write
	published    bool      // everybody knows the token or the key
	expires      time.Time // zero for never
}

// lastingTokens are the bearer tokens of the options and the fixtures, by digest: looking one up takes no time that depends on
// how much of a guess is right.
type lastingTokens map[[sha256.Size]byte]principal

// add makes a token known; it returns false where it is already.
func (t lastingTokens) add(token string, who principal) bool {
	digest := sha256.Sum256([]byte(token))
	if _, there := t[digest]; there {
		return false
	}
	t[digest] = who
	return true
}

// find returns the principal of a token; false for none.
func (t lastingTokens) find(token string) (principal, bool) {
	who, there := t[sha256.Sum256([]byte(token))]
	return who, there
}

// admitPrincipals makes the principals of the options and of the fixtures known.
func (m *model) admitPrincipals(listed *fixtures) {
	m.lasting, m.clients = lastingTokens{}, map[string]*tokenClient{}
	engineer, viewer, other := holders(listed)
	isDefault := m.config.published
	engineer.published, viewer.published, other.published = isDefault.tokens, isDefault.viewer, isDefault.other
	for _, token := range m.config.tokens {
		m.admitToken(listed.faults, fixturePlace{}, "an engineer's token", token, engineer)
	}
	if m.config.viewerToken != "" { // as it is where the default would be known to everybody
		m.admitToken(listed.faults, fixturePlace{}, "the viewer's token", m.config.viewerToken, viewer)
	}
	if m.config.otherToken != "" {
		m.admitToken(listed.faults, fixturePlace{}, "the token of the other organization", m.config.otherToken, other)
	}
	for _, one := range listed.principals {
		who := principalOf(&one)
		for _, token := range one.tokens {
			m.admitToken(listed.faults, token.place, "a token", token.text, who)
		}
		if one.keys != nil && (!isDefault.keys || !m.config.exposed) {
			who.published = isDefault.keys
			m.clients[one.name] = &tokenClient{principal: who, keys: one.keys}
		}
	}
}

func (m *model) admitToken(faults *fixtureFaults, at fixturePlace, what, token string, who principal) {
	if token == "" || strings.ContainsAny(token, " \t\r\n,") {
		faults.add(at, what+" cannot be empty and has no blanks or commas")
		return
	}
	m.known.learn(token)
	if !m.lasting.add(token, who) {
		faults.add(at, what+" is given twice; each principal needs its own")
	}
}

// principalOf returns who the fixtures describe.
func principalOf(f *fixturePrincipal) principal {
	return principal{known: true, name: f.name, organization: f.number, engineer: f.engineer}
}

// holders returns the principals whose tokens the options hold: the engineer, the viewer and the engineer of another organization.
func holders(f *fixtures) (engineer, viewer, other principal) {
	var first, second float64
	if len(f.organizations) > 0 {
		first = f.organizations[0].number
	}
	if len(f.organizations) > 1 {
		second = f.organizations[1].number
	}
	resolve := func(name string, organization float64, engineer bool) principal {
		for _, one := range f.principals {
			if one.name == name {
				return principalOf(&one)
			}
		}
		return principal{known: true, name: name, organization: organization, engineer: engineer}
	}
	return resolve(principalEngineer, first, true), resolve(principalViewer, first, false), resolve(principalOther, second, true)
}
