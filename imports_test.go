package credmock_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/credmock/credmock"

// layers are the packages from the top to the bottom: one may import those that stand in a lower layer.
var layers = [][]string{
	{"cmd/credmock", "cmd/credmock/internal/attack", "cmd/credmock/internal/commandtest"},
	{"cmd/credmock/internal/command"},
	{"cmd/credmock/internal/fixtures", "cmd/credmock/internal/judge", "cmd/credmock/internal/mutants", "cmd/credmock/internal/recipe",
		"cmd/credmock/internal/serve", "cmd/credmock/internal/spec", "cmd/credmock/internal/token", "cmd/credmock/internal/verify"},
	{"cmd/credmock/internal/compare", "cmd/credmock/internal/listen", "cmd/credmock/internal/principals",
		"cmd/credmock/internal/reach", "cmd/credmock/internal/har",
		"cmd/credmock/internal/settings"},
	{"cmd/credmock/internal/assertion", "cmd/credmock/internal/output"},
	{"cmd/credmock/internal/cli"},
	{"internal/attack/client", "internal/attack/respelt", "internal/attack/soak", "internal/attack/target"},
	{"mockserver/internal/mocktest"},
	{"scenarios"},
	{"scenarios/internal/engine"},
	{"scenarios/internal/guard", "scenarios/internal/mask"},
	{"scenarios/internal/ordered"},
	{"scenarios/internal/bound"},
	{"mockserver", "contract", "contract/mutants", "contract/traffic"},
	{"mockserver/internal/inspector"},
	{"mockserver/internal/delivery"},
	{"mockserver/internal/admin", "mockserver/internal/api", "mockserver/internal/docs", "mockserver/internal/oauth"},
	{"mockserver/internal/sigv4", "mockserver/internal/workload"},
	{"mockserver/internal/outbound", "mockserver/internal/platform"},
	{"mockserver/internal/serve"},
	{"mockserver/internal/session"},
	{"mockserver/internal/journal", "mockserver/internal/model"},
	{"mockserver/internal/fixtures"},
	{"mockserver/internal/censor", "mockserver/internal/faults", "mockserver/internal/jsonbody", "mockserver/internal/origin",
		"mockserver/internal/store", "mockserver/internal/mocktest/forms"},
	{"contract/internal/checks"},
	{"contract/internal/sequences"},
	{"contract/internal/plan"},
	{"contract/internal/probe"},
	{"contract/internal/blame", "contract/internal/rerun"},
	{"contract/internal/wire"},
	{"contract/internal/leftover", "contract/internal/jsonvalue"},
	{"contract/report", "internal/sample"},
	{"contract/report/coverage"},
	{"internal/leak", "internal/view"},
	{""},
	{"internal/document", "internal/strictjson"},
	{"contract/internal/folder", "internal/bearer", "internal/browsertest", "internal/finalanswer", "internal/foreign", "internal/jsonbound",
		"internal/pace", "internal/pagestyle", "internal/pathtemplate", "internal/source", "internal/spelling"},
	{"cmd/credmock/internal/collector", "internal/installed", "internal/lazy"},
}

// homes are the folders that alone may import a module, with all below them.
var homes = map[string][]string{
	"github.com/gavv/httpexpect/v2":                    {"contract/internal/probe"},
	"github.com/brianvoe/gofakeit/v6":                  {"internal/sample"},
	"github.com/rogpeppe/go-internal/testscript":       {"scenarios"},
	"github.com/spf13/cobra":                           {"cmd/credmock"},
	"github.com/lestrrat-go/jwx/v3/jwt":                {"mockserver"},
	"github.com/getkin/kin-openapi/openapi3filter":     {},
	"github.com/getkin/kin-openapi/routers/gorillamux": {},
}

// Code that is no test keeps to the layers: above all, mockserver and contract do not know each other.
func TestImports(t *testing.T) {
	seen := 0
	walk(t, func(directory, path string) {
		seen++
		inner, ours := strings.CutPrefix(path, module)
		if ours {
			checkLayer(t, directory, strings.TrimPrefix(inner, "/"))
			return
		}
		isHome := func(home string) bool { return directory == home || strings.HasPrefix(directory, home+"/") }
		if allowed, restricted := homes[path]; restricted && !slices.ContainsFunc(allowed, isHome) {
			t.Errorf("%s imports %s, which belongs to %v", directory, path, allowed)
		}
	})
	if seen < 50 {
		t.Errorf("only %d imports seen", seen)
	}
}

// CONTRIBUTING draws the layers, one a line. With -update the drawing is written anew.
func TestLayersAreDrawn(t *testing.T) {
	const page, begin, end = "CONTRIBUTING.md", "```text layers\n", "```\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), begin)
	seen, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no block that begins with %q", page, begin)
	}
	want := ""
	for _, layer := range layers {
		want += strings.ReplaceAll(strings.Join(layer, "  "), "cmd/credmock/internal/", "…/") + "\n"
	}
	want = strings.Replace(want, "\n\n", "\ncredmock, the root\n", 1)
	if seen == want {
		return
	}
	if !*update {
		t.Errorf("%s draws other layers than the test has; go test . -run TestLayersAreDrawn -update writes\n%s", page, want)
		return
	}
	if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func checkLayer(t *testing.T, from, to string) {
	t.Helper()
	above, below := layerOf(from), layerOf(to)
	if above < 0 || below < 0 {
		t.Errorf("%s imports %s: a package stands in no layer; add it to layers", from, to)
	}
	if above >= below {
		t.Errorf("%s imports %s, which does not stand below it", from, to)
	}
}

func layerOf(directory string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.Contains(layer, directory) })
}

// Each start would compile an expression that a package variable holds. Programs of the tests and of the benchmark may.
func TestExpressionsAreLazy(t *testing.T) {
	held := regexp.MustCompile(`(?m)^(?:var |\t)\w+ += regexp\.MustCompile\(`)
	files(t, func(path string) error {
		text, err := os.ReadFile(path)
		isOurs := !strings.HasPrefix(path, "internal/attack/") && !strings.HasPrefix(path, "bench/")
		if isOurs && held.Match(text) {
			t.Errorf("%s: %s: lazy.Regexp compiles it at its first use", path, held.Find(text))
		}
		return err
	})
}

// walk visits every import of every file of the module that is no test.
func walk(t *testing.T, visit func(directory, path string)) {
	t.Helper()
	files(t, func(path string) error {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		directory := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		for _, one := range file.Imports {
			imported, _ := strconv.Unquote(one.Path.Value)
			visit(directory, imported)
		}
		return nil
	})
}

// files visits every Go file of the module that is no test.
func files(t *testing.T, visit func(path string) error) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"examples", "node_modules", "testdata", ".git", ".bin"}, entry.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return visit(path)
	})
	if err != nil {
		t.Fatal(err)
	}
}
