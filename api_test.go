package credmock_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/api and the diagram of CONTRIBUTING.md anew")

// api are the packages that others import, with how many names each may export at most. Methods and fields do not count, nor do
// aliases of what another package of the module exports. 0 stands for no bound.
var api = []struct {
	golden, folder string
	most           int
}{
	{"credmock", ".", 28},
	{"mockserver", "mockserver", 16},
	{"contract", "contract", 16},
	{"report", "contract/report", 0},
	{"scenarios", "scenarios", 0},
}

// The public API and its documentation change only on purpose: with go test . -run TestAPI -update.
func TestAPI(t *testing.T) {
	for _, one := range api {
		t.Run(one.golden, func(t *testing.T) {
			seen, err := exec.Command("go", "doc", "-all", "./"+one.folder).Output()
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "api", one.golden+".txt")
			if *update {
				if err := os.WriteFile(golden, seen, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(seen) != string(want) {
				t.Errorf("go doc -all ./%s is no longer %s; if that is meant: go test . -run TestAPI -update", one.folder, golden)
			}
			if names := exported(t, one.folder); one.most > 0 && len(names) > one.most {
				t.Errorf("%d names are exported, %d may be: %s", len(names), one.most, strings.Join(names, " "))
			}
		})
	}
}

// exported returns the names that a package exports: constants, variables, functions and types.
func exported(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	add := func(name *ast.Ident, value ast.Expr) {
		if _, isAlias := value.(*ast.SelectorExpr); name.IsExported() && !isAlias {
			names = append(names, name.Name)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			addNames(declaration, add)
		}
	}
	return names
}

// addNames passes each name of a declaration on, with what a variable, a constant or an alias stands for.
func addNames(declaration ast.Decl, add func(name *ast.Ident, value ast.Expr)) {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if declaration.Recv == nil {
			add(declaration.Name, nil)
		}
	case *ast.GenDecl:
		for _, spec := range declaration.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				value := spec.Type
				if !spec.Assign.IsValid() {
					value = nil
				}
				add(spec.Name, value)
			case *ast.ValueSpec:
				for i, name := range spec.Names {
					var value ast.Expr
					if i < len(spec.Values) {
						value = spec.Values[i]
					}
					add(name, value)
				}
			}
		}
	}
}
