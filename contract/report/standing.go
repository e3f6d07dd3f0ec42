package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// standing is the outcome of a result together with whether it counts. All formats show the same standings.
type standing string

const (
	standingPassed   standing = "passed"
	standingFailed   standing = "failed"
	standingKnown    standing = "known"    // failed, and listed in the ledger
	standingWarned   standing = "warned"   // failed a SHOULD that does not count
	standingTroubled standing = "troubled" // could not be judged
	standingUnjudged standing = "unjudged" // could not be judged, and would not count
	standingSkipped  standing = "skipped"
)

// standings are all standings, the worst first.
var standings = []standing{
	standingFailed, standingTroubled, standingKnown, standingWarned, standingUnjudged, standingSkipped, standingPassed,
}

// rank returns the place of a standing among all, the worst first.
func rank(one standing) int { return slices.Index(standings, one) }

// standingWords describe the standings in few words.
var standingWords = map[standing]string{
	standingPassed: "passed", standingFailed: "failed", standingKnown: "known failure", standingWarned: "warning",
	standingTroubled: "not judged", standingUnjudged: "not judged, not counted", standingSkipped: "skipped",
}

// Standing returns the outcome of a result in the words of every format, as it stands beside the known failures.
func (r Report) Standing(result Result, known ...KnownFailure) string {
	if result.Outcome == Fail && result.Known == "" {
		result.Known = reasonFor(result, known)
	}
	return standingWords[r.standing(result)]
}

func (r Report) standing(result Result) standing {
	switch {
	case r.Broken(result):
		return standingFailed
	case result.Outcome == Fail && result.Known != "":
		return standingKnown
	case result.Outcome == Fail:
		return standingWarned
	case r.troubled(result):
		return standingTroubled
	case result.Outcome == Trouble:
		return standingUnjudged
	case result.Outcome == Skip:
		return standingSkipped
	}
	return standingPassed
}

// tally counts results by standing.
func (r Report) tally(results []Result) map[standing]int {
	counts := map[standing]int{}
	for _, result := range results {
		counts[r.standing(result)]++
	}
	return counts
}

// judgement returns the verdict, and the capabilities without which it was reached.
func (r Report) judgement() string {
	var lacking []string
	for _, capability := range r.Capabilities {
		if !capability.Present {
			lacking = append(lacking, capability.Name)
		}
	}
	if len(lacking) == 0 || r.Counts[Pass]+r.Counts[Fail] == 0 {
		return string(r.Verdict)
	}
	last := len(lacking) - 1
	if last == 0 {
		return string(r.Verdict) + ", without " + lacking[0]
	}
	return string(r.Verdict) + ", without " + strings.Join(lacking[:last], ", ") + " and " + lacking[last]
}

// kinds are capabilities that the target has, or lacks, for the same reason.
type kinds struct {
	Present           bool
	Names, Provenance string
}

// kinds returns the capabilities, with strategies of one reason together.
func (r Report) kinds() []kinds {
	var list []kinds
	strategies := map[kinds]int{}
	for _, one := range r.Capabilities {
		key := kinds{Present: one.Present, Provenance: one.Provenance}
		if at, known := strategies[key]; known && one.Strategy {
			list[at].Names += ", " + one.Name
			continue
		}
		if one.Strategy {
			strategies[key] = len(list)
		}
		list = append(list, kinds{one.Present, one.Name, one.Provenance})
	}
	return list
}

// family returns the first word of a check's id.
func (r Result) family() string {
	name, _, _ := strings.Cut(r.ID, "/")
	return name
}

// family is a group of checks about one subject.
type family struct {
	Name   string
	Checks []Result
}

// families returns the checks by family, in their order.
func (r Report) families() []family {
	var list []family
	for _, result := range r.Checks {
		at := slices.IndexFunc(list, func(f family) bool { return f.Name == result.family() })
		if at < 0 {
			at = len(list)
			list = append(list, family{Name: result.family()})
		}
		list[at].Checks = append(list[at].Checks, result)
	}
	return list
}

// alike are checks with the same reason for their outcome.
type alike struct {
	Reason  string
	IDs     []string
	Results []Result
}

