package blame

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// Names are the names of the document that stand in ids of checks.
type Names struct{ Strategies, Members map[string]bool }

// NamesIn returns the names of strategies, and of members of credentials and destinations.
func NamesIn(spec *credmock.Spec) Names {
	names := Names{Strategies: map[string]bool{}, Members: map[string]bool{}}
	for _, strategy := range spec.Strategies {
		names.Strategies[strategy.Name] = true
		for _, property := range append(slices.Clone(strategy.Create.Properties), strategy.Shown.Properties...) {
			names.Members[property.Name] = true
		}
	}
	return names
}

// cause is a cause under construction.
type cause struct {
	report.Cause
	should bool // every check of it is a SHOULD, or a known failure
	strong bool // its kind says what went wrong, whatever check found it
	rule   string
	sites  map[string]bool // the methods and paths of its findings
	weight int             // the length of the way to see it
}

// Causes gathers the findings of failed checks: by what happened to a value, else by rule and status. What was found only where a
// cause of a known kind was found too follows from it. broken tells whether a check counts.
func Causes(results []report.Result, names Names, broken func(report.Result) bool) []report.Cause {
	var list []*cause
	at := map[string]*cause{}
	for _, result := range results {
		first := ""
		for _, finding := range result.Findings {
			if result.Outcome != report.Fail || finding.Untold() {
				continue
			}
			key, strong := names.keyOf(result, finding)
			if finding.Kind != Leak {
				key = cmp.Or(first, key) // what a check finds later follows from what it found first
			}
			first = cmp.Or(first, key)
			one := at[key]
			if one == nil {
				one = &cause{strong: strong, should: true, sites: map[string]bool{}}
				one.Kind, at[key] = finding.Kind, one
				list = append(list, one)
			}
			one.add(result, finding, broken(result), names)
		}
	}
	slices.SortStableFunc(list, compare)
	list = attribute(mergeAlike(list))
	causes := make([]report.Cause, len(list))
	for i, one := range list {
		one.Title = one.title()
		causes[i] = one.Cause
	}
	return causes
}

// keyOf returns what the findings of a cause have in common.
func (n Names) keyOf(result report.Result, finding report.Finding) (key string, strong bool) {
	site, status := siteOf(finding)
	switch {
	case finding.Kind == Leak:
		return "leak " + site, true
	case finding.Kind == Status && strings.HasPrefix(status, "5"):
		return "crash " + site, true
	case finding.Difference != nil && finding.Kind != Changed && finding.Kind != Missing:
		return "value " + finding.Kind, true
	}
	return n.pattern(result.ID) + " " + finding.Kind, false
}

// pattern returns the id of a check without its strategy, and with a sign in place of the name of a member.
func (n Names) pattern(id string) string {
	var words []string
	for word := range strings.SplitSeq(id, "/") {
		switch {
		case n.Strategies[word]:
			continue
		case n.Members[word]:
			word = "*"
		}
		words = append(words, word)
	}
	return strings.Join(words, "/")
}

// withoutStrategy returns a rule without the name of a strategy at its end.
func (n Names) withoutStrategy(rule string) string {
	if at := strings.LastIndex(rule, " ("); at > 0 && n.Strategies[strings.TrimSuffix(rule[at+2:], ")")] {
		return rule[:at]
	}
	return rule
}

// siteOf returns the method and the path in the place of a finding, and the status.
func siteOf(finding report.Finding) (site, status string) {
	words := strings.Fields(finding.Where)
	if len(words) < 2 {
		return "", ""
	}
	if len(words) > 2 && len(words[2]) == 3 && strings.Trim(words[2], "0123456789") == "" {
		status = words[2]
	}
	return words[0] + " " + words[1], status
}

// add adds a finding of a check.
func (c *cause) add(result report.Result, finding report.Finding, counts bool, names Names) {
	isNew := !slices.Contains(c.Checks, result.ID)
	if isNew {
		c.Checks = append(c.Checks, result.ID)
	}
	place := finding.Where
	if finding.Difference != nil && !strings.HasSuffix(place, "/"+finding.Difference.Member) {
		place += "/" + finding.Difference.Member
	}
	if place != "" && !slices.Contains(c.Places, place) {
		c.Places = append(c.Places, place)
	}
	if site, _ := siteOf(finding); site != "" {
		c.sites[site] = true
	}
	weight := len(strings.Join(finding.Lines(), "")) + len(finding.Seen) + 40*strings.Count(result.ID, "/")
	if c.rule == "" || isNew && (counts && c.should || weight < c.weight && counts != c.should) {
		c.rule, c.weight, c.Finding = names.withoutStrategy(result.Rule), weight, finding
		slices.SortStableFunc(c.Checks, func(a, b string) int { return cmp.Compare(boolean(b == result.ID), boolean(a == result.ID)) })
	}
	c.should = c.should && !counts
}

