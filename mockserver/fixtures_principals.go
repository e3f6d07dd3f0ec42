package mockserver

import (
	"encoding/json"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// The principals whose tokens the options hold. Where one is left out, the engineer and the viewer are of the first
// organization, and the other is of the second.
const (
	principalEngineer = "engineer"
	principalViewer   = "viewer"
	principalOther    = "other"
)

// fixturePrincipal is somebody who may call, by a bearer token or by a key. The name is also the client id of assertions.
type fixturePrincipal struct {
	place    fixturePlace
	name     string
	number   float64
	engineer bool
	tokens   []fixtureToken
	keys     func() (jwk.Set, error) // nil for none
}

type fixtureToken struct {
	place fixturePlace
	text  string
}

func (f *fixtures) readPrincipal(listed fixtureMember) fixturePrincipal {
	made := fixturePrincipal{place: listed.place, name: listed.name}
	members := f.faults.mapping(listed.place, "organization", "role", "tokens", "keys", "developmentKeys")
	if members == nil {
		return made
	}
	if organization, there := members["organization"]; !there {
		f.faults.add(listed.place, "organization is required; send the id of one that is listed")
	} else if made.number = f.faults.number(organization); !f.lists(made.number) {
		f.faults.add(organization, "organization must be the id of one that is listed")
	}
	if role, there := members["role"]; !there {
		f.faults.add(listed.place, "role is required; it is engineer, who may write, or viewer")
	} else if name := f.faults.text(role); name == principalEngineer || name == principalViewer {
		made.engineer = name == principalEngineer
	} else {
		f.faults.add(role, "role must be engineer, who may write, or viewer")
	}
	if tokens, there := members["tokens"]; there {
		for _, one := range f.faults.sequence(tokens) {
			made.tokens = append(made.tokens, fixtureToken{one, f.faults.text(one)})
		}
	}
	made.keys = f.readKeys(members)
	return made
}

// readKeys returns the public keys of a principal. They are checked at once; those that come with this package are not read
// before they are needed.
func (f *fixtures) readKeys(members map[string]fixturePlace) func() (jwk.Set, error) {
	var chosen func() (jwk.Set, error)
	if at, there := members["developmentKeys"]; there && f.faults.truth(at) {
		chosen = publicDevelopmentKeys
	}
	at, there := members["keys"]
	if !there {
		return chosen
	}
	if chosen != nil {
		f.faults.add(at, "keys and developmentKeys exclude each other")
	}
	text, err := json.Marshal(f.faults.item(at).values)
	if err != nil {
		f.faults.add(at, "keys must be a JWK set")
		return nil
	}
	set, fault := parseKeys(text)
	if fault != "" {
		f.faults.add(at, fault)
		return nil
	}
	return func() (jwk.Set, error) { return set, nil }
}

// admitPrincipals makes the principals of the options and of the fixtures known.
func (m *model) admitPrincipals(listed *fixtures) {
	m.lasting, m.clients = lastingTokens{}, map[string]*tokenClient{}
	engineer, viewer, other := listed.holders()
	isDefault := m.options.published
	engineer.published, viewer.published, other.published = isDefault.tokens, isDefault.viewer, isDefault.other
	for _, token := range m.options.Tokens {
		m.admitToken(listed.faults, fixturePlace{}, "an engineer's token", token, engineer)
	}
	if m.options.ViewerToken != "" { // as it is where the default would be known to everybody
		m.admitToken(listed.faults, fixturePlace{}, "the viewer's token", m.options.ViewerToken, viewer)
	}
	if m.options.OtherToken != "" {
		m.admitToken(listed.faults, fixturePlace{}, "the token of the other organization", m.options.OtherToken, other)
	}
	for _, one := range listed.principals {
		who := one.principal()
		for _, token := range one.tokens {
			m.admitToken(listed.faults, token.place, "a token", token.text, who)
		}
		if one.keys != nil && (!isDefault.keys || !m.options.Exposed) {
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

// principal returns who the fixtures describe.
func (f *fixturePrincipal) principal() principal {
	return principal{known: true, name: f.name, organization: f.number, engineer: f.engineer}
}

// holders returns the principals whose tokens the options hold: the engineer, the viewer and the engineer of another organization.
func (f *fixtures) holders() (engineer, viewer, other principal) {
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
				return one.principal()
			}
		}
		return principal{known: true, name: name, organization: organization, engineer: engineer}
	}
	return resolve(principalEngineer, first, true), resolve(principalViewer, first, false), resolve(principalOther, second, true)
}
