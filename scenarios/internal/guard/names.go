package guard

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock/internal/lazy"
)

// The variables that every script has.
const (
	EnvironmentVariable  = "ENVIRONMENT"
	OrganizationVariable = "ORGANIZATION"
	FolderVariable       = "SCRIPTDIR"
	MockVariable         = "MOCK" // root URL of the mock that the script starts
	workVariable         = "WORK" // testscript's own
)

// given are the variables that every script begins with: testscript's own and ours.
var given = []string{
	workVariable, "PATH", "HOME", "home", "USERPROFILE", "TMPDIR", "TMP", "devnull", "/", ":", "$", "exe", "GOTRACEBACK", "GOCOVERDIR",
	"GORACE",
	EnvironmentVariable, OrganizationVariable, FolderVariable, MockVariable,
}

var settingForm = lazy.Regexp(`^(?:\[[^\]]*\]\s*)*(?:capture\s+(\w+)|env\s+(\w+)=)`)

// CheckNames finds each $NAME of a script that nothing sets before it. testscript would put nothing in its place, and
// the script would ask for another path than it says.
func CheckNames(file string, archive *txtar.Archive) []string {
	known := slices.Clone(given)
	var mistakes []string
	for i, line := range strings.Split(string(archive.Comment), "\n") {
		os.Expand(unquoted(line), func(name string) string {
			name = strings.TrimSuffix(name, "@R")
			if !slices.Contains(known, name) {
				mistakes = append(mistakes, fmt.Sprintf("FAIL: %s:%d: $%s is not set; capture it first, or correct the name", file, i+1, name))
			}
			return ""
		})
		if match := settingForm().FindStringSubmatch(strings.TrimSpace(line)); match != nil {
			known = append(known, match[1]+match[2])
		}
	}
	return mistakes
}

// unquoted returns the part of a line that is expanded: neither a comment nor in single quotes.
func unquoted(line string) string {
	var text strings.Builder
	quoted := false
	for _, character := range line {
		switch {
		case character == '\'':
			quoted = !quoted
		case quoted:
		case character == '#':
			return text.String()
		default:
			text.WriteRune(character)
		}
	}
	return text.String()
}
