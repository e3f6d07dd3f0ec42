package mockserver

import (
	"encoding/json"

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
