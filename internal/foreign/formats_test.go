package foreign

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	for _, row := range []struct{ text, console, markdown, code, tap, sarif string }{
		{"plain", "plain", "plain", "`plain`", "plain", "plain"},
		{"0.1.0", "0.1.0", "0.1.0", "`0.1.0`", "0.1.0", "0.1.0"},
		{"a\nb", `a\nb`, `a\\nb`, "`a\\nb`", `a\\nb`, `a\\nb`},
		{"::error::x", `\x3a:error::x`, `\\x3a:error::x`, "`\\x3a:error::x`", `\\x3a:error::x`, "::error::x"},
		{"  ::error::x", `  \x3a:error::x`, `&#32; \\x3a:error::x`, "`  \\x3a:error::x`", `  \\x3a:error::x`, "  ::error::x"},
		{"a ##[error]", `a #\x23[error]`, `a \#\\x23\[error\]`, "`a #\\x23[error]`", `a \#\\x23[error]`, `a ##\[error\]`},
		{"###", `#\x23#`, `\#\\x23\#`, "`#\\x23#`", `\#\\x23\#`, "###"},
		{"[a](b) ![c](d)", "[a](b) ![c](d)", `\[a\](b) \!\[c\](d)`, "`[a](b) ![c](d)`", "[a](b) ![c](d)", `\[a\](b) !\[c\](d)`},
		{"``", "``", "\\`\\`", "``` `` ```", "``", "``"},
		{"", "", "", "`  `", "", ""},
		{"- a", "- a", `\- a`, "`- a`", "- a", "- a"},
		{"1. a", "1. a", `1\. a`, "`1. a`", "1. a", "1. a"},
		{"a_b _c_ __d", "a_b _c_ __d", `a_b \_c\_ \_\_d`, "`a_b _c_ __d`", "a_b _c_ __d", "a_b _c_ __d"},
		{"x # SKIP", "x # SKIP", `x \# SKIP`, "`x # SKIP`", `x \# SKIP`, "x # SKIP"},
		{"https://a www.b c@d", "https://a www.b c@d", "https&#58;//a www&#46;b c&#64;d", "`https://a www.b c@d`", "https://a www.b c@d",
			"https://a www.b c@d"},
		{"{0} {id}", "{0} {id}", "{0} {id}", "`{0} {id}`", "{0} {id}", "{{0}} {id}"},
		{"<b>&$x$", "<b>&$x$", `&#60;b&#62;&#38;\$x\$`, "`<b>&$x$`", "<b>&$x$", "<b>&$x$"},
	} {
		text := Text(row.text)
		for name, pair := range map[string][2]string{
			"Console": {text.Console(), row.console}, "Markdown": {text.Markdown(), row.markdown}, "MarkdownCode": {text.MarkdownCode(), row.code},
			"TAP": {text.TAP(), row.tap}, "SARIF": {text.SARIF(), row.sarif},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s of %q: %q, want %q", name, row.text, pair[0], pair[1])
			}
		}
	}
}

func TestConsoleLines(t *testing.T) {
	for text, owed := range map[string]string{"a\n\tb": "a\n    b", "a\n ::error::b\r": "a\n \\x3a:error::b\\r",
		"##vso[x]\n##vso[y]": "#\\x23vso[x]\n#\\x23vso[y]"} {
		if seen := Text(text).ConsoleLines(); seen != owed {
			t.Errorf("%q: %q, owed %q", text, seen, owed)
		}
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{
		"http://127.0.0.1:4118/platform": "http://127.0.0.1:4118/platform", "a b": "'a b'", "": "''", "$(id)": "'$(id)'", "~root": "'~root'",
		"a;b": "'a;b'", "a&b": "'a&b'", "it's": `'it'\''s'`, "a\nb": `'a\nb'`, "http://[::1]/": "'http://[::1]/'",
	} {
		if got := Text(text).ShellWord(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestMarkdownFence(t *testing.T) {
	if got := MarkdownFence("sh", "a\n```` b"); got != "`````sh\na\\n```` b\n`````" {
		t.Error(got)
	}
}

// Escaping twice has no further effect.
func FuzzConsoleTwice(f *testing.F) {
	for _, seed := range []string{"::a", " ::##[b]", "\x1b\u202e", "####"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once := Text(raw).Console()
		if twice := Text(once).Console(); twice != once {
			t.Errorf("%q: %q and %q", raw, once, twice)
		}
		if strings.HasPrefix(strings.TrimSpace(once), "::") || strings.Contains(once, "##") {
			t.Errorf("%q: %q has a command", raw, once)
		}
	})
}

func TestShellVariable(t *testing.T) {
	for text, want := range map[string]string{"token": "TOKEN", "clientSecret": "CLIENT_SECRET", "ID": "I_D", "2fa": "_2FA", "a b-c": "A_B_C",
		"naïve":     "NA_VE",
		"a-b;$(id)": "A_B___ID_", "1st": "_1ST"} {
		if got := Text(text).ShellVariable(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
