package model

import (
	"github.com/lestrrat-go/jwx/v3/jwk"
)

// Client is a client of the token endpoint, with a function that returns its public keys.
type Client struct {
	Principal Principal
	Keys      func() (jwk.Set, error)
}
