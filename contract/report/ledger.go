package report

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/source"
)

// KnownFailure is an entry of the ledger of known failures: a check that may fail for now, and why.
type KnownFailure struct {
	// ID is the id of the check.
	ID string
	// Reason says why the failure is accepted. It is required.
	Reason string
	// Expires is the last day on which the entry holds. If zero, it holds until it is removed.
	Expires time.Time
	// Finding is a part of a finding, or a regular expression that matches it. If empty, every finding of the check is known.
	Finding string
	// Line is the line of the entry in its file. May be zero.
	Line int
}

// StaleEntry is an entry of the ledger that is no longer true.
type StaleEntry struct {
	ID   string `json:"id"`
	Line int    `json:"line,omitempty"`
	Why  string `json:"why"`

	ownWhy string
}

// place returns the place of the entry for a report.
func (e StaleEntry) place() string {
	if e.Line == 0 {
		return e.ID
	}
	return fmt.Sprintf("%s (line %d)", e.ID, e.Line)
}

// matches tells whether a finding is the entry's. A finding that only counts others is of the kind before it.
func (k KnownFailure) matches(finding Finding) bool {
	if k.Finding == "" || finding.untold > 0 || strings.Contains(finding.Seen, k.Finding) {
		return true
	}
	expression, err := regexp.Compile(k.Finding)
	return err == nil && expression.MatchString(finding.Seen)
}

// expired tells whether the entry's last day has ended. Days are in UTC, so that a run ends the same everywhere.
func (k KnownFailure) expired(now time.Time) bool {
	return !k.Expires.IsZero() && now.UTC().Format(time.DateOnly) > k.Expires.Format(time.DateOnly)
}

// Check refuses an incomplete entry. The error is a [*UsageError] or nil.
func (k KnownFailure) Check() error {
	if k.ID == "" || strings.TrimSpace(k.Reason) == "" {
		return &UsageError{"a known failure needs the id of a check and a reason"}
	}
	return nil
}

// Weigh marks known failures and collects stale entries. An entry is not stale if its check was not selected or could not be
// judged. planned has the ids of all checks, selected or not.
func (r *Report) Weigh(known []KnownFailure, planned map[string]bool, now time.Time) {
	results := map[string]*Result{}
	for i := range r.Checks {
		result := &r.Checks[i]
		results[result.ID] = result
		if result.Outcome == Fail {
			result.Known = reasonFor(*result, known)
		}
	}
	for _, entry := range known {
		if why := entry.stale(results[entry.ID], planned, now); !why.IsEmpty() {
			r.Stale = append(r.Stale, StaleEntry{ID: entry.ID, Line: entry.Line, Why: why.String(), ownWhy: why.Own()})
		}
	}
}

// reasonFor returns why a failure is accepted. It is "" if one of the findings is in no entry: that finding is new.
func reasonFor(result Result, known []KnownFailure) string {
	var reasons []string
	for _, finding := range result.Findings {
		found := false
		for _, entry := range known {
			if entry.ID == result.ID && entry.matches(finding) {
				found = true
				if !slices.Contains(reasons, entry.Reason) {
					reasons = append(reasons, entry.Reason)
				}
			}
		}
		if !found {
			return ""
		}
	}
	return strings.Join(reasons, "; ")
}

// stale returns why the entry is no longer true, or "". result is nil if the check was not selected.
func (k KnownFailure) stale(result *Result, planned map[string]bool, now time.Time) (why foreign.Mixed) {
	switch {
	case result == nil && !planned[k.ID]:
		return foreign.Say("no check has this id")
	case result == nil:
		return why
	case result.Outcome == Pass:
		return foreign.Say("the check passes now; take the entry out")
	case result.Outcome == Fail && !k.matchesAny(result.Findings):
		return foreign.Say("the check fails, but no longer with this finding")
	case k.expired(now):
		return foreign.Say("it expired on %s", k.Expires.Format(time.DateOnly))
	}
	return why
}

func (k KnownFailure) matchesAny(findings []Finding) bool {
	for _, finding := range findings {
		if finding.untold == 0 && k.matches(finding) {
			return true
		}
	}
	return false
}

// ReadKnown reads a ledger of known failures: a YAML list of entries with id, reason, and optionally expires (a date) and
// finding. The error is a [*UsageError] that names the line.
func ReadKnown(r io.Reader) ([]KnownFailure, error) {
	known, mistake := readKnown(r)
	if mistake != nil {
		return nil, &UsageError{mistake.Error()}
	}
	return known, nil
}

func readKnown(r io.Reader) ([]KnownFailure, *source.Mistake) {
	decoder := yaml.NewDecoder(r)
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil // an empty ledger is a finished one
	} else if err != nil {
		mistake := source.Syntax(err)[0]
		if mistake.Line == 0 {
			mistake.Place = "the file"
		}
		return nil, mistake
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &source.Mistake{Message: "there is a second document; put everything in one list"}
	}
	return readLedger(document.Content[0])
}

func atLine(node *yaml.Node, format string, arguments ...any) *source.Mistake {
	return &source.Mistake{Line: node.Line, Message: fmt.Sprintf(format, arguments...)}
}

func readLedger(root *yaml.Node) ([]KnownFailure, *source.Mistake) {
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.SequenceNode {
		return nil, atLine(root, "a ledger is a list; each entry begins with - id:")
	}
	var known []KnownFailure
	stood := map[[2]string]int{}
	for _, node := range root.Content {
		entry, mistake := readEntry(node)
		if mistake != nil {
			return nil, mistake
		}
		key := [2]string{entry.ID, entry.Finding}
		if stood[key] != 0 {
			return nil, atLine(node, "%s is listed on line %d already", entry.ID, stood[key])
		}
		stood[key] = node.Line
		known = append(known, entry)
	}
	return known, nil
}

func readEntry(node *yaml.Node) (KnownFailure, *source.Mistake) {
	entry := KnownFailure{Line: node.Line}
	if node.Kind != yaml.MappingNode {
		return entry, atLine(node, "an entry has the members id, reason, expires and finding")
	}
	stood := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if stood[key.Value] {
			return entry, atLine(key, "%q stands there twice", key.Value)
		}
		stood[key.Value] = true
		if mistake := entry.set(key, value); mistake != nil {
			return entry, mistake
		}
	}
	switch {
	case entry.ID == "":
		return entry, atLine(node, "the entry has no id; see the ids with --list")
	case strings.TrimSpace(entry.Reason) == "":
		return entry, atLine(node, "%s has no reason; say why the failure is accepted", entry.ID)
	}
	return entry, nil
}

// set sets one member of an entry.
func (k *KnownFailure) set(key, value *yaml.Node) *source.Mistake {
	if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
		return nil // an empty member is an absent one
	}
	if value.Kind != yaml.ScalarNode {
		return atLine(value, "%q must be text", key.Value)
	}
	switch key.Value {
	case "id":
		k.ID = value.Value
	case "reason":
		k.Reason = value.Value
	case "finding":
		k.Finding = value.Value
	case "expires":
		day, err := time.Parse(time.DateOnly, value.Value)
		if err != nil {
			return atLine(value, "expires must be a date, such as 2030-01-31")
		}
		k.Expires = day
	default:
		return atLine(key, "the key %q is not known here; there are id, reason, expires and finding", key.Value)
	}
	return nil
}
