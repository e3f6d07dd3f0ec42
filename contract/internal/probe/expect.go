package probe

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/gavv/httpexpect/v2"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// Expectation holds an answer to something. If it is not met, it becomes a finding.
type Expectation struct {
	probe             *Probe
	e                 *wire.Exchange
	place, seen, owed string
}

// Expect returns an expectation about a place in an answer. Its finding says seen and owed; both may be empty for
// [Expectation.Value], which then finds its own words.
func (p *Probe) Expect(e *wire.Exchange, place, seen, owed string) *Expectation {
	return &Expectation{p, e, place, seen, owed}
}

// ExpectStatus returns an expectation about the status of an answer.
func (p *Probe) ExpectStatus(e *wire.Exchange, owed string) *Expectation {
	return p.Expect(e, "", strconv.Itoa(e.Status), owed)
}

// Holds meets the expectation if fine, and returns fine.
func (x *Expectation) Holds(fine bool) bool {
	if !fine {
		x.probe.Fail(x.e, x.place, x.seen, x.owed)
		return false
	}
	x.probe.Pass()
	return true
}

// Value opens a chain of assertions on a value of the answer. The text of httpexpect would print the value, so a finding takes
// only the kind of the failed assertion from it.
func (x *Expectation) Value(value any) *httpexpect.Value {
	x.probe.Pass()
	return httpexpect.NewValueC(httpexpect.Config{
		TestName:         x.probe.Scope,
		Reporter:         silent{},
		AssertionHandler: x,
	}, outline(value, 3))
}

// ExpectAnswer opens a chain of assertions on the body of an answer.
func (p *Probe) ExpectAnswer(e *wire.Exchange) *httpexpect.Value {
	return p.Expect(e, "", "", "").Value(e.Decoded())
}

// outline returns a value without its deeper levels: httpexpect copies its argument at every step, and an answer may be long.
func outline(value any, levels int) any {
	switch value := value.(type) {
	case map[string]any:
		short := map[string]any{}
		for name, inner := range value {
			if levels > 0 {
				short[name] = outline(inner, levels-1)
			}
		}
		return short
	case []any:
		return []any{}
	}
	return value
}

// Success is called for each assertion that holds.
func (x *Expectation) Success(*httpexpect.AssertionContext) {}

// Failure is called for each assertion that does not hold.
func (x *Expectation) Failure(_ *httpexpect.AssertionContext, failure *httpexpect.AssertionFailure) {
	x.probe.Fail(x.e, x.place, cmp.Or(x.seen, seenIn(failure)), cmp.Or(x.owed, owedIn(failure)))
}

func seenIn(failure *httpexpect.AssertionFailure) string {
	var actual any
	if failure.Actual != nil {
		actual = failure.Actual.Value
	}
	switch failure.Type { //nolint:exhaustive // the rest has one wording
	case httpexpect.AssertContainsKey:
		return "the member is missing"
	case httpexpect.AssertMatchRegexp:
		return "a string of another form"
	}
	return "a value of type " + jsonvalue.TypeOf(actual)
}

func owedIn(failure *httpexpect.AssertionFailure) string {
	switch failure.Type { //nolint:exhaustive // the rest has one wording
	case httpexpect.AssertContainsKey, httpexpect.AssertMatchRegexp:
		if failure.Expected != nil {
			return fmt.Sprint(failure.Expected.Value)
		}
	}
	for _, err := range failure.Errors {
		return err.Error()
	}
	return "another"
}

// silent discards failure reports: the expectation has made findings of them.
type silent struct{}

func (silent) Errorf(string, ...any) {}
