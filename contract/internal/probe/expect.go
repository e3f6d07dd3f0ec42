package probe

import (
	"fmt"

	"github.com/gavv/httpexpect/v2"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
)

// Expects opens a chain of assertions on a value of an answer. A failed one becomes a finding: httpexpect's own
// text would print the value, so only what kind of assertion failed, and where, is taken from it.
func (p *Probe) Expects(e *wire.Exchange, value any) *httpexpect.Value {
	p.Pass()
	return httpexpect.NewValueC(httpexpect.Config{
		TestName:         p.Scope,
		Reporter:         silent{},
		AssertionHandler: &findings{p, e},
	}, outline(value, 3))
}

// outline returns a value without what stands deeper than some levels: httpexpect copies what it is given at every step, and
// an answer may be long.
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

// findings turns failed assertions into findings of a probe.
type findings struct {
	probe *Probe
	e     *wire.Exchange
}

// Success is called for each assertion that holds.
func (f *findings) Success(*httpexpect.AssertionContext) {}

// Failure is called for each assertion that does not.
func (f *findings) Failure(_ *httpexpect.AssertionContext, failure *httpexpect.AssertionFailure) {
	f.probe.Fail(f.e, "", seenOf(failure), owedOf(failure))
}

func seenOf(failure *httpexpect.AssertionFailure) string {
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

func owedOf(failure *httpexpect.AssertionFailure) string {
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

// silent takes the reports that the handler has turned into findings already.
type silent struct{}

func (silent) Errorf(string, ...any) {}
