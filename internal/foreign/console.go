package foreign

import "strings"

// Console returns the text on one line of a log. Beside what String escapes, it breaks the commands that a CI server looks for
// in the output of a job: they begin a line with ::, or have ## anywhere in it.
func (t Text) Console() string { return withoutCommands(t.String()) }

// ConsoleLines is like Console, but keeps line ends. A tab becomes four spaces.
func (t Text) ConsoleLines() string {
	lines := strings.Split(strings.ReplaceAll(t.Lines(), "\t", "    "), "\n")
	for i := range lines {
		lines[i] = withoutCommands(lines[i])
	}
	return strings.Join(lines, "\n")
}

func withoutCommands(line string) string {
	if rest := strings.TrimLeft(line, " \t"); strings.HasPrefix(rest, "::") {
		line = line[:len(line)-len(rest)] + `\x3a` + rest[1:]
	}
	return strings.ReplaceAll(line, "##", `#\x23`)
}
