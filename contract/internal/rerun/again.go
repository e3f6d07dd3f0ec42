package rerun

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// again writes the lines of a shell that lead to one exchange. It remembers which variables hold the ids and secrets.
type again struct {
	*Writer
	made    map[string]bool   // the ids that the run created; nil if they are not known
	ids     map[string]string // the variable of each id that the lines create
	secrets map[string]string // the variable of each secret
	numbers map[string]int    // the number of variables of each name

	named  map[*wire.Exchange][]string // the ids that a request names
	titles map[*wire.Exchange]string   // the name that the body of a create gives

	form *regexp.Regexp // of a secret in a body; nil until needed
}

func newAgain(w *Writer) *again {
	return &again{Writer: w, ids: map[string]string{}, secrets: map[string]string{}, numbers: map[string]int{},
		named: map[*wire.Exchange][]string{}, titles: map[*wire.Exchange]string{}}
}

// Again returns the lines that send a request again, and before it those that make what it needs. Secrets and tokens are variables
// of the environment, so the lines can be pasted anywhere.
func (w *Writer) Again(all []*wire.Exchange, shown *wire.Exchange) (steps []string, last foreign.Mixed) {
	a := newAgain(w)
	a.learn(all)
	before := a.stepsTo(all, shown)
	for i, e := range before {
		line := a.curl(e, "")
		switch isTogether := e.Together; {
		case isTogether:
			steps = append(steps, line.String()+" > /dev/null &")
			if i+1 == len(before) && !shown.Together || i+1 < len(before) && !before[i+1].Together {
				steps = append(steps, "wait")
			}
		default:
			steps = append(steps, a.captured(e, line.String()))
		}
	}
	last = a.curl(shown, " -i")
	if len(before) > 0 && before[len(before)-1].Together && shown.Together {
		last = last.With(foreign.Say("; wait"))
	}
	return steps, last
}

// learn notes the ids that the run created.
func (a *again) learn(all []*wire.Exchange) {
	if len(all) == 0 {
		return
	}
	a.made = map[string]bool{}
	for _, e := range all {
		if e.IsCreate() && e.ID != "" {
			a.made[e.ID] = true
		}
	}
}

// captured returns the line of a step, which prints nothing. A create keeps the id of what it made.
func (a *again) captured(e *wire.Exchange, line string) string {
	if e.IsCreate() && e.ID != "" {
		if filter := a.filterOf(e); filter != "" {
			name := a.variable(foreign.Text(a.parameterOf(e)).ShellVariable())
			a.ids[e.ID] = name
			return name + "=$(" + line + " | " + filter + ")"
		}
	}
	return line + " > /dev/null"
}

// parameterOf returns the name of the parameter that stands for what a create made.
func (a *again) parameterOf(e *wire.Exchange) string {
	if operation := a.Spec.Operation(e.Operation.Resource, "get"); operation != nil {
		return pathtemplate.Parameter(operation.Path)
	}
	return string(credmock.RoleID)
}

// variable returns a name that no other variable of the lines has.
func (a *again) variable(name string) string {
	a.numbers[name]++
	if number := a.numbers[name]; number > 1 {
		return fmt.Sprintf("%s_%d", name, number)
	}
	return name
}

// filterOf returns the commands that find the id in the answer of a create, or "".
func (a *again) filterOf(e *wire.Exchange) string {
	name := a.RoleName(credmock.RoleID)
	if len(e.Body) >= wire.ShortAnswer { // only the beginning of a long answer is kept
		return fmt.Sprintf(`grep -o '"%s" *: *"[^"]*"' | sed -n 1p | cut -d '"' -f 4`, name)
	}
	for _, form := range []struct{ value, cut string }{{`"[^"]*"`, `cut -d '"' -f 4`}, {`[0-9][0-9]*`, `tr -dc '0-9'`}} {
		pattern, without := `"`+name+`" *: *`+form.value, ""
		at := 0
		for _, found := range regexp.MustCompile(pattern).FindAllString(string(e.Body), -1) {
			if len(a.Environment) >= longID && strings.Contains(found, a.Environment) {
				without = ` | grep -v "$` + environmentVariable + `"`
				continue
			}
			if at++; strings.HasSuffix(strings.Trim(found, `"`), e.ID) {
				return fmt.Sprintf("grep -o '%s'%s | sed -n %dp | %s", pattern, without, at, form.cut)
			}
		}
	}
	return ""
}

