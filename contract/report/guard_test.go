package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/sample"
)

const guardedToken = "eyJhbGciOiJub25lIn0.e30"

// armed returns a report of a run with a canary and a token, and the canary.
func armed() (Report, string) {
	canary := sample.New(4711).Canary()
	report := sampleReport()
	report.Detector = leak.New()
	report.Detector.Add(leak.Secret{Label: "OAuth_2.0_2-legged/clientSecret", Scope: "a check"}, canary)
	report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of engineer"}, guardedToken)
	return report, canary
}

func TestNoReportShowsASecret(t *testing.T) {
	_, canary := armed()
	places := map[string]func(*Report, string){
		"seen":       func(r *Report, s string) { r.Checks[3].Findings[0].Seen = "an answer with " + s },
		"owed":       func(r *Report, s string) { r.Checks[3].Findings[0].Owed = s },
		"reproduce":  func(r *Report, s string) { r.Checks[3].Findings[0].Reproduce = "curl -d '" + s + "'" },
		"reason":     func(r *Report, s string) { r.Checks[7].Reason = "GET /" + s + " got no answer" },
		"left":       func(r *Report, s string) { r.LeftBehind = []string{"DELETE /" + s} },
		"provenance": func(r *Report, s string) { r.Capabilities[0].Provenance = s },
	}
	secrets := map[string]string{
		"canary": canary, "canary in part": canary[3:19], "canary in base64": base64.StdEncoding.EncodeToString([]byte(canary)),
		"token": guardedToken,
	}
	for place, put := range places {
		for name, secret := range secrets {
			report, _ := armed()
			report.Checks = append([]Result(nil), report.Checks...)
			put(&report, secret)
			for _, format := range Formats() {
				hides(t, format, place+", "+name, report, secret)
			}
		}
	}
}

// hides expects a report that shows no part of the secret, and says that it left something out.
func hides(t *testing.T, format, what string, report Report, secret string) {
	t.Helper()
	out := render(t, format, report)
	plain := report
	plain.Detector = nil
	if shown := render(t, format, plain); shown != out && !strings.Contains(out, "left out") {
		t.Errorf("%s, %s: it does not say that something is left out", format, what)
	}
	if len(report.Detector.ScanEscaped(out)) > 0 || strings.Contains(out, secret) {
		t.Errorf("%s, %s: it shows the secret", format, what)
	}
}

func TestTheColouredReportIsGuardedToo(t *testing.T) {
	report, canary := armed()
	report.Checks[3].Findings[0].Seen = canary
	var out strings.Builder
	if err := WriteColoured(&out, report); err != nil || strings.Contains(out.String(), canary) {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

func TestASoundReportIsWritten(t *testing.T) {
	report, _ := armed()
	for _, format := range Formats() {
		if err := Write(&bytes.Buffer{}, format, report); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// A token may be a word that every report has. It must not stop the report.
func TestTokenLikeAReportWordStopsNoReport(t *testing.T) {
	report, _ := armed()
	report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of viewer"}, "checks")
	report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of other"}, "seen")
	report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of engineer"}, "token")
	for _, format := range Formats() {
		if err := Write(&bytes.Buffer{}, format, report); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// A word of the suite may equal the token. The same word from a target may not.
func TestOriginOfTextDecides(t *testing.T) {
	const token = "gateway-word"
	own, foreignWord := foreign.Say("the gateway-word was given"), foreign.Say("the %s was given", token)
	for place, put := range map[string]func(*Report, foreign.Mixed){
		"verdict":    func(r *Report, text foreign.Mixed) { r.because(Violates, text) },
		"result":     func(r *Report, text foreign.Mixed) { r.Checks[7].Because(Trouble, text) },
		"capability": func(r *Report, text foreign.Mixed) { r.Capabilities[0] = NewCapability("viewer", true, text) },
		"command":    func(r *Report, text foreign.Mixed) { r.Checks[3].Findings[0].SetReproduce(text) },
		"stale": func(r *Report, text foreign.Mixed) {
			r.Stale = []StaleEntry{{ID: "a/b", Why: text.String(), ownWhy: text.Own()}}
		},
	} {
		for _, format := range Formats() {
			report, _ := armed()
			report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of viewer"}, token)
			put(&report, own)
			if err := Write(&bytes.Buffer{}, format, report); err != nil {
				t.Errorf("%s, %s: %v", place, format, err)
			}
			put(&report, foreignWord)
			hides(t, format, place, report, token)
		}
	}
}

func TestReadReportIsWritten(t *testing.T) {
	var report Report
	if err := json.Unmarshal([]byte(render(t, "json", sampleReport())), &report); err != nil {
		t.Fatal(err)
	}
	if again := render(t, "json", report); again != render(t, "json", sampleReport()) {
		t.Error("it is another one")
	}
}

// Write finds a secret however the format escapes it.
func TestEscapedSecretsAreFound(t *testing.T) {
	secrets := []string{
		"a'b$c'd$e'f$g'h$", "<&>\"<&>\"<&>\"x", "a|b`c*d[e]f_g~h!", "\\\"\\\"\\\"\\\"x1", "1\u202e2\u202e3\u202e4\u202e5",
		"a\x1bb\x1bc\x1bd\x1be\x1b9",
		"a\u009bb\u009bc\u009bd\u009b8", "a\nb\nc\nd\ne\nf1", "##1##2##3##4##5", "#1#2#3#4#5#6#7", "@a@b@c@d@e@1", "www.a://www.b://1",
	}
	for _, secret := range secrets {
		for name, put := range map[string]func(*Report){
			"built": func(r *Report) {
				r.Checks[3].Findings[0] = Finding{Seen: foreign.Text("x " + secret).Short(), Owed: "x"}
			},
			"seen":      func(r *Report) { r.Checks[3].Findings[0] = Finding{Seen: "x " + secret, Owed: "x"} },
			"reproduce": func(r *Report) { r.Checks[3].Findings[0].Reproduce = "curl " + foreign.Text(secret).Shell() },
			"reason":    func(r *Report) { r.Checks[7].Reason = foreign.Text(secret).Short() },
			"target":    func(r *Report) { r.Target = secret },
		} {
			report, _ := armed()
			report.Checks = append([]Result(nil), report.Checks...)
			report.Checks[3].Findings = append([]Finding(nil), report.Checks[3].Findings...)
			report.Detector.Add(leak.Secret{Label: "the bearer token", Scope: "token of viewer"}, secret)
			put(&report)
			formats := Formats()
			if name != "built" {
				formats = []string{"text", "tap"}
			}
			for _, format := range formats {
				if out := render(t, format, report); len(report.Detector.ScanEscaped(out)) > 0 {
					t.Errorf("%s, %s: %q is shown in %d bytes", format, name, secret, len(out))
				}
			}
		}
	}
}

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

// However much cannot be judged, the text report shows the first cause.
func TestTroubleHidesNoFailure(t *testing.T) {
	report := sampleReport()
	report.Causes = []Cause{{Title: "get shows secrets", Checks: []string{"redaction/get/echo"}, Finding: report.Checks[2].Findings[0]}}
	for i := range 60 {
		result := Result{ID: fmt.Sprintf("many/%d", i), Rule: "It is judged.", Level: credmock.Must, Source: credmock.Documented}
		result.Because(Trouble, foreign.Say("reason %d", i))
		report.Checks = append(report.Checks, result)
	}
	if page := render(t, "text", report); !strings.Contains(page, "\nFAIL") || !strings.Contains(page, "base64") {
		t.Error(page)
	}
}
