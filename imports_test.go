package credmock_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/credmock/credmock"

// layers are the packages from the top to the bottom: one may import those that stand in a lower layer.
var layers = [][]string{
	{"internal/attack"},
	{"internal/attack/client", "internal/attack/target"},
	{"cmd/credmock", "internal/attack/soak"},
	{"internal/command"},
	{"scenarios"},
	{"mockserver", "contract", "contract/mutants"},
	{"contract/internal/checks"},
	{"contract/internal/probe"},
	{"contract/internal/rerun"},
	{"contract/internal/wire"},
	{"contract/internal/leftover", "contract/internal/jsonvalue"},
	{"contract/report", "internal/sample"},
	{"internal/leak", "internal/view"},
	{"internal/spelling"},
	{""},
	{"internal/finalanswer", "internal/foreign", "internal/jsonbound", "internal/pathtemplate", "internal/source"},
}

// homes are the packages that alone may import a module.
var homes = map[string][]string{
	"github.com/gavv/httpexpect/v2":                    {"contract/internal/probe"},
	"github.com/brianvoe/gofakeit/v6":                  {"internal/sample"},
	"github.com/rogpeppe/go-internal/testscript":       {"scenarios"},
	"github.com/spf13/cobra":                           {"internal/command"},
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
		if allowed, restricted := homes[path]; restricted && !slices.Contains(allowed, directory) {
			t.Errorf("%s imports %s, which belongs to %v", directory, path, allowed)
		}
	})
	if seen < 50 {
		t.Errorf("only %d imports seen", seen)
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

// walk visits every import of every file of the module that is no test.
func walk(t *testing.T, visit func(directory, path string)) {
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
	if err != nil {
		t.Fatal(err)
	}
}
