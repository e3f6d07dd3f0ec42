package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/internal/view"
)

// fixtureFaults collects everything that is wrong with fixtures, so that all of it is told at once. None of it holds a value of
// theirs: they may be secrets.
type fixtureFaults struct {
	all  []fixtureFault
	more int // how many were found beyond those
}

// fixtureFault is one of them.
type fixtureFault struct {
	line    int    // 0 where it has none
	pointer string // may be empty
	message string
}

func (f fixtureFault) Error() string {
	text := "fixtures: "
	if f.line > 0 {
		text += fmt.Sprintf("line %d: ", f.line)
	}
	if f.pointer != "" {
		text += f.pointer + ": "
	}
	return text + f.message
}

func (f fixtureFault) Unwrap() error {
	return &source.Mistake{Line: f.line, Place: f.pointer, Message: f.message}
}

func (f *fixtureFaults) add(at fixturePlace, message string) {
	fault := fixtureFault{pointer: at.pointer, message: message}
	if at.node != nil {
		fault.line = at.node.Line
	}
	f.note(fault)
}

// violations notes what the document finds wrong with an item. The known names are those that the item may have.
func (f *fixtureFaults) violations(item fixtureItem, found []view.Violation, known []string) {
	for _, violation := range found {
		at := item.place
		switch {
		case f.full(): // it is counted, wherever it is
		case violation.Pointer != "":
			at = at.find(violation.Pointer)
		case violation.Code == view.CodeUnknownMember:
			at = at.unknownKey(known)
		}
		f.add(at, violation.Message)
	}
}

// err returns all faults, by their lines; nil for none.
func (f *fixtureFaults) err() error {
	slices.SortStableFunc(f.all, func(a, b fixtureFault) int { return cmp.Compare(a.line, b.line) })
	var faults []error
	for _, fault := range slices.Compact(f.all) {
		faults = append(faults, fault)
	}
	if f.more > 0 {
		faults = append(faults, fixtureFault{message: fmt.Sprintf("only %d mistakes are listed; there are %d more", len(f.all), f.more)})
	}
	return errors.Join(faults...)
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// broken says where YAML goes wrong. The text of the error itself may hold what stands there.
func (f *fixtureFaults) broken(err error) {
	reasons := []string{err.Error()}
	var many *yaml.TypeError
	if errors.As(err, &many) {
		reasons = many.Errors
	}
	for _, reason := range reasons {
		fault := fixtureFault{message: "this is not YAML"}
		if match := lineOf.FindStringSubmatch(reason); match != nil {
			fault.line, _ = strconv.Atoi(match[1])
		}
		switch {
		case strings.Contains(reason, "already defined"):
			fault.message = "the key stands there twice"
		case strings.Contains(reason, "cannot unmarshal"):
			fault.message = "the value has the wrong type"
		case strings.Contains(reason, "alias"), strings.Contains(reason, "anchor"):
			fault.message = "an alias here leads nowhere, to itself, or to too much"
		}
		f.note(fault)
	}
}
