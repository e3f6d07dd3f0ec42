package mask

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// A secret within a longer text is masked in the base64 of that text, wherever it stands there.
func TestBase64OfALongerTextIsMasked(t *testing.T) {
	const secret = "s3cr3t-t0ken-of-mine"
	m := New()
	m.Learn(secret)
	for _, before := range []string{"", "B", "Be", "Bearer ", "Authorization: Bearer "} {
		for _, after := range []string{"", "!", "!!", " and more"} {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
				encoded := encoding.EncodeToString([]byte(before + secret + after))
				shown := m.Mask(encoded)
				left := len(strings.ReplaceAll(shown, ordered.Masked, ""))
				if most := len(encoded) - len(secret)*4/3 + 6; left > most {
					t.Errorf("%q, secret, %q: %d letters are shown of %d: %s", before, after, left, len(encoded), shown)
				}
			}
		}
	}
}
