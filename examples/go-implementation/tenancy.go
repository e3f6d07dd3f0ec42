package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// account is who a bearer token belongs to.
type account struct {
	token        string
	organization int
	engineer     bool // may write
}

type environment struct {
	id           string
	name         string
	flag         string // Production, Staging or Development
	organization int
}

// tenancy is everything that is set up rather than created through the API.
type tenancy struct {
	accounts     []account
	environments []environment
}

var demonstration = tenancy{
	accounts: []account{
		{token: "north-engineer", organization: 41, engineer: true},
		{token: "north-member", organization: 41},
		{token: "south-engineer", organization: 73, engineer: true},
	},
	environments: []environment{
		{id: "env_north_dev", name: "North sandbox", flag: "Development", organization: 41},
		{id: "env_north_live", name: "North live", flag: "Production", organization: 41},
		{id: "env_south_dev", name: "South sandbox", flag: "Development", organization: 73},
	},
}

// authenticate finds whose token a request carries.
func (t tenancy) authenticate(r *http.Request) (account, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return account{}, false
	}
	// Digests have one length, so the comparison's time tells nothing of the token.
	given := sha256.Sum256([]byte(token))
	at := slices.IndexFunc(t.accounts, func(known account) bool {
		digest := sha256.Sum256([]byte(known.token))
		return subtle.ConstantTimeCompare(given[:], digest[:]) == 1
	})
	if at < 0 {
		return account{}, false
	}
	return t.accounts[at], true
}

// ownEnvironment finds an environment of one organization; anybody else's does not exist for it.
func (t tenancy) ownEnvironment(organization int, id string) (environment, bool) {
	for _, known := range t.environments {
		if known.id == id && known.organization == organization {
			return known, true
		}
	}
	return environment{}, false
}
