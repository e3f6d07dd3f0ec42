// Package page writes the numbers of a run into docs/performance.md and draws the plots beside it. The page has no number of its own: each
// stands in a block that is written from the run.
package page

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/bench/internal/record"
)

// The files, from the root of the repository.
const (
	Page   = "docs/performance.md"
	Images = "docs/images"
)

// section is a block of the page.
type section struct {
	name, title string
	write       func(*record.Run) string
	pictures    []string
}

var sections = []section{
	{"budgets", "Budgets", budgetTable, nil},
	{"machine", "Machine", machine, nil},
	{"servers", "Beside a hand-written server", servers, []string{"servers", "cpu"}},
	{"driver", "Driver", driver, nil},
	{"peers", "Beside mock servers of other makes", peerTable, []string{"peers"}},
	{"growth", "Throughput with more credentials", throughput, []string{"growth"}},
	{"lists", "Lists", lists, []string{"lists"}},
	{"constant", "Snapshot, session, restore", constant, []string{"constant"}},
	{"sessions", "Sessions", sessions, []string{"sessions"}},
	{"memory", "Memory", memoryTable, []string{"memory"}},
	{"start", "Start", starts, nil},
	{"verify", "verify", verify, nil},
	{"one mock", "One mock", oneMock, nil},
}

func peerTable(run *record.Run) string {
	if !hasPeers(run) {
		return "They were not there in this run.\n"
	}
	return beside(run)
}

func memoryTable(run *record.Run) string {
	seen := run.Growth.Memory
	rows := table{{"", "MiB"}, {"idle", short(mib(seen.Idle))}, {whole(float64(seen.Credentials)) + " credentials", short(mib(seen.Full))}}
	for i, at := range run.Growth.Latest {
		if (i+1)*4%len(run.Growth.Latest) < 4 { // four of them
			rows = append(rows, []string{"after " + whole(float64(at.Requests)) + " requests", short(mib(at.Bytes))})
		}
	}
	return rows.String()
}

// oneMock says how much one mock serves.
func oneMock(run *record.Run) string {
	var parts []string
	for _, operation := range []string{"PATCH", "POST", "GET"} {
		parts = append(parts, whole(record.Median(run.Find(operation, compared).Servers[record.Credmock].Rates))+" "+operation)
	}
	return fmt.Sprintf("One mock serves %s requests a second, each alone, on this machine of %d processors, which the driver shares.\n",
		strings.Join(parts, ", "), run.Machine.Processors)
}

// Terminal returns all tables, one below the other.
func Terminal(run *record.Run) string {
	var text strings.Builder
	for _, one := range sections {
		fmt.Fprintf(&text, "\n%s\n\n%s", one.title, one.write(run))
	}
	return text.String()
}

// block is a part of the page that is written from the run.
var block = regexp.MustCompile(`(?ms)^<!-- recorded: (.+?) -->$.*?^<!-- end -->$`)

// Draw returns the page with its plots, by their files. The text of the page is that of the repository at root.
func Draw(run *record.Run, root string) (map[string][]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(Page)))
	if err != nil {
		return nil, err
	}
	drawn := pictures(run)
	written, err := fill(string(text), func(one section) string { return content(one, run, drawn) })
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{Page: []byte(written)}
	for _, one := range drawn {
		files[file(one)] = one.svg
	}
	return files, nil
}

// content returns a block: its table, and its plots.
func content(one section, run *record.Run, drawn map[string]picture) string {
	text := one.write(run)
	for _, name := range one.pictures {
		if found, ok := drawn[name]; ok {
			text += fmt.Sprintf("\n![%s, as in the table](images/%s)\n", found.title, filepath.Base(file(found)))
		}
	}
	return text
}

func file(one picture) string { return Images + "/performance-" + one.name + ".svg" }

// fill replaces the blocks of a page. Each section has one block.
func fill(text string, write func(section) string) (string, error) {
	left := map[string]section{}
	for _, one := range sections {
		left[one.name] = one
	}
	var mistake error
	filled := block.ReplaceAllStringFunc(text, func(found string) string {
		name := block.FindStringSubmatch(found)[1]
		one, ok := left[name]
		if !ok {
			mistake = fmt.Errorf("%s: the block %q is unknown, or there twice", Page, name)
			return found
		}
		delete(left, name)
		return fmt.Sprintf("<!-- recorded: %s -->\n\n%s\n<!-- end -->", name, write(one))
	})
	for name := range left {
		mistake = fmt.Errorf("%s: there is no block %q", Page, name)
	}
	return filled, mistake
}