// gathered groups the wanted results by reason, in their order.
func (r Report) gathered(wanted func(Result) bool) []alike {
	var list []alike
	at := map[string]int{}
	for _, result := range r.Checks {
		if !wanted(result) {
			continue
		}
		if _, known := at[result.Reason]; !known {
			at[result.Reason] = len(list)
			list = append(list, alike{Reason: result.Reason})
		}
		group := &list[at[result.Reason]]
		group.IDs, group.Results = append(group.IDs, result.ID), append(group.Results, result)
	}
	return list
}

// skippedMusts groups skipped checks that would count, by reason. They are never hidden.
func (r Report) skippedMusts() []alike {
	return r.gathered(func(result Result) bool {
		return result.Outcome == Skip && !result.optional && (result.Level == credmock.Must || r.Strict)
	})
}

// troubles groups checks that could not be judged, the largest group first: an unreachable target gives all of them one reason.
func (r Report) troubles() []alike {
	list := r.gathered(func(result Result) bool { return result.Outcome == Trouble })
	slices.SortStableFunc(list, func(a, b alike) int { return cmp.Compare(len(b.IDs), len(a.IDs)) })
	return list
}

// told returns the notes and the coverage, a line each.
func (r Report) told() []string {
	if r.Coverage == nil {
		return r.Notes
	}
	return append(slices.Clone(r.Notes), r.Coverage.String())
}

// remark is something about the whole run that keeps it from being green.
type remark struct {
	ID, Text string
	Standing standing
}

// remarkJudged is the remark that the run could be judged.
const remarkJudged = "run/judged"

// remarks returns remarks about the run itself, the ledger and things left behind, for formats that list checks only.
func (r Report) remarks() []remark {
	verdict := remark{remarkJudged, r.judgement() + ": " + r.Reason, standingPassed}
	if r.Verdict == Inconclusive {
		verdict.Standing = standingTroubled
	}
	list := []remark{verdict}
	for _, entry := range r.Stale {
		list = append(list, remark{"run/known/" + entry.ID, "the known failure " + entry.place() + " is stale: " + entry.Why, standingFailed})
	}
	for _, left := range r.LeftBehind {
		list = append(list, remark{"run/left-behind/" + left, "left behind: " + left, standingFailed})
	}
	return list
}

// Comparison is how a run stands beside a former one.
type Comparison struct {
	// New are the ids of checks that count and fail, or cannot be judged any more. Fixed are those that failed and do so no longer;
	// Still those that failed before.
	New   []string `json:"new"`
	Fixed []string `json:"fixed"`
	Still []string `json:"still"`
	// Gone are the ids of checks that passed in the former run and were not judged in this one, because they were skipped or not
	// selected.
	Gone []string `json:"gone"`
}

// Compare compares a run with a former one.
func Compare(former, run Report) Comparison {
	compared := Comparison{New: []string{}, Fixed: []string{}, Still: []string{}, Gone: []string{}}
	before := map[string]standing{}
	for _, result := range former.Checks {
		before[result.ID] = former.standing(result)
	}
	for _, result := range run.Checks {
		was, known := before[result.ID]
		delete(before, result.ID)
		wasBad := known && was.isBad()
		switch stands := run.standing(result); {
		case stands.isBad() && wasBad:
			compared.Still = append(compared.Still, result.ID)
		case stands.isBad():
			compared.New = append(compared.New, result.ID)
		case wasBad && stands == standingPassed:
			compared.Fixed = append(compared.Fixed, result.ID)
		case was == standingPassed && stands == standingSkipped:
			compared.Gone = append(compared.Gone, result.ID)
		}
	}
	for _, result := range former.Checks {
		if was, left := before[result.ID]; left && was == standingPassed {
			compared.Gone = append(compared.Gone, result.ID)
		}
	}
	return compared
}

// isBad tells whether a result of this standing keeps a run from conforming.
func (s standing) isBad() bool { return s == standingFailed || s == standingTroubled }

// Worse tells whether the run is worse than the former one.
func (c Comparison) Worse() bool { return len(c.New)+len(c.Gone) > 0 }
