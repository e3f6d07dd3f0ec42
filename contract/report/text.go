package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
)

// writeText writes the report for people: first what keeps it from being green, last the verdict. Checks with the same reason
// share a line.
func writeText(w io.Writer, report Report, paint palette) error {
	text := &textReport{report: report, paint: paint}
	target := report.Target
	if report.Mock {
		target = "its own mock, at " + target
	}
	text.say("%s\n", paint(bold, fmt.Sprintf("credmock %s judges %s (seed %d)", report.Version, target, report.Seed)))
	if len(report.Causes) == 0 || report.Verbose {
		text.inFull()
	} else {
		text.inShort()
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// inFull writes every result that is not fine, the worst first.
func (t *textReport) inFull() {
	t.capabilities()
	t.notes()
	t.results()
	t.skips()
	t.rest()
	t.template()
	t.summary()
}

// inShort writes the causes of the failures.
func (t *textReport) inShort() {
	t.capabilitiesInShort()
	t.notes()
	behind := &textReport{report: t.report, paint: t.paint}
	behind.troubles()
	behind.skips()
	behind.rest()
	behind.say("\n--verbose shows every finding, and a file for --known\n")
	behind.summary()
	t.causes(behind.String())
	t.WriteString(behind.String())
}

// textReport is a text report under construction.
type textReport struct {
	strings.Builder
	report Report
	paint  palette
}

func (t *textReport) say(format string, arguments ...any) {
	fmt.Fprintf(t, format, escaped(arguments, foreign.Text.Console)...)
}

func (t *textReport) capabilities() {
	for _, capability := range t.report.kinds() {
		word := formatted("has  ")
		if !capability.Present {
			word = t.paint(yellow, "lacks")
		}
		t.say("  %s %s: %s\n", word, capability.Names, capability.Provenance)
	}
}

// notes writes how the run differed from an ordinary one, and what it covered.
func (t *textReport) notes() {
	for _, note := range t.report.told() {
		t.say("  note  %s\n", note)
	}
}

// skips summarizes skipped checks that would count.
func (t *textReport) skips() {
	for _, skips := range t.report.skippedMusts() {
		t.say("\n%s  %s that would count, for %s:\n", t.paint(cyan, "SKIP"), checks(len(skips.IDs)), skips.Reason)
		t.say("      %s\n", fewOf(skips.IDs))
	}
}

// fewIDs is the number of checks that a line names; other formats name them all.
const fewIDs = 5

// fewOf returns the first of many ids and the number of the others.
func fewOf(ids []string) string {
	text := strings.Join(ids[:min(len(ids), fewIDs)], ", ")
	if more := len(ids) - fewIDs; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// results reports every check that is not fine, the worst first: failures in full, checks that could not be judged by reason.
func (t *textReport) results() {
	t.oneByOne(standingFailed)
	t.troubles()
	t.oneByOne(standingKnown)
	t.oneByOne(standingWarned)
}

func (t *textReport) oneByOne(wanted standing) {
	for _, result := range t.report.Checks {
		if t.report.standing(result) == wanted {
			t.result(result)
		}
	}
}

func (t *textReport) troubles() {
	for _, group := range t.report.troubles() {
		if group.Reason == t.report.Reason && len(group.IDs) == len(t.report.Checks) {
			return // the verdict says it
		}
		if len(group.Results) == 1 {
			t.result(group.Results[0])
			continue
		}
		mark, counting := textMarks[standingTroubled], t.report.tally(group.Results)[standingTroubled]
		t.say("\n%s  %s could not be judged, %d of which count\n", t.paint(mark.colour, mark.word),
			t.paint(bold, checks(len(group.IDs))), counting)
		t.say("      %s\n      %s\n", group.Reason, fewOf(group.IDs))
	}
}

// textMark is the word before a result and its colour.
type textMark struct {
	word   string
	colour colour
}

// textMarks are the marks of the reported standings.
var textMarks = map[standing]textMark{
	standingFailed:   {"FAIL", red},
	standingTroubled: {"????", magenta},
	standingUnjudged: {"????", magenta},
	standingKnown:    {"KNOWN", yellow},
	standingWarned:   {"WARN", yellow},
}

func (t *textReport) result(result Result) {
	mark := textMarks[t.report.standing(result)]
	t.say("\n%s  %s  (%s, %s)\n      %s\n", t.paint(mark.colour, mark.word), t.paint(bold, result.ID), result.Level,
		result.Source, result.Rule)
	if result.Reason != "" {
		t.say("      %s\n", result.Reason)
	}
	if result.Known != "" {
		t.say("      known: %s\n", result.Known)
	}
	for i, finding := range result.Findings {
		if i > 0 {
			t.say("\n")
		}
		t.finding(finding)
	}
}

func (t *textReport) finding(finding Finding) {
	t.say("      seen:  %s\n", t.paint(red, finding.Seen))
	t.say("      owed:  %s\n", t.paint(green, finding.Owed))
	if finding.Where != "" {
		t.say("      where: %s\n", finding.Where)
	}
	word := "again:"
	for _, line := range finding.Lines() {
		t.say("      %s %s\n", word, line)
		word = "      "
	}
}

// rest reports problems of the whole run.
func (t *textReport) rest() {
	for _, entry := range t.report.Stale {
		t.say("\n%s  known failure %s: %s\n", t.paint(yellow, "STALE"), entry.place(), entry.Why)
	}
	for _, left := range t.report.LeftBehind {
		t.say("\n%s  %s\n", t.paint(yellow, "left behind:"), left)
	}
}

// template writes a ledger of the failures that lacks only the reasons.
func (t *textReport) template() {
	first := true
	for _, result := range t.report.Checks {
		if t.report.standing(result) != standingFailed {
			continue
		}
		if first {
			t.say("\nTo bear with these for now, fill in the reasons and give this file to --known:\n\n")
			first = false
		}
		t.say("- id: %s\n  reason:\n", yamlText(result.ID))
	}
}

var plainYAML = lazy.Regexp(`^[A-Za-z][A-Za-z0-9/._-]*$`)

// yamlText returns a text as a YAML value, quoted if needed.
func yamlText(text string) formatted {
	if plainYAML().MatchString(text) {
		return formatted(text)
	}
	var value strings.Builder
	_ = writeJSONLine(&value, text) // encoding a text never fails
	return formatted(strings.TrimSpace(value.String()))
}

func (t *textReport) summary() {
	counts := t.report.tally(t.report.Checks)
	if !strings.HasSuffix(t.String(), "--known\n") {
		t.say("\n")
	}
	for _, stands := range []standing{standingPassed, standingFailed, standingKnown, standingWarned, standingSkipped} {
		if counts[stands] > 0 || stands == standingPassed || stands == standingFailed {
			t.say("%d %s, ", counts[stands], plural(standingWords[stands], counts[stands]))
		}
	}
	t.say("%d not judged; ", counts[standingTroubled]+counts[standingUnjudged])
	t.say("%d requests in %d ms", t.report.Requests, t.report.Milliseconds)
	if !t.report.Started.IsZero() {
		t.say(", from %s on", t.report.Started.UTC().Format(time.RFC3339))
	}
	t.say("\n")
	if former := t.report.Former; former != nil {
		t.say("compared with the former run: %d new, %d gone, %d still, %d fixed\n", len(former.New), len(former.Gone), len(former.Still),
			len(former.Fixed))
	}
	colour := map[Verdict]colour{Conforms: green, Violates: red, Inconclusive: magenta}[t.report.Verdict]
	t.say("verdict: %s: %s\n", t.paint(colour, t.report.judgement()), t.report.Reason)
}

func checks(count int) string { return fmt.Sprintf("%d %s", count, plural("check", count)) }

// plural returns the plural of a noun unless count is 1. Participles have none.
func plural(word string, count int) string {
	if count == 1 || strings.HasSuffix(word, "ed") {
		return word
	}
	return word + "s"
}

// resultText returns one result as in the text report.
func (r Report) resultText(result Result) string {
	text := &textReport{report: r, paint: plain}
	text.result(result)
	return text.String()
}

// colour is the number of a terminal's colour or style.
type colour string

const (
	bold    colour = "1"
	red     colour = "31"
	green   colour = "32"
	yellow  colour = "33"
	magenta colour = "35"
	cyan    colour = "36"
)

// palette escapes a text and may colour it.
type palette func(colour colour, text string) formatted

func plain(_ colour, text string) formatted { return formatted(foreign.Text(text).Console()) }

func coloured(colour colour, text string) formatted {
	return "\x1b[" + formatted(colour) + "m" + plain(colour, text) + "\x1b[0m"
}

// screen is how many lines the text report of causes has at most, unless it must tell of more than causes.
const screen = 40

// causes writes the causes of all failures: the first in full, and as many others as fit between the texts before and behind them.
func (t *textReport) causes(behind string) {
	room := screen - strings.Count(t.String(), "\n") - strings.Count(behind, "\n")
	list := t.report.Causes
	for i, cause := range list {
		block, left := t.causeText(cause), len(list)-i-1
		lines := strings.Count(block, "\n")
		switch {
		case i == 0, lines+min(left, 3) <= room:
			t.WriteString(block)
		case room > 1 || left == 0:
			block, lines = t.causeLine(cause), 1
			t.WriteString(block)
		default:
			t.say("      %d more causes; --verbose shows every finding\n", left+1)
			return
		}
		room -= lines
	}
}

// worst returns the worst standing of the checks of a cause.
func (r Report) worst(cause Cause) standing {
	worst := len(standings) - 1
	for _, result := range r.Checks {
		for _, id := range cause.Checks {
			if result.ID == id {
				worst = min(worst, rank(r.standing(result)))
			}
		}
	}
	return standings[worst]
}

// causeText returns a cause in full. One of a single check is told as that check.
func (t *textReport) causeText(cause Cause) string {
	block := &textReport{report: t.report, paint: t.paint}
	mark := textMarks[t.report.worst(cause)]
	result, single := t.report.single(cause)
	if single {
		result.Findings = nil
		block.result(result)
	} else {
		title := t.paint(bold, strings.TrimSuffix(cause.Title, "."))
		block.say("\n%s  %s  (%s)\n", t.paint(mark.colour, mark.word), title, checks(len(cause.Checks)))
	}
	block.finding(cause.Finding)
	if more := len(cause.Places) - 1; more > 0 {
		block.say("      and:   %d more %s: %s\n", more, plural("place", more), placesOf(cause))
	}
	if !single {
		block.say("      by:    %s\n", fewOf(cause.Checks))
	}
	if len(cause.Follows) > 0 {
		block.say("      then:  %s failed there too, likely for this: %s\n", checks(len(cause.Follows)), fewOf(cause.Follows))
	}
	return block.String()
}

// single returns the only check of a cause.
func (r Report) single(cause Cause) (Result, bool) {
	for _, result := range r.Checks {
		if len(cause.Checks) == 1 && result.ID == cause.Checks[0] {
			return result, true
		}
	}
	return Result{}, false
}

// placesOf returns the names of the members and parts at the places of a cause, each once.
func placesOf(cause Cause) string {
	var names []string
	seen := map[string]bool{}
	for _, place := range cause.Places {
		name := place
		if strings.Count(place, " ") > 2 {
			name = place[strings.LastIndexAny(place, "/ ")+1:]
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return fewOf(names)
}

// causeLine returns a cause in one line.
func (t *textReport) causeLine(cause Cause) string {
	line := &textReport{report: t.report, paint: t.paint}
	mark := textMarks[t.report.worst(cause)]
	line.say("%s  %s  (%s)\n", t.paint(mark.colour, mark.word), cause.Title, fewOf(cause.Checks))
	return line.String()
}

// capabilitiesInShort names what the target has in one line, and tells of each thing that it lacks.
func (t *textReport) capabilitiesInShort() {
	var has []string
	for _, capability := range t.report.Capabilities {
		if capability.Present {
			has = append(has, capability.Name)
		}
	}
	if len(has) > 0 {
		t.say("  has   %s\n", strings.Join(has, ", "))
	}
	for _, capability := range t.report.kinds() {
		if !capability.Present {
			t.say("  %s %s: %s\n", t.paint(yellow, "lacks"), capability.Names, capability.Provenance)
		}
	}
}
