package model

import (
	"github.com/lestrrat-go/jwx/v3/jwk"
)

// Client is a client that may ask for bearer tokens.
type Client struct {
	Principal Principal
	Keys      func() (jwk.Set, error)
}
