package foreign

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
)

func TestText(t *testing.T) {
	for _, row := range []struct{ text, line, lines, script, shell string }{
		{"plain", "plain", "plain", "plain", "'plain'"},
		{"", "", "", "''", "''"},
		{"a b", "a b", "a b", "'a b'", "'a b'"},
		{"it's", "it's", "it's", "'it''s'", `'it'\''s'`},
		{"x\nexec id", `x\nexec id`, "x\nexec id", `'x\nexec id'`, `'x\nexec id'`},
		{"\x1b[2J\a", `\x1b[2J\a`, `\x1b[2J\a`, `'\x1b[2J\a'`, `'\x1b[2J\a'`},
		{"\u009b31m\u202e\u2028", `\u009b31m\u202e\u2028`, `\u009b31m\u202e\u2028`, `'\u009b31m\u202e\u2028'`, `'\u009b31m\u202e\u2028'`},
		{"\xff\xfe", `\xff\xfe`, `\xff\xfe`, `'\xff\xfe'`, `'\xff\xfe'`},
		{"ключ🔑é", "ключ🔑é", "ключ🔑é", "ключ🔑é", "'ключ🔑é'"},
		{"$(id)", "$(id)", "$(id)", "'$(id)'", "'$(id)'"},
		{"a\r\nb\tc", `a\r\nb\tc`, "a\\r\nb\tc", `'a\r\nb\tc'`, `'a\r\nb\tc'`},
		{"\u00a0\u200b\ufeff", `\u00a0\u200b\ufeff`, `\u00a0\u200b\ufeff`, `'\u00a0\u200b\ufeff'`, `'\u00a0\u200b\ufeff'`},
	} {
		text := Text(row.text)
		for name, pair := range map[string][2]string{
			"String": {text.String(), row.line}, "Lines": {text.Lines(), row.lines}, "Script": {text.Script(), row.script},
			"Shell": {text.Shell(), row.shell}, "by fmt": {fmt.Sprintf("<%s>", text), "<" + row.line + ">"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s of %q: %q: %q", name, row.text, pair[0], pair[1])
			}
		}
	}
}

// Every form stays on its line and is printable, and JSON keeps its value.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "x\nexec id", "\x1b]0;a\a", "\u009b\u202e\u2066", "\xff", "🔑\U000e0001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text := Text(raw)
		for _, line := range []string{text.String(), text.Script(), text.Shell()} {
			isHidden := func(letter rune) bool { return letter != ' ' && !unicode.IsGraphic(letter) || letter == '\u2028' }
			if at := strings.IndexFunc(line, isHidden); at >= 0 {
				t.Errorf("%q: %q is not printable at %d", raw, line, at)
			}
		}
		encoded, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		plain := Text(encoded).JSON()
		var before, after string
		if json.Unmarshal(encoded, &before) != nil || json.Unmarshal([]byte(plain), &after) != nil || before != after {
			t.Errorf("%q: JSON changed the value to %q", raw, after)
		}
		steers := func(letter rune) bool { return unicode.IsControl(letter) || unicode.Is(unicode.Cf, letter) }
		if at := strings.IndexFunc(plain, steers); at >= 0 {
			t.Errorf("%q: %q is not printable at %d", raw, plain, at)
		}
	})
}
