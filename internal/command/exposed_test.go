package command_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/command"
)

// On an address that other machines can reach, serve does not begin without a token for the admin surface.
func TestAdminTokenBeyondLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		var out, diagnostics bytes.Buffer
		args := []string{"serve", "--addr", address}
		code := command.Main(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &diagnostics)
		if code != 2 || !strings.Contains(diagnostics.String(), "give --admin-token") || out.Len() > 0 {
			t.Errorf("%s: exit %d: %s%s", address, code, out.String(), diagnostics.String())
		}
	}
}
