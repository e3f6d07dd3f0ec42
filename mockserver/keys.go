package mockserver

import (
	"slices"

	"github.com/credmock/credmock/mockserver/internal/fixtures"
)

// DevelopmentClient is the id of the client that the default fixtures know; [DevelopmentKeys] are its keys.
const DevelopmentClient = "development-client"

// DevelopmentKeys returns the private keys of [DevelopmentClient] as a JWK set, one for RS384 and one for ES384, for the
// configuration of a client that asks the mock for bearer tokens. They are published with this package: they prove
// nothing to anyone but a mock.
func DevelopmentKeys() []byte { return slices.Clone(fixtures.DevelopmentKeys) }
