package leak

import (
	"encoding/json"
	"html"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/foreign"
)

// The escapes of every format are decoded before the scan.
func TestUnescape(t *testing.T) {
	text := "a'b$c<d>&\"e|f`g*h[i]j_k~l!m\\%#o@p\u202eq\x1br\ns"
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, escaped := range map[string]string{
		"Console": foreign.Text(text).Console(), "Markdown": foreign.Text(text).Markdown(), "TAP": foreign.Text(text).TAP(),
		"SARIF": foreign.Text(text).SARIF(),
		"Shell": foreign.Text(text).Shell(), "Script": foreign.Text(text).Script(), "HTML": html.EscapeString(foreign.Text(text).Console()),
		"JSON": foreign.Text(encoded).JSON(),
	} {
		if seen := strings.ReplaceAll(unescape(escaped), `\`, ""); !strings.Contains(seen, strings.ReplaceAll(text, `\`, "")) {
			t.Errorf("%s: %q, want %q, from %q", name, seen, text, escaped)
		}
	}
}