func boolean(is bool) int {
	if is {
		return 1
	}
	return 0
}

// compare puts what counts before what does not, known kinds before others, and what many checks found before what few did.
func compare(a, b *cause) int {
	return cmp.Or(cmp.Compare(boolean(a.should), boolean(b.should)), cmp.Compare(boolean(b.strong), boolean(a.strong)),
		cmp.Compare(len(b.Checks), len(a.Checks)))
}

// many is from how many rules broken alike at one place on they are one cause: the operation as a whole is at fault.
const many = 4

// mergeAlike makes one cause of many rules that were broken by the same status of one operation.
func mergeAlike(list []*cause) []*cause {
	at := map[string][]*cause{}
	for _, one := range list {
		if site, status := siteOf(one.Finding); one.Kind == Status && !one.strong && len(one.sites) == 1 {
			at[site+" "+status] = append(at[site+" "+status], one)
		}
	}
	merged := map[*cause]bool{}
	for _, alike := range at {
		if len(alike) < many {
			continue
		}
		first := alike[0]
		first.strong = true
		for _, other := range alike[1:] {
			merged[other] = true
			first.Checks = append(first.Checks, other.Checks...)
			first.should = first.should && other.should
		}
	}
	return slices.DeleteFunc(list, func(one *cause) bool { return merged[one] })
}

// attribute takes from the list what was found only where a cause of a known kind was found too, and adds it to that cause.
func attribute(list []*cause) []*cause {
	follows := map[*cause]bool{}
	for _, one := range list {
		at := slices.IndexFunc(list, func(other *cause) bool { return one.followsFrom(other) })
		if at < 0 {
			continue
		}
		follows[one] = true
		for _, id := range one.Checks {
			if other := list[at]; !slices.Contains(other.Checks, id) && !slices.Contains(other.Follows, id) {
				other.Follows = append(other.Follows, id)
			}
		}
	}
	return slices.DeleteFunc(list, func(one *cause) bool { return follows[one] })
}

// followsFrom tells whether a cause was found only where one of a known kind was found too. A failure does not follow from a warning.
func (c *cause) followsFrom(other *cause) bool {
	if c.strong || len(c.sites) == 0 || !other.strong || other.should && !c.should {
		return false
	}
	return other.covers(c) || other.Kind == Leak && c.isOfSecrets()
}

// isOfSecrets tells whether the plainest finding is about a value that is a secret.
func (c *cause) isOfSecrets() bool {
	return c.Finding.Difference != nil && strings.Contains(c.Finding.Difference.Seen+c.Finding.Difference.Owed, "‹")
}

func (c *cause) covers(other *cause) bool {
	for site := range other.sites {
		if !c.sites[site] {
			return false
		}
	}
	return true
}

// titles are the sentences for the kinds of values that came back wrong.
var titles = map[string]string{
	Trimmed: "Values lose the blanks at their ends.", Squeezed: "Values lose blanks between their words.",
	Case: "Values come back in another case.", Normalised: "Values come back in another Unicode form.",
	Escaped: "Values come back with escapes that were not sent.", Unescaped: "Values come back without the escapes that were sent.",
	Cut: "Values are cut.", Coerced: "Values come back as another type.", Masked: "Values come back masked that are no secrets.",
	Before: "What was before an update comes back after it.", Another: "Values of another credential come back.",
	Swapped: "Values come back under the name of another member.",
}

func (c *cause) title() string {
	site, status := siteOf(c.Finding)
	switch {
	case c.Kind == Leak:
		return site + " shows secrets."
	case c.strong && c.Kind == Status:
		return site + " answers " + status + "."
	case c.strong && len(c.sites) == 1:
		return site + ": " + titles[c.Kind]
	case c.strong:
		return titles[c.Kind]
	}
	return c.rule
}