// plainInPrintf matches a text that printf and a shell in single quotes leave as it is.
var plainInPrintf = lazy.Regexp(`^[A-Za-z0-9 _./:;,=@+{}"?&<>()|~!#$^*\[\]-]*$`)

// source returns commands that print a body, or "" if it can stand in the line: bytes that are no text, and long ones.
func (a *again) source(sent []byte) string {
	if len(sent) <= longBody && isPrintable(string(sent)) {
		return ""
	}
	text := a.withMarks(string(sent))
	if len(text) <= longBody && isPrintable(text) || len(a.Detector.Scan(text, a.Scope)) > 0 {
		return ""
	}
	var commands []string
	for _, piece := range withVariables(text) {
		switch {
		case strings.HasPrefix(piece.variable, "$("):
			commands = append(commands, `printf %s "`+piece.variable+`"`)
		case piece.variable != "":
			commands = append(commands, `printf %s "$`+piece.variable+`"`)
		default:
			commands = append(commands, printing(piece.text)...)
		}
	}
	if len(commands) == 1 {
		return commands[0]
	}
	return "{ " + strings.Join(commands, "; ") + "; }"
}

// printing returns commands that print a text.
func printing(text string) (commands []string) {
	for _, one := range repetitions(text) {
		if one.times > 1 {
			commands = append(commands, fmt.Sprintf("yes %s | head -n %d | tr -d '\\n'", foreign.Text(one.text).Shell(), one.times))
			continue
		}
		for part := range slices.Chunk([]byte(one.text), longWord) {
			commands = append(commands, "printf "+inPrintf(string(part)))
		}
	}
	return commands
}

// longWord is the longest text in one word of a line: systems bound the length of an argument.
const longWord = 16 << 10

// inPrintf returns a text as the format of printf, with octal escapes.
func inPrintf(text string) string {
	var format strings.Builder
	for _, one := range []byte(text) {
		if plainInPrintf().MatchString(string(rune(one))) && one < utf8.RuneSelf {
			format.WriteByte(one)
			continue
		}
		fmt.Fprintf(&format, `\%03o`, one)
	}
	return "'" + format.String() + "'"
}

// repetition is a text that stands a number of times in a row.
type repetition struct {
	text  string
	times int
}

const (
	// longUnit is the longest text of which repetitions are looked for.
	longUnit = 64
	// longRun is the number of bytes from which a repetition is written as one.
	longRun = 256
)

// repetitions splits a text into repetitions and what stands between them.
func repetitions(text string) []repetition {
	var list []repetition
	begin := 0
	for at := 0; at < len(text); {
		unit, times := repeatedAt(text[at:])
		if times == 0 {
			at++
			continue
		}
		if begin < at {
			list = append(list, repetition{text[begin:at], 1})
		}
		list = append(list, repetition{text[at : at+unit], times})
		at += unit * times
		begin = at
	}
	if begin < len(text) {
		list = append(list, repetition{text[begin:], 1})
	}
	return list
}

// repeatedAt returns the length of a text that a long run of repetitions begins with, and their number; 0 if there is none.
func repeatedAt(text string) (unit, times int) {
	for unit = 1; unit <= min(longUnit, len(text)/2); unit++ {
		if text[0] != text[unit] {
			continue
		}
		end := unit
		for end < len(text) && text[end] == text[end-unit] {
			end++
		}
		if times = end / unit; end >= longRun && isPrintable(text[:unit]) {
			return unit, times
		}
	}
	return 0, 0
}
