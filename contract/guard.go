package contract

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock/internal/leak"
)

// SecretError says that a report was not written because it would have shown a secret.
type SecretError struct {
	// Format is that of the report.
	Format string
	// Secret says which secret it is, and never what it is.
	Secret string
}

func (e *SecretError) Error() string {
	return fmt.Sprintf("the %s report was not written: it would have shown a secret (%s); please report this as a fault of credmock", e.Format, e.Secret)
}

// guarded writes a report as a whole, or not at all: what it would write is searched for every secret of the run first.
func guarded(w io.Writer, format string, report Report, write func(io.Writer, Report) error) error {
	var rendered bytes.Buffer
	if err := write(&rendered, report); err != nil {
		return err
	}
	if secret := report.shows(rendered.String(), write); secret != "" {
		return &SecretError{Format: format, Secret: secret}
	}
	_, err := w.Write(rendered.Bytes())
	return err
}

// shows returns the label of a secret that stands in the text, or nothing. What came from elsewhere is searched
// as it is, too: the escapes of a format could cut a secret into pieces. A token may be a plain word, such as "token": one that stands in
// the report's own words as well tells nothing.
func (r Report) shows(text string, write func(io.Writer, Report) error) string {
	if r.detector == nil {
		return ""
	}
	seen := r.detector.Scan(searched(text + "\n" + r.foreign()))
	if len(seen) == 0 {
		return ""
	}
	own := r.ownWords()
	var words bytes.Buffer
	if err := write(&words, own); err != nil {
		return seen[0].Secret.Label
	}
	harmless := r.detector.Scan(searched(words.String() + "\n" + own.foreign()))
	for _, sighting := range seen {
		same := func(other leak.Sighting) bool { return other.Secret == sighting.Secret }
		if !slices.ContainsFunc(harmless, same) {
			return sighting.Secret.Label
		}
	}
	return ""
}

// searched returns what is searched of a text: the text, and without the escapes of any format the lines that have some. An escape
// could cut a secret into pieces.
func searched(text string) string {
	var without strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if plain := unescape(line); plain != line {
			without.WriteString("\n" + plain)
		}
	}
	return text + without.String()
}

var (
	quotesInWords = strings.NewReplacer(`'\''`, `'`, `''`, `'`, `$$`, `$`, `'"`, ``, `"'`, ``)
	escapedLetter = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^uUx])`)
)

// unescape undoes the escapes of HTML and XML, of shells and scenarios, and those with a backslash: of JSON, Go, Markdown, TAP and
// SARIF. It does so twice, for what is escaped already may stand within another format.
func unescape(text string) string {
	for range 2 {
		text = quotesInWords.Replace(html.UnescapeString(text))
		text = escapedLetter.ReplaceAllStringFunc(text, unescapeLetter)
	}
	return text
}

var letterNames = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v"}

func unescapeLetter(escape string) string {
	switch kind := escape[1]; kind {
	case 'x':
		value, _ := strconv.ParseUint(escape[2:], 16, 8) // it has two digits
		return string([]byte{byte(value)})
	case 'u', 'U':
		value, _ := strconv.ParseInt(escape[2:], 16, 32) // it has four digits, or eight; 0 where they are beyond any letter
		return string(rune(value))
	default:
		if letter, known := letterNames[kind]; known {
			return letter
		}
		return escape[1:]
	}
}

// foreign returns every text in the report that is not the suite's own, a line for each.
func (r Report) foreign() string {
	texts := []string{r.Target, r.Reason}
	texts = append(append(texts, r.Accept...), r.LeftBehind...)
	for _, entry := range r.Stale {
		texts = append(texts, entry.ID, entry.Why)
	}
	for _, capability := range r.Capabilities {
		texts = append(texts, capability.Provenance)
	}
	for _, check := range r.Checks {
		texts = append(texts, check.Reason, check.Known)
		for _, finding := range check.Findings {
			texts = append(texts, finding.Seen, finding.Owed, finding.Where, finding.Reproduce)
		}
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "\n")
}

// The words that stand for what a target, or whoever runs the suite, has put into a report: those that every such
// text has.
const (
	commonWords = "a token of a member without the engineer role, or of another organization, was given; the viewer token; " +
		"the target answered, listed and refused environments, destinations and credentials; " +
		"every check that counts passed, failed or could not be judged, but for known failures; look at the address and path of --url; nothing was checked: every " +
		"selected check was skipped; the checks pass now; take the entry out; no check has this id, or fails with this finding"
	commonCommand = `curl -sS -i -X POST "$URL/v1" -H "Authorization: Bearer $TOKEN $VIEWER_TOKEN $OTHER_TOKEN" ` +
		`-H 'Content-Type: application/json' --data-raw`
)

// ownWords returns the report with nothing in it that comes from elsewhere.
func (r Report) ownWords() Report {
	own := r
	own.Target, own.Reason, own.Accept = ".", commonWords, nil
	own.LeftBehind = stand(r.LeftBehind, ".")
	own.Stale = stand(r.Stale, StaleEntry{ID: ".", Why: commonWords})
	own.Capabilities = stand(r.Capabilities, CapabilityReport{Name: ".", Provenance: commonWords})
	own.Checks = slices.Clone(r.Checks)
	for i := range own.Checks {
		check := &own.Checks[i]
		check.Findings = stand(check.Findings, Finding{Seen: ".", Owed: ".", Where: ".", Reproduce: commonCommand})
		if check.Reason != "" {
			check.Reason = commonWords
		}
		if check.Known != "" {
			check.Known = "."
		}
	}
	return own
}

// stand returns a list as long as the other, of the one value.
func stand[T any](list []T, value T) []T { return slices.Repeat([]T{value}, len(list)) }
