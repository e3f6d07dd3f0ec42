package foreign

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShort(t *testing.T) {
	tail := func(size int) string { return fmt.Sprintf("… (%d bytes)", size) }
	cut := MaxShort - len(tail(MaxShort+1))
	for text, want := range map[string]string{
		"plain": "plain", "a\nb": `a\nb`, strings.Repeat("x", MaxShort): strings.Repeat("x", MaxShort),
		strings.Repeat("x", MaxShort+1):                            strings.Repeat("x", cut) + tail(MaxShort+1),
		strings.Repeat("x", cut-1) + "ü" + strings.Repeat("x", 99): strings.Repeat("x", cut-1) + tail(cut+100),
		strings.Repeat("\xff", 5000):                               strings.Repeat(`\xff`, cut/4) + tail(5000),
		strings.Repeat("\x1b", MaxShort): strings.TrimSuffix(strings.Repeat(`\x1b`, MaxShort)[:cut],
			`\`) + tail(MaxShort),
	} {
		got := Text(text).Short()
		if got != want || len(got) > MaxShort || !utf8.ValidString(got) {
			t.Errorf("%q, want %q", got, want)
		}
		if again := Text(got).Short(); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
}
