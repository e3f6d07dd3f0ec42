// Package guard checks a script before its first line runs, and refuses one that could touch the machine. It runs nothing.
package guard

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// Guard checks a script before its first line runs. A scenario is often written by a program from what a server answered,
// so it may not touch the machine: it runs no program, and reads and writes no file but those of its own two folders.
type Guard struct {
	File string
	// folder is the script's own folder.
	Folder string
	// trusted tells that the script may touch the machine.
	Trusted bool
	// commands are the words of the language beside those of testscript.
	Commands []string
	// longest is the length that each variable may have.
	Longest map[string]int
}

// harmless are the commands of testscript that a script may use, with what checks their arguments.
var harmless = map[string]func(g *Guard, arguments []word) string{
	"cmp":     (*Guard).readsFiles,
	"cmpenv":  (*Guard).readsFiles,
	"env":     (*Guard).setsVariables,
	"exists":  (*Guard).readsFiles,
	"grep":    (*Guard).readsLast,
	"skip":    nil,
	"stderr":  nil,
	"stdout":  nil,
	"stop":    nil,
	"unquote": (*Guard).writesFiles,
}

// refused are the commands of testscript that touch the machine, with what they do.
var refused = map[string]string{
	"cd":       "leaves the script's own folder",
	"chmod":    "changes files",
	"cp":       "changes files",
	"exec":     "runs a program",
	"kill":     "ends a program",
	"mkdir":    "changes files",
	"mv":       "changes files",
	"rm":       "changes files",
	"stdin":    "reads a file for a program",
	"symlink":  "changes files",
	"ttyin":    "reads a file for a program",
	"ttyout":   "needs a program",
	"unix2dos": "changes files",
	"wait":     "waits for a program",
}

// Allowance is what every refusal ends with.
const Allowance = "; where you trust the file, credmock run --allow-exec allows it"

// Refusals returns a line for each part of a script that may not run.
func (g *Guard) Refusals(archive *txtar.Archive) []string {
	var mistakes []string
	for i, line := range strings.Split(string(archive.Comment), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if refusal := g.check(splitLine(line)); refusal != "" {
			mistakes = append(mistakes, fmt.Sprintf("FAIL: %s:%d: %s", g.File, i+1, refusal))
		}
	}
	for _, section := range archive.Files {
		if !filepath.IsLocal(filepath.FromSlash(section.Name)) || strings.Contains(section.Name, "$") {
			mistakes = append(mistakes, fmt.Sprintf("FAIL: %s: the section %s would be written outside of the script's own folder; "+
				"name it by a path below that folder, without variables", g.File, bound.Brief(section.Name)))
		}
	}
	return mistakes
}

// check returns why a line may not run; empty where it may.
func (g *Guard) check(words []word) string {
	if refusal := g.growth(words); refusal != "" {
		return refusal
	}
	negated := false
	for len(words) > 0 {
		text, literal := words[0].literal()
		condition := strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]")
		switch {
		case !literal && g.Trusted:
			return ""
		case !literal:
			return "a command is written out, and not taken from a variable" + Allowance
		case condition && !negated:
			if refusal := g.condition(text[1 : len(text)-1]); refusal != "" {
				return refusal
			}
		case text == "!" && !negated:
			negated = true
		default:
			return g.command(text, words[1:])
		}
		words = words[1:]
	}
	return ""
}

func (g *Guard) command(name string, arguments []word) string {
	check, known := harmless[name]
	switch {
	case g.Trusted || slices.Contains(g.Commands, name) || known && check == nil:
		return ""
	case known:
		return check(g, arguments)
	case refused[name] != "":
		return fmt.Sprintf("%s is refused, as it %s%s", name, refused[name], Allowance)
	}
	return fmt.Sprintf("unknown command %q%s", foreign.FirstBytes(name, bound.LongestShown), g.didYouMean(name))
}

func (g *Guard) didYouMean(name string) string {
	known := slices.Concat(slices.Sorted(slices.Values(g.Commands)), slices.Sorted(maps.Keys(harmless)))
	if rest, negated := strings.CutPrefix(name, "!"); negated && slices.Contains(known, rest) {
		return fmt.Sprintf(" (did you mean %q?)", "! "+rest)
	}
	if near := spelling.Nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// condition returns why a condition may not be asked for.
func (g *Guard) condition(text string) string {
	text = strings.TrimSpace(text)
	text = strings.TrimSpace(strings.TrimPrefix(text, "!"))
	switch {
	case (text == "short" || text == "net") && !testing.Testing():
		return fmt.Sprintf("the condition [%s] is known to go test alone", text)
	case g.Trusted:
		return ""
	case strings.HasPrefix(text, "exec:"):
		return "the condition [exec:] is refused, as it looks for a program" + Allowance
	case text == "symlink":
		return "the condition [symlink] is refused, as it makes a link on some systems" + Allowance
	}
	return ""
}

// growth returns a refusal where the variables of a line can make it longer than any line needs: a value that holds itself twice
// doubles with each line.
func (g *Guard) growth(words []word) string {
	total := 0
	for i, word := range words {
		length := 0
		text := word.Fill(func(name string) string {
			length += g.lengthOf(strings.TrimSuffix(name, "@R"))
			return ""
		})
		length += len(text)
		total += length
		if name, _, sets := strings.Cut(text, "="); sets && i > 0 && g.Longest[name] < length {
			g.Longest[name] = length
		}
	}
	if total > bound.LineLimit {
		return fmt.Sprintf("with its variables, the line may be longer than %s", bound.Size(bound.LineLimit))
	}
	return ""
}

// lengthOf returns how long a variable may be.
func (g *Guard) lengthOf(name string) int { return max(g.Longest[name], bound.CaptureLimit) }
