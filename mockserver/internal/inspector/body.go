package inspector

import (
	"bytes"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/journal"
)

// uiLine is one line of a formatted body: a member, an element or a bracket.
type uiLine struct {
	Indent  string
	Name    string // quoted name of the member; empty if none
	Value   string
	Comma   bool
	pointer string
	Marks   []uiMarked
}

// uiMarked is a violation marked at a line.
type uiMarked struct{ ID, Message string }

// uiLayout formats a body.
type uiLayout struct {
	decoder *jsontext.Decoder
	lines   []uiLine
}

// uiLines formats a body; nil if it is empty or not JSON.
func uiLines(body jsontext.Value) []uiLine {
	if len(body) == 0 {
		return nil
	}
	layout := &uiLayout{decoder: jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))}
	switch err := layout.value(0, ""); {
	case errors.Is(err, errManyLines):
		return append(layout.lines, uiLine{Value: uiRest, pointer: noPointer})
	case err != nil:
		return nil
	}
	return layout.lines
}

// uiMostLines is the maximum number of lines of a body that the page shows. The JSON surface shows the whole body.
const uiMostLines = 500

// uiRest replaces the lines that are not shown.
const uiRest = "…"

var errManyLines = errors.New("the body has more lines than are shown")

// uiAll reports whether lines are a whole body.
func uiAll(lines []uiLine) bool { return len(lines) > 0 && lines[len(lines)-1].Value != uiRest }

// value formats the next value, behind the member's name unless that is empty.
func (l *uiLayout) value(depth int, name string) error {
	if len(l.lines) >= uiMostLines {
		return errManyLines
	}
	kind := l.decoder.PeekKind()
	if kind != jsontext.KindBeginObject && kind != jsontext.KindBeginArray {
		value, err := l.decoder.ReadValue()
		l.Add(depth, name, string(value))
		return err
	}
	open, err := l.decoder.ReadToken()
	if err != nil {
		return err
	}
	l.Add(depth, name, open.String())
	for {
		switch l.decoder.PeekKind() {
		case jsontext.KindEndObject, jsontext.KindEndArray:
			return l.end(depth)
		case jsontext.KindInvalid:
			_, err := l.decoder.ReadToken()
			return err
		}
		if err := l.member(depth+1, kind == jsontext.KindBeginObject); err != nil {
			return err
		}
	}
}

// member formats one member or element. A comma is added once another is known to follow.
func (l *uiLayout) member(depth int, named bool) error {
	name := ""
	if named {
		value, err := l.decoder.ReadValue()
		if err != nil {
			return err
		}
		name = string(value)
	}
	if err := l.value(depth, name); err != nil {
		return err
	}
	next := l.decoder.PeekKind()
	l.lines[len(l.lines)-1].Comma = next != jsontext.KindEndObject && next != jsontext.KindEndArray
	return nil
}

// end closes an object or array, on the same line if it is empty.
func (l *uiLayout) end(depth int) error {
	token, err := l.decoder.ReadToken()
	if err != nil {
		return err
	}
	if last := &l.lines[len(l.lines)-1]; last.Value == "{" || last.Value == "[" {
		last.Value += token.String()
		return nil
	}
	l.Add(depth, "", token.String())
	l.lines[len(l.lines)-1].pointer = noPointer
	return nil
}

// noPointer is the pointer of a closing line. It is not a valid JSON pointer.
const noPointer = "end"

func (l *uiLayout) Add(depth int, name, value string) {
	l.lines = append(l.lines, uiLine{
		Indent: strings.Repeat("  ", depth), Name: name, Value: value, pointer: string(l.decoder.StackPointer()),
	})
}

// uiMark marks the line of a violation or, if that is missing, the nearest enclosing one. It reports whether a line was marked.
// A violation without a place in the body marks none.
func uiMark(lines []uiLine, violation journal.Violation, id string) bool {
	if violation.Code == view.CodeUnknownMember && violation.Pointer == "" {
		return uiMarkUnknown(lines, violation, id)
	}
	if len(lines) == 0 || violation.Pointer == "" {
		return false
	}
	for pointer := violation.Pointer; ; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		for i := range lines {
			if lines[i].pointer == pointer {
				lines[i].Marks = append(lines[i].Marks, uiMarked{id, violation.Message})
				return true
			}
		}
		if !strings.Contains(pointer, "/") {
			return false
		}
	}
}

// uiMarkUnknown marks a member with an unknown name, which the journal does not keep. Of several, each violation marks one;
// which one cannot be known.
func uiMarkUnknown(lines []uiLine, violation journal.Violation, id string) bool {
	for i := range lines {
		if len(lines[i].Marks) == 0 && strings.HasPrefix(lines[i].Name, `"`+censor.UnknownPrefix+" ") {
			lines[i].Marks = []uiMarked{{id, violation.Message}}
			return true
		}
	}
	return false
}
