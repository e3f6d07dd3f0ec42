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
	for text, owed := range map[string]string{
		"plain": "plain", "a\nb": `a\nb`, strings.Repeat("x", MaxShort): strings.Repeat("x", MaxShort),
		strings.Repeat("x", MaxShort+1):                            strings.Repeat("x", cut) + tail(MaxShort+1),
		strings.Repeat("x", cut-1) + "ü" + strings.Repeat("x", 99): strings.Repeat("x", cut-1) + tail(cut+100),
		strings.Repeat("\xff", 5000):                               strings.Repeat(`\xff`, cut/4) + tail(5000),
		strings.Repeat("\x1b", MaxShort): strings.TrimSuffix(strings.Repeat(`\x1b`, MaxShort)[:cut],
			`\`) + tail(MaxShort),
	} {
		seen := Text(text).Short()
		if seen != owed || len(seen) > MaxShort || !utf8.ValidString(seen) {
			t.Errorf("%q, owed %q", seen, owed)
		}
		if again := Text(seen).Short(); again != seen {
			t.Errorf("%q becomes %q", seen, again)
		}
	}
}
