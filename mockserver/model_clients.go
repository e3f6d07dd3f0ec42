package mockserver

import (
	_ "embed"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// tokenClient is a client that may ask for bearer tokens.
type tokenClient struct {
	principal principal
	keys      func() (jwk.Set, error)
}
