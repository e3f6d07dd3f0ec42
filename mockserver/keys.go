package mockserver

import (
	"slices"

	"github.com/credmock/credmock/mockserver/internal/fixtures"
)

// DevelopmentClient is the client id in the default fixtures. Its keys are [DevelopmentKeys].
const DevelopmentClient = "development-client"

// DevelopmentKeys returns the private keys of [DevelopmentClient] as a JWK set, one for RS384 and one for ES384. A client uses
// them to request bearer tokens from the mock. The keys are public, so they authenticate nobody to any other server.
func DevelopmentKeys() []byte { return slices.Clone(fixtures.DevelopmentKeys) }
