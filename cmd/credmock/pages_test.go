//go:build unix

package main_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are the pages whose commands are run, each with its least number of commands: a test of no command would pass too.
var pages = map[string]int{
	"README.md":                         5,
	"docs/tutorial.md":                  11,
	"docs/generators.md":                7,
	"docs/how-to/ci.md":                 17,
	"docs/how-to/faults.md":             20,
	"docs/how-to/fixtures.md":           23,
	"docs/how-to/https-and-browsers.md": 12,
	"docs/how-to/inspector.md":          10,
	"docs/how-to/own-document.md":       6,
	"docs/how-to/real-targets.md":       10,
	"docs/how-to/scenarios.md":          20,
	"docs/how-to/sessions.md":           35,
	"docs/how-to/token-request.md":      22,
	"docs/how-to/tokens.md":             8,
	"docs/how-to/verify.md":             12,
}

// printed are the pages that the program prints; docs_test.go compares them.
var printed = []string{"docs/checks.md", "docs/kill-matrix.md", "docs/recipes.md"}

// tabled are the pages of tables whose rows name their tests; see TestRowsNameTheirTests.
var tabled = []string{"docs/limits.md", "docs/security.md"}

// read are the pages that have no commands. Tests hold their links, and docs_test.go the help texts in the reference.
var read = []string{"docs/architecture.md", "docs/contract.md", "docs/interop.md", "docs/performance.md", reference}

// TestPages runs the commands of the pages as they stand, and compares the output with the page.
//
// Each page has a directory, a port and a shell of its own, and is followed from top to bottom. A block that begins with
// ```LANGUAGE title="NAME" becomes a file. In a block of ```console a line that begins with $ is a command, and the lines below
// it are its output; a line of dots stands for any number of lines. Values that differ from run to run are compared
// by their form. A command must end with 0, or the page says with what it ends. With -short it is the README alone.
func TestPages(t *testing.T) {
	folder := programFolder(t)
	for name, least := range pages {
		if testing.Short() && name != "README.md" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := readPage(t, name)
			terminal := openTerminal(t, folder, name)
			ran := 0
			for _, step := range steps {
				if terminal.follow(step) {
					ran++
				}
			}
			if ran < least {
				t.Errorf("%d commands; there were %d", ran, least)
			}
		})
	}
}

// Every page is in one of the lists above.
func TestPagesAreAll(t *testing.T) {
	known := slices.Concat(slices.Collect(maps.Keys(pages)), printed, tabled, read)
	found := pagesOf(t, "docs")
	if len(found) < 15 {
		t.Errorf("only %d pages", len(found))
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("%s is in no list of pages", name)
		}
	}
}

// pagesOf returns the Markdown files below a folder of the repository, named from its root.
func pagesOf(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// step is a command of a page with the output below it, or a file that the reader writes.
type step struct {
	command, printed string
	file, content    string
	given            string // every command and file of the page; a value in it does not differ from run to run
}

var (
	fence = regexp.MustCompile("(?ms)^```(\\S*)(?: title=\"([^\"\n]+)\")?\n(.*?)^```$")
	// continued is a command of several lines.
	continued = regexp.MustCompile(`\A(?:.*\\\n)*.*`)
)

// readPage returns the steps of a page, in order.
func readPage(t *testing.T, name string) []step {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	var given strings.Builder
	for _, at := range fence.FindAllSubmatchIndex(text, -1) {
		part := func(i int) string {
			if at[i] < 0 {
				return ""
			}
			return string(text[at[i]:at[i+1]])
		}
		language, title, content := part(2), part(4), part(6)
		switch {
		case title != "":
			before := string(text[:at[0]])
			if !strings.Contains(before[strings.LastIndex(strings.TrimSpace(before), "\n\n")+1:], "`"+title+"`") {
				t.Errorf("the text before the block does not name the file %s", title)
			}
			steps = append(steps, step{file: title, content: content})
			given.WriteString(content)
		case language == "console":
			for _, each := range strings.Split("\n"+content, "\n$ ")[1:] {
				command := continued.FindString(each)
				steps = append(steps, step{command: command, printed: strings.TrimPrefix(each[len(command):], "\n")})
				given.WriteString(command + "\n")
			}
		case name != "README.md":
			t.Errorf("a block of %q is neither run nor written to a file", language)
		}
	}
	for i := range steps {
		steps[i].given = given.String()
	}
	return steps
}

// follow takes a step. It returns whether the step was a command.
func (m *terminal) follow(one step) bool {
	m.t.Helper()
	if one.file != "" {
		m.write(one.file, one.content)
		return false
	}
	// The built program replaces `go run`.
	command := strings.ReplaceAll(one.command, "go run ./cmd/credmock", "credmock")
	var got string
	var code int
	fine := func() bool { return code == 0 && matches(got, one.printed, one.given) }
	switch {
	case serves(command):
		got = m.serve(command)
	case looksAtLog.MatchString(command):
		// The server may write to the log later, so the command may have to run again.
		m.until(func() bool {
			got, code = m.run(command)
			return fine()
		})
	default:
		got, code = m.run(command)
	}
	if code != 0 {
		m.t.Errorf("$ %s\nends with %d, and the page does not say so", one.command, code)
	}
	if !fine() {
		m.t.Errorf("$ %s\nprints:\n%s\nand the page says:\n%s", one.command, got, one.printed)
	}
	if strings.Contains(command, "curl ") && secret.MatchString(got) {
		m.t.Errorf("$ %s\nshows a secret", one.command)
	}
	return true
}

// serves returns whether a command runs until it is interrupted. It gets a terminal of its own.
func serves(command string) bool {
	return strings.HasPrefix(command, "credmock serve") && !strings.Contains(command, ";") && !strings.HasSuffix(command, "&")
}

var looksAtLog = regexp.MustCompile(`^(?:tail|grep) .*\.log$`)

// secret finds the secret and the token that pages send. A made-up secret of an export has a number at its end.
var secret = regexp.MustCompile(`not-a-real-secret(?:[^-]|$)|dev-token`)

// volatile are values that differ from run to run. Their forms are compared.
var volatile = []struct {
	form *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "<uuid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`), "<time>"},
	{regexp.MustCompile(`\bDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`), "<date>"},
	{regexp.MustCompile(`-?\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:µs|ms|s)\b`), "<duration>"},
	{regexp.MustCompile(`"durationMicroseconds": \d+`), "<duration>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<address>"},
	{regexp.MustCompile(`\b[A-Z2-7]{26,}\b`), "<token>"},
	{regexp.MustCompile(`\bcurl/[\d.]+`), "<curl>"},
	{regexp.MustCompile(`\bContent-Length: \d+`), "<length>"}, // an address may be in it
}

// stable returns a text with forms in place of values that differ from run to run.
func stable(text, given string) string {
	for _, one := range volatile {
		text = one.form.ReplaceAllStringFunc(text, func(found string) string {
			if strings.Contains(given, found) {
				return found
			}
			return one.as
		})
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\r", ""))
}

// matches returns whether the output of a command is the output on the page.
func matches(got, says, given string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(stable(says, given) + "\n") {
		if line == "...\n" {
			pattern.WriteString(`(?s:.*)`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(stable(got, given) + "\n")
}
