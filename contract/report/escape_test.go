package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

func TestEveryArgumentIsEscaped(t *testing.T) {
	hostile := "a\x1b[31m"
	seen := fmt.Sprintf("%s %s %s %d %s",
		escaped([]any{hostile, errors.New(hostile), credmock.Level(hostile), 7, formatted("\x1b")}, foreign.Text.Console)...)
	if owed := `a\x1b[31m a\x1b[31m a\x1b[31m 7 ` + "\x1b"; seen != owed {
		t.Errorf("%q, owed %q", seen, owed)
	}
}

// printed escapes a copy and leaves the original unchanged.
func TestPrintedCopies(t *testing.T) {
	report := sampleReport()
	report.Accept = []string{"a\nb"}
	report.Checks[3].Findings[0].Answer = "200\n\x1b"
	copied := printed(report)
	if copied.Accept[0] != `a\nb` || report.Accept[0] != "a\nb" {
		t.Errorf("%q of %q", copied.Accept, report.Accept)
	}
	finding := copied.Checks[3].Findings[0]
	if strings.ContainsAny(finding.Seen, "\x1b\n") || finding.Answer != "200\n\\x1b" || report.Checks[3].Findings[0].Seen != hostileText {
		t.Errorf("%+q of %+q", finding.Seen, report.Checks[3].Findings[0].Seen)
	}
	if copied.Detector != report.Detector || copied.Counts[Pass] != report.Counts[Pass] || copied.Seed != report.Seed {
		t.Error("something else is lost")
	}
}

func TestTheLedgerTemplateIsYAML(t *testing.T) {
	for text, owed := range map[string]string{"redaction/get/a_b-c.d": "redaction/get/a_b-c.d", "a/b: c #d": `"a/b: c #d"`,
		"a/\u202e": `"a/\u202e"`} {
		if seen := string(yamlText(text)); seen != owed {
			t.Errorf("%s, owed %s", seen, owed)
		}
	}
}
