package engine

import (
	"errors"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/guard"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

var statusForm = lazy.Regexp(`^[1-5]([0-9][0-9]|xx)$`)

func (s *scene) status(ts *testscript.TestScript, negative bool, arguments []string) {
	owed, answer := arguments[0], s.answered(ts)
	if !statusForm().MatchString(owed) {
		ts.Fatalf("%s is no status: give a code such as 404, or a class such as 4xx", bound.Brief(owed))
	}
	same := strconv.Itoa(answer.status) == owed
	if class, isClass := strings.CutSuffix(owed, "xx"); isClass {
		same = strconv.Itoa(answer.status/100) == class
	}
	switch {
	case !same && !negative:
		ts.Fatalf("%s %s: seen status %d, owed %s", answer.method, bound.Brief(answer.path), answer.status, owed)
	case same && negative:
		ts.Fatalf("%s %s: seen status %d, owed any but %s", answer.method, bound.Brief(answer.path), answer.status, owed)
	}
}

// json asserts on one value of the answer.
func (s *scene) json(ts *testscript.TestScript, negative bool, arguments []string) {
	pointer := arguments[0]
	if negative == (len(arguments) == 2) {
		ts.Fatalf("usage: %s, or %s", language()["json"].usage, language()["json"].negated)
	}
	seen, err := ordered.Resolve(s.value(ts), pointer)
	if negative {
		owesNothing(ts, pointer, seen, err)
		return
	}
	ts.Check(err)
	if differences := ordered.Compare(ordered.Literal(arguments[1]), seen, pointer); len(differences) > 0 {
		ts.Fatalf("%s", differences[0])
	}
}

func owesNothing(ts *testscript.TestScript, pointer string, seen any, err error) {
	var absent *ordered.AbsentError
	if err == nil {
		ts.Fatalf("%s: seen %s, owed nothing", bound.Brief(pointer), ordered.Describe(seen))
	}
	if !errors.As(err, &absent) {
		ts.Fatalf("%v", err)
	}
}

// value returns the JSON of the last answer.
func (s *scene) value(ts *testscript.TestScript) any {
	answer := s.answered(ts)
	value, err := answer.json()
	if err != nil {
		ts.Fatalf("the body of %s is not a JSON value: %v", answer, err)
	}
	return value
}

func (s *scene) capture(ts *testscript.TestScript, _ bool, arguments []string) {
	name, pointer := arguments[0], arguments[1]
	if !ordered.VariableForm().MatchString(name) {
		ts.Fatalf("%s is no name for a variable: use letters, digits and _, and no $", bound.Brief(name))
	}
	if guard.IsReserved(name) {
		ts.Fatalf("$%s belongs to the machine; capture under another name", name)
	}
	value, err := ordered.Resolve(s.value(ts), pointer)
	ts.Check(err)
	text, whole := value.(string)
	if !whole {
		text, whole = ordered.Compact(value, bound.CaptureLimit)
	}
	if !whole || len(text) > bound.CaptureLimit {
		ts.Fatalf("the value at %s is longer than %s, which is more than a variable holds", bound.Brief(pointer), bound.Size(bound.CaptureLimit))
	}
	if s.keptValues += len(text); s.keptValues > bound.LineLimit {
		ts.Fatalf("the captured values are longer than %s together", bound.Size(bound.LineLimit))
	}
	s.captured[name] = true
	ts.Setenv(name, text)
}

func (s *scene) body(ts *testscript.TestScript, negative bool, arguments []string) {
	answer, text := s.answered(ts), arguments[0]
	s.secrets.LearnPart(text)
	if text == "" {
		ts.Fatalf("usage: %s; an empty text is in every answer", language()["body"].usage)
	}
	switch found := strings.Contains(answer.raw(), text); {
	case !found && !negative:
		ts.Fatalf("%s does not contain %s", answer, bound.Brief(text))
	case found && negative:
		ts.Fatalf("%s contains %s in its %s", answer, bound.Brief(text), bound.Brief(answer.placeOf(text)))
	}
}

// placeOf says which part of the answer holds a text.
func (a *answer) placeOf(text string) string {
	if strings.Contains(string(a.body), text) {
		return "body"
	}
	for name, values := range a.header {
		if strings.Contains(strings.Join(values, "\n"), text) {
			return "header " + name
		}
	}
	return "head"
}
