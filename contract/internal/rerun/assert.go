package rerun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/lazy"
)

// assert writes the assertion that fails with a finding, and reports whether it says all that the check says.
func (s *script) assert(finding report.Finding, steps []*wire.Exchange, shown *wire.Exchange) bool {
	if slices.ContainsFunc(steps, repeatsAnswer) {
		return false
	}
	_, place, _ := strings.Cut(finding.Where, fmt.Sprint(" ", shown.Status))
	place = strings.TrimSpace(place)
	switch {
	case finding.Kind == "status":
		return s.assertStatus(finding.Owed)
	case finding.Difference != nil && shown.Operation.Member == "" && strings.HasPrefix(place, "/payload"):
		return s.assertValue(finding.Difference, steps)
	case finding.Kind == "leak" && strings.HasSuffix(finding.Seen, "(plain)"):
		return s.assertNoSecret(finding.Seen, shown)
	}
	return false
}

// repeatsAnswer tells whether a body repeats what a server answered: it holds a time, or a member that no body has.
func repeatsAnswer(e *wire.Exchange) bool {
	if timeInText().Match(e.Sent) {
		return true
	}
	var body map[string]any
	if e.Operation.Body == nil || json.Unmarshal(e.Sent, &body) != nil {
		return false
	}
	for name := range body {
		if property := e.Operation.Body.Property(name); property == nil || property.ReadOnly {
			return true
		}
	}
	return false
}

var statusInText = lazy.Regexp(`\b[2-5]\d\d\b`)

// assertStatus asserts a status as a finding owes it: a single one, or the class of several.
func (s *script) assertStatus(owed string) bool {
	statuses := statusInText().FindAllString(owed, -1)
	class := func(status string) string { return status[:1] }
	switch {
	case len(statuses) == 1:
		s.line("status", textWord(statuses[0]))
	case len(statuses) > 1 && !slices.ContainsFunc(statuses, func(one string) bool { return class(one) != class(statuses[0]) }):
		s.line("status", textWord(class(statuses[0])+"xx"))
		return false // some other status of the class may be wrong, too
	case strings.HasPrefix(owed, "taken"), strings.HasPrefix(owed, "a success"):
		s.line("status", textWord("2xx"))
	case strings.HasPrefix(owed, "a refusal"):
		s.line("status", textWord("4xx"))
	default:
		return false
	}
	return true
}

// assertValue asserts the value of a member. A value that a line cannot hold, and one that a run replaces, are not asserted.
func (s *script) assertValue(difference *report.Difference, steps []*wire.Exchange) bool {
	value := difference.OwedValue()
	member, sent := []byte(jsonvalue.Canonical(difference.Member)+":"), false
	for _, e := range steps {
		if bytes.Contains(e.Sent, member) {
			sent = bytes.Contains(e.Sent, append(slices.Clone(member), jsonvalue.Canonical(value)...))
		}
	}
	if !sent || jsonvalue.Same(value, s.Organization) {
		return false // it is not what was sent last, so another server has another value
	}
	return value != nil && s.json("/payload/"+difference.Member, value)
}

// json asserts a value at a pointer, and reports whether a line can hold it.
func (s *script) json(pointer string, value any) bool {
	text := strings.ReplaceAll(jsonvalue.Canonical(value), s.RunName, strings.TrimSpace(leftover.NamePrefix))
	if !isPrintable(text) || len(text) > longBody || strings.Contains(text, "$") || uuidInText().MatchString(text) ||
		timeInText().MatchString(text) || len(s.Detector.Scan(text, s.Scope)) > 0 {
		return false
	}
	s.line("json", textWord(pointer), textWord(text))
	return true
}

// assertName asserts that a step answered with the name that it sent, if it did.
func (s *script) assertName(e *wire.Exchange) {
	var sent map[string]any
	if !e.Success() || json.Unmarshal(e.Sent, &sent) != nil {
		return
	}
	name, isText := sent[s.RoleName(credmock.RoleName)].(string)
	if !isText || name == "" {
		return
	}
	if pointer := s.pointerTo(e, name); pointer != "" && isPrintable(pointer) {
		s.json(pointer, name)
	}
}

// assertNoSecret asserts that an answer does not hold the secret that stands in for the one that leaked.
func (s *script) assertNoSecret(seen string, shown *wire.Exchange) bool {
	for i, name := range s.Spec.Secrets() {
		if strings.Contains(seen, "/"+name+" ") && len(shown.Leaks) > 0 {
			s.line("! body", textWord(madeUp(i)))
			return true
		}
	}
	return false
}
