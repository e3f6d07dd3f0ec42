package probe

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/gavv/httpexpect/v2"

	"github.com/credmock/credmock/contract/internal/blame"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/contract/report"
)

// Expectation holds an answer to something. If it is not met, it becomes a finding.
type Expectation struct {
	probe             *Probe
	e                 *wire.Exchange
	place, seen, owed string
	kind              string
	difference        func() *report.Difference // may be nil
}

// Expect returns an expectation about a place in an answer. Its finding says seen and owed; both may be empty for
// [Expectation.Value], which then finds its own words.
func (p *Probe) Expect(e *wire.Exchange, place, seen, owed string) *Expectation {
	return &Expectation{probe: p, e: e, place: place, seen: seen, owed: owed}
}

// ExpectStatus returns an expectation about the status of an answer.
func (p *Probe) ExpectStatus(e *wire.Exchange, owed string) *Expectation {
	x := p.Expect(e, "", strconv.Itoa(e.Status), owed)
	x.kind = blame.Status
	return x
}

// Beside adds what the finding says of members that differ from those that are owed: the first that was changed in a known way, or
// the first of all.
func (x *Expectation) Beside(owed, seen map[string]any, names ...string) *Expectation {
	x.difference = func() *report.Difference { return x.probe.firstDifference(x.e, owed, seen, names) }
	return x
}

// Holds meets the expectation if fine, and returns fine.
func (x *Expectation) Holds(fine bool) bool {
	if !fine {
		x.fail(x.seen, x.owed)
		return false
	}
	x.probe.Pass()
	return true
}

// fail makes a finding of the expectation. A refusal has the words of the target beside its status.
func (x *Expectation) fail(seen, owed string) {
	finding := report.Finding{Kind: x.kind, Seen: seen, Owed: owed}
	if x.difference != nil {
		if finding.Difference = x.difference(); finding.Difference != nil {
			finding.Kind = finding.Difference.Kind
			finding.Seen += "; " + blame.Words(finding.Difference)
		}
	}
	if x.kind == blame.Status {
		if message := x.probe.messageOf(x.e); message != "" {
			finding.Seen += ", and the words " + strconv.Quote(message)
		}
	}
	x.probe.fail(x.e, x.place, finding)
}

// messageOf returns what an answer says in words, without a secret and without what differs between runs.
func (p *Probe) messageOf(e *wire.Exchange) string {
	first := jsonvalue.Member(e.Value, "errors")
	if list, isList := first.([]any); isList && len(list) > 0 {
		first = list[0]
	}
	for _, from := range []any{first, jsonvalue.Member(e.Value, "error"), e.Value, jsonvalue.Member(e.Value, "payload")} {
		for _, name := range messageNames {
			if text, isText := jsonvalue.Member(from, name).(string); isText && text != "" {
				return jsonvalue.Shorten(p.Writer(p.Scope).Plain(text))
			}
		}
	}
	return ""
}

// messageNames are the names under which servers say what was wrong.
var messageNames = []string{"message", "detail", "error_description", "title", "error", "reason"}

// firstDifference returns the first of the members that was changed in a known way, or the first of all that differ.
func (p *Probe) firstDifference(e *wire.Exchange, owed, seen map[string]any, names []string) *report.Difference {
	var first *report.Difference
	for _, name := range slices.Sorted(slices.Values(names)) {
		if p.IsSame(name, owed[name], seen[name]) {
			continue
		}
		kind := blame.KindOf(seen[name], owed[name])
		if kind == blame.Changed || kind == blame.Coerced {
			kind = cmp.Or(p.originOf(e, name, seen[name]), kind)
		}
		if first == nil || kind != blame.Changed {
			first = blame.DifferenceOf(name, kind, seen[name], owed[name], func(value any) string {
				return p.Writer(p.Scope).Plain(blame.JSON(value))
			})
		}
		if kind != blame.Changed {
			break
		}
	}
	return first
}

const (
	// longEarlier is the length from which a value is no chance that the same member of the same thing had before.
	longEarlier = 4
	// longOrigin is the length from which a value is no chance anywhere.
	longOrigin = 8
)

// originOf tells where a wrong value comes from, as far as the requests of the run show it; "" if they do not.
func (p *Probe) originOf(e *wire.Exchange, name string, value any) (origin string) {
	text, member := jsonvalue.Canonical(value), jsonvalue.Canonical(name)
	if value == nil || len(text) < longEarlier {
		return ""
	}
	anywhere, here := []byte(":"+text), []byte(member+":"+text)
	id, isLong := e.Subject(), len(text) >= longOrigin
	for _, other := range p.SoFar() {
		if other == e || other.Operation == nil || !bytes.Contains(other.Sent, anywhere) {
			continue
		}
		isMember := bytes.Contains(other.Sent, here)
		switch isSame := id != "" && other.Subject() == id; {
		case isSame && isMember:
			return blame.Before
		case isSame && isLong:
			origin = blame.Swapped
		case isLong && isMember:
			origin = cmp.Or(origin, blame.Another)
		}
	}
	return origin
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
	x.fail(cmp.Or(x.seen, seenIn(failure)), cmp.Or(x.owed, owedIn(failure)))
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
