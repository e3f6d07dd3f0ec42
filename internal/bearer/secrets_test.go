package bearer_test

import (
	"slices"
	"testing"

	"github.com/credmock/credmock/internal/bearer"
)

func TestSecretsIn(t *testing.T) {
	for value, owed := range map[string][]string{
		"on":                             nil,
		"gatekeeper":                     {"gatekeeper"},
		"gate-key-31337":                 {"gate-key-31337"},
		"session=abc-12345; theme=light": {"session=abc-12345; theme=light", "abc-12345"},
		"Basic dXNlcjpwYXNzd29yZA==":     {"Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"},
	} {
		if seen := bearer.SecretsIn(value); !slices.Equal(seen, owed) {
			t.Errorf("%s: %q, owed %q", value, seen, owed)
		}
	}
}
