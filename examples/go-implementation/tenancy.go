package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// account is the owner of a bearer token.
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

// tenancy is the data that no request creates.
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

// authenticate returns the account of the request's token, and false if the token is unknown.
func (t tenancy) authenticate(r *http.Request) (account, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return account{}, false
	}
	// All digests have the same length, so the time of the comparison says nothing about the token.
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

// ownEnvironment returns an environment of an organization, and false if the organization has no such environment.
func (t tenancy) ownEnvironment(organization int, id string) (environment, bool) {
	for _, known := range t.environments {
		if known.id == id && known.organization == organization {
			return known, true
		}
	}
	return environment{}, false
}
