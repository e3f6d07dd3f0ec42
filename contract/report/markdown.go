package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/foreign"
)

const (
	// manyDetails bounds the failures that a summary shows in full.
	manyDetails = 150
	// longSummary is the number of bytes that a summary has at most: CI servers and comments refuse a longer one.
	longSummary = 64000
	// manyLines bounds every other list of a summary that is too long.
	manyLines = 20
)

// writeMarkdown writes the report as the summary of a CI job, with as many details as fit.
func writeMarkdown(w io.Writer, report Report) error {
	text := ""
	for most := manyDetails; ; most /= 2 {
		if text = markdownOf(report, most); len(text) <= longSummary || most == 0 {
			break
		}
	}
	if len(text) > longSummary {
		text = markdownInShort(report)
	}
	_, err := io.WriteString(w, text)
	return err
}

// markdownOf returns the summary with a number of failures in full.
func markdownOf(report Report, most int) string {
	page := &markdownPage{report: report, most: most}
	page.head()
	page.remarks()
	page.table()
	page.causes()
	page.skips()
	page.details("Failed", standingFailed)
	page.troubles("Not judged", standingTroubled)
	page.troubles("Not judged, which does not count", standingUnjudged)
	page.details("Known failures", standingKnown)
	page.details("Warnings, which do not count", standingWarned)
	page.capabilities()
	return page.String()
}

// markdownInShort returns the counts alone, with the ids of a few failures.
func markdownInShort(report Report) string {
	page := &markdownPage{report: report}
	page.head()
	page.table()
	page.say("\nThe rest does not fit into a summary. Other formats have it.\n\n")
	shown := 0
	for _, result := range report.Checks {
		if report.standing(result).isBad() && shown < manyLines {
			page.say("- %s\n", codeSpan(foreign.Text(result.ID).Short()))
			shown++
		}
	}
	return page.String()
}

func (p *markdownPage) head() {
	p.say("## credmock: %s\n\n%s\n\n", p.report.judgement(), p.report.Reason)
	p.say("credmock %s judged %s with %d requests in %d ms (seed %d", p.report.Version, codeSpan(p.report.Target), p.report.Requests,
		p.report.Milliseconds, p.report.Seed)
	if !p.report.Started.IsZero() {
		p.say(", %s", p.report.Started.UTC().Format(time.RFC3339))
	}
	p.say(").\n")
}

// causes shows what failures have in common.
func (p *markdownPage) causes() {
	if len(p.report.Causes) == 0 {
		return
	}
	p.say("\n### Causes\n\n")
	for i, cause := range p.report.Causes {
		if i == manyLines {
			p.say("- %d more\n", len(p.report.Causes)-manyLines)
			break
		}
		found := checks(len(cause.Checks) + len(cause.Follows))
		p.say("- **%s** %s: seen %s, owed %s\n", cause.Title, found, cause.Finding.Seen, cause.Finding.Owed)
	}
}

// markdownPage is a summary under construction.
type markdownPage struct {
	strings.Builder
	report Report
	most   int // failures in full
}

func (p *markdownPage) say(format string, arguments ...any) {
	fmt.Fprintf(p, format, escaped(arguments, foreign.Text.Markdown)...)
}

func codeSpan(text string) formatted { return formatted(foreign.Text(text).MarkdownCode()) }

func (p *markdownPage) remarks() {
	if len(p.report.Stale)+len(p.report.LeftBehind)+len(p.report.told()) > 0 {
		p.say("\n")
	}
	for _, note := range p.report.told() {
		p.say("- %s\n", note)
	}
	for _, entry := range p.report.Stale {
		p.say("- **Stale**: known failure %s: %s\n", codeSpan(entry.place()), entry.Why)
	}
	for _, left := range p.report.LeftBehind {
		p.say("- **Left behind**: %s\n", codeSpan(left))
	}
}

// table counts the checks of each family, without empty columns.
func (p *markdownPage) table() {
	total := p.report.tally(p.report.Checks)
	columns := []standing{standingPassed, standingFailed}
	for _, stands := range []standing{standingKnown, standingWarned, standingSkipped, standingTroubled, standingUnjudged} {
		if total[stands] > 0 {
			columns = append(columns, stands)
		}
	}
	p.say("\n| family |")
	for _, column := range columns {
		p.say(" %s |", standingWords[column])
	}
	p.say("\n|---|%s\n", formatted(strings.Repeat("---:|", len(columns))))
	for _, family := range p.report.families() {
		p.row(formatted(foreign.Text(family.Name).Markdown()), columns, p.report.tally(family.Checks))
	}
	p.row("**all**", columns, total)
}

func (p *markdownPage) row(name formatted, columns []standing, counts map[standing]int) {
	p.say("| %s |", name)
	for _, column := range columns {
		p.say(" %d |", counts[column])
	}
	p.say("\n")
}

func (p *markdownPage) skips() {
	list := p.report.skippedMusts()
	if len(list) == 0 {
		return
	}
	p.say("\n### Skipped, though they would count\n\n")
	for _, skips := range list {
		p.say("- %s for %s: %s\n", checks(len(skips.IDs)), skips.Reason, codeSpan(strings.Join(skips.IDs, ", ")))
	}
}

// details shows the results of a standing, each folded.
func (p *markdownPage) details(title string, wanted standing) {
	shown := 0
	for _, result := range p.report.Checks {
		if p.report.standing(result) != wanted {
			continue
		}
		if shown == 0 {
			p.say("\n### %s\n", title)
		}
		if shown++; shown > p.most {
			p.say("\n- %s\n", codeSpan(result.ID))
			continue
		}
		p.detail(result)
	}
}

// troubles shows the checks that could not be judged, grouped by reason.
func (p *markdownPage) troubles(title string, wanted standing) {
	groups := p.report.gathered(func(result Result) bool { return p.report.standing(result) == wanted })
	if len(groups) > 0 {
		p.say("\n### %s\n", title)
	}
	for _, group := range groups {
		if len(group.Results) == 1 {
			p.detail(group.Results[0])
			continue
		}
		p.say("\n<details><summary>%s: %s</summary>\n\n%s\n\n</details>\n",
			checks(len(group.IDs)), group.Reason, codeSpan(strings.Join(group.IDs, ", ")))
	}
}

func (p *markdownPage) detail(result Result) {
	p.say("\n<details><summary><code>%s</code>: %s</summary>\n\n", result.ID, result.Rule)
	p.say("%s, %s\n\n", result.Level, result.Source)
	if result.Known != "" {
		p.say("Known: %s\n\n", result.Known)
	}
	if result.Reason != "" {
		p.say("%s\n\n", result.Reason)
	}
	for _, finding := range result.Findings {
		p.say("- seen: **%s**\n- owed: %s\n", finding.Seen, finding.Owed)
		if finding.Where != "" {
			p.say("- where: %s\n", codeSpan(finding.Where))
		}
		p.say("\n")
		if finding.Reproduce != "" {
			p.say("%s\n\n", formatted(foreign.MarkdownFence("sh", finding.Lines()...)))
		}
	}
	p.say("</details>\n")
}

func (p *markdownPage) capabilities() {
	if len(p.report.Capabilities) == 0 {
		return
	}
	p.say("\n<details><summary>What the target offers</summary>\n\n")
	for _, capability := range p.report.Capabilities {
		word := "has"
		if !capability.Present {
			word = "lacks"
		}
		p.say("- %s **%s**: %s\n", word, capability.Name, capability.Provenance)
	}
	p.say("\n</details>\n")
}
