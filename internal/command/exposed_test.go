package command

import (
	"strings"
	"testing"
)

// An address that other machines can reach needs a token for the mock's own surface.
func TestAnExposedMockNeedsAnAdminToken(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		got := invoke(t.Context(), nil, "serve", "--addr", address)
		if got.code != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "credmock: "+address+" can be reached") {
			t.Errorf("%s: %+v", address, got)
		}
	}
}
