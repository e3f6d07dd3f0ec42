package report

import (
	"slices"
	"strconv"
	"time"

	"github.com/credmock/credmock/contract/internal/folder"
	"github.com/credmock/credmock/internal/foreign"
)

// Finding is a violation that a check has found: the value that it saw, and the one that it should have seen. It never holds a
// secret. All of its texts count as the target's, except for the own parts given to SetReproduce.
type Finding struct {
	// Kind says in a word what is wrong, such as trimmed, leak or status; empty if there is no word for it.
	Kind      string `json:"kind,omitempty"`
	Seen      string `json:"seen"`
	Owed      string `json:"owed"`
	Where     string `json:"where"`
	Reproduce string `json:"reproduce,omitempty"`
	// Steps are lines of a shell to run before Reproduce, in the same shell.
	Steps []string `json:"steps,omitempty"`
	// Answer is the beginning of the target's answer, unless that holds a secret.
	Answer string `json:"answer,omitempty" print:"lines"`

	// Difference shows the first value that came back wrong beside the one that is owed.
	Difference *Difference `json:"difference,omitempty"`

	ownReproduce string
	untold       int // the number of findings that this one counts
}

// SetReproduce sets the command that reproduces the finding.
func (f *Finding) SetReproduce(command foreign.Mixed) {
	f.Reproduce, f.ownReproduce = command.String(), command.Own()
}

// Difference is a value that came back wrong, beside the one that is owed. Both are JSON, and may be cut.
type Difference struct {
	Member string `json:"member"`
	// Kind says in a word how the value was changed.
	Kind string `json:"kind"`
	Seen string `json:"seen"`
	Owed string `json:"owed"`
	// At is the place of the first difference, in characters of Seen and Owed.
	At int `json:"at"`

	owed any // the whole value
}

// NewDifference returns a difference that remembers the whole value that is owed.
func NewDifference(shown Difference, owed any) *Difference {
	shown.owed = owed
	return &shown
}

// OwedValue returns the whole value that is owed; nil if it is not known.
func (d *Difference) OwedValue() any { return d.owed }

// Exchange is one request of a run, and its answer.
type Exchange struct {
	Check     string // the id of its check, or the name of a part of the run
	Request   string // the method and the path template
	Principal string
	Status    int // 0 if no answer came
	Started   time.Time
	Took      time.Duration // until the answer began
}

// Cause is what findings of one or more checks have in common: the fault that a developer mends once.
type Cause struct {
	// Title says in a sentence what is wrong.
	Title string `json:"title"`
	// Kind is the kind of its findings; see [Finding].
	Kind string `json:"kind,omitempty"`
	// Checks are the ids of the checks that found it, the plainest first.
	Checks []string `json:"checks"`
	// Places are the places where it was found, each once.
	Places []string `json:"places,omitempty"`
	// Follows are the ids of checks that fail at the same places, and likely pass once this is mended.
	Follows []string `json:"follows,omitempty"`
	// Finding is the one that shows it in the plainest way.
	Finding Finding `json:"finding"`
}

// moreOfThisKind begins the text of a finding that only counts others.
const moreOfThisKind = "more of this kind"

// Lines returns the lines of a shell that reproduce the finding.
func (f Finding) Lines() []string {
	if f.Reproduce == "" {
		return nil
	}
	return append(slices.Clone(f.Steps), f.Reproduce)
}

// Untold tells whether the finding only counts others, which are not reported themselves.
func (f Finding) Untold() bool { return f.untold > 0 }

// Alike tells whether two findings say the same, apart from their requests.
func (f Finding) Alike(other Finding) bool {
	return f.Seen == other.Seen && f.Owed == other.Owed && f.Where == other.Where
}

// CountUntold counts one more finding that is not reported itself, in the last of the findings.
func CountUntold(told []Finding, owed string) []Finding {
	if last := len(told) - 1; last >= 0 && told[last].untold > 0 {
		return append(told[:last], more(told[last].untold+1, told[last].Owed))
	}
	return append(told, more(1, owed))
}

// more returns a finding that counts others.
func more(untold int, owed string) Finding {
	return Finding{Seen: moreOfThisKind + " (" + strconv.Itoa(untold) + ")", Owed: owed, untold: untold}
}

// reportBudget bounds the bytes of a report's findings. Beyond it a check reports only its first finding, without request and
// answer.
const reportBudget = 4 << 20

// bound bounds the texts of the report, and its findings by a budget of bytes.
func (r *Report) bound(budget int) {
	r.Reason = foreign.Text(r.Reason).Short()
	for i, left := range r.LeftBehind {
		r.LeftBehind[i] = foreign.Text(left).Short()
	}
	for i := range r.Capabilities {
		r.Capabilities[i].Provenance = foreign.Text(r.Capabilities[i].Provenance).Short()
	}
	size := 0
	for i := range r.Checks {
		check := &r.Checks[i]
		check.Reason = foreign.Text(check.Reason).Short()
		for _, finding := range check.Findings {
			size += len(finding.Seen) + len(finding.Owed) + len(finding.Where) + len(finding.Reproduce) + len(finding.Answer)
		}
		if size > budget {
			check.Findings = firstOf(check.Findings)
		}
	}
}

// firstOf returns the first of many findings, shortened, and the number of the others.
func firstOf(findings []Finding) []Finding {
	if len(findings) == 0 {
		return nil
	}
	first := findings[0]
	first.Reproduce, first.Answer = "", ""
	untold := 0
	for _, finding := range findings[1:] {
		untold += max(1, finding.untold)
	}
	if untold == 0 {
		return []Finding{first}
	}
	return []Finding{first, more(untold, first.Owed)}
}

// WriteScenarios writes a scenario file for each failed check into directory, which it creates if needed. A file has the requests
// before the first finding and the check itself, so it fails for the same reason wherever `credmock run` replays it. Requests that a
// scenario cannot repeat exactly are left out, and no file holds a secret that the run sent. It returns the names of the files.
func (r Report) WriteScenarios(directory string) ([]string, error) {
	var into *folder.Folder
	for _, result := range r.Checks {
		if result.Scenario == "" {
			continue
		}
		if into == nil {
			var err error
			if into, err = folder.Open(directory); err != nil {
				return nil, err
			}
			defer into.Close()
		}
		if err := into.Write(result.ID, result.Scenario); err != nil {
			return into.Files, err
		}
	}
	if into == nil {
		return nil, nil
	}
	return into.Files, nil
}
