// Package generators runs client generators and tools for requests on the document, and what they make against the mock.
package generators

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

var update = flag.Bool("update", false, "write the table of docs/generators.md anew")

const (
	page        = "../docs/generators.md"
	environment = "a31a92e5-43b7-45df-8085-4ac5a746d105" // Development, of the mock's default fixtures
	document    = "build/clients.yaml"
)

// tool is a generator, or a tool that sends requests.
type tool struct {
	name    string
	version string // a module of go.mod, or a package of package.json
	makes   string
	steps   []string // commands; $HOST, $TOKEN and $ASSERTION stand for those of the mock
}

const newman = "newman run build/examples.json --env-var host=$HOST --env-var token=$TOKEN --env-var client_assertion=$ASSERTION"

var tools = []tool{
	{"oapi-codegen", "github.com/oapi-codegen/oapi-codegen/v2", "Go client and strict server", []string{
		"go tool oapi-codegen -config oapi-codegen.yaml " + document, "go test -tags generated -count=1 ./oapi"}},
	{"ogen", "github.com/ogen-go/ogen", "Go client", []string{
		"go tool ogen --target build/ogen --package ogen --clean " + document, "go test -tags generated -count=1 ./ogen"}},
	{"openapi-typescript, openapi-fetch", "openapi-typescript", "TypeScript types and client; lines that must not compile", []string{
		"openapi-typescript " + document + " -o build/fetch.d.ts", "run fetch"}},
	{"Hey API", "@hey-api/openapi-ts", "TypeScript client", []string{
		"openapi-ts -i ./" + document + " -o build/hey -c @hey-api/client-fetch", "run hey"}},
	{"orval with zod", "orval", "zod schemas", []string{"orval --config ./orval.config.ts", "run orval"}},
	{"Newman", "newman", "runs `--format postman` twice", []string{newman, newman}},
	{"Redocly Respect", "@redocly/cli", "runs `--format arazzo`, and checks the answers", []string{
		"redocly respect build/arazzo.yaml --workflow examples --input token=$TOKEN --server api=$HOST"}},
	{"httpYac", "httpyac", "runs `--format http`", []string{"httpyac send build/examples.http --all --output short --bail"}},
}

// bench is what the tools work with.
type bench struct {
	variables []string                // of the environment
	assertion func(*testing.T) string // a new one each time, since none is taken twice
}

// Every tool makes of the document what works against the mock, and the page has the table of them.
func TestGenerators(t *testing.T) {
	b := prepare(t)
	rows := make([]string, len(tools))
	var done sync.WaitGroup
	t.Run("tools", func(t *testing.T) {
		for i, one := range tools {
			done.Add(1)
			t.Run(one.name, func(t *testing.T) {
				t.Parallel()
				defer done.Done()
				rows[i] = "fail"
				for _, step := range one.steps {
					b.run(t, step)
				}
				rows[i] = "pass"
			})
		}
	})
	done.Wait()
	compare(t, table(t, rows))
}

// prepare starts a mock and writes what the tools read.
func prepare(t *testing.T) *bench {
	t.Helper()
	folder, err := filepath.Abs("build")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "oapi"), 0o750); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "credmock")
	build := exec.Command("go", "build", "-o", program, "./cmd/credmock")
	build.Dir = ".."
	output(t, build)
	mock := mockserver.Start(t)
	host := strings.TrimSuffix(mock.URL, "/platform")
	signed := func(t *testing.T) string {
		t.Helper()
		return strings.TrimSpace(output(t, exec.Command(program, "token", "--assertion", "--url", mock.URL)))
	}
	for name, arguments := range map[string]string{
		"clients.yaml": "--for clients", "examples.json": "--format postman", "arazzo.yaml": "--format arazzo", "examples.http": "--format http",
	} {
		text := output(t, exec.Command(program, append([]string{"spec"}, strings.Fields(arguments)...)...))
		if name == "examples.http" {
			text = regexp.MustCompile(`(?m)^@host = .*$`).ReplaceAllString(text, "@host = "+host)
			text = regexp.MustCompile(`(?m)^@client_assertion = .*$`).ReplaceAllString(text, "@client_assertion = "+signed(t))
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &bench{assertion: signed, variables: []string{
		"CREDMOCK_HOST=" + host, "CREDMOCK_TOKEN=" + mock.Token, "CREDMOCK_ENVIRONMENT=" + environment, "REDOCLY_TELEMETRY=off",
		"REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "HOST=" + host, "TOKEN=" + mock.Token, "NODE_NO_WARNINGS=1",
	}}
}

func output(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, text, stderr.String())
	}
	return string(text)
}

// run runs a command of Go or npm. "run NAME" checks the types of typescript/NAME.test.ts and runs it.
func (b *bench) run(t *testing.T, step string) {
	t.Helper()
	words := strings.Fields(os.Expand(step, func(name string) string {
		if name == "ASSERTION" {
			return b.assertion(t)
		}
		return b.value(name)
	}))
	if words[0] == "run" {
		source, bundle := "typescript/"+words[1]+".test.ts", "build/"+words[1]+".test.mjs"
		b.run(t, "tsc --noEmit --strict --skipLibCheck --target ES2022 --module ESNext --moduleResolution bundler --types node "+source)
		b.run(t, "esbuild --bundle --platform=node --format=esm --log-level=error --outfile="+bundle+" "+source)
		b.run(t, "node --test "+bundle)
		return
	}
	command := exec.CommandContext(t.Context(), b.program(words[0]), words[1:]...)
	command.Env = append(os.Environ(), b.variables...)
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", step, err, text)
	}
}

func (b *bench) value(name string) string {
	for _, variable := range b.variables {
		if value, found := strings.CutPrefix(variable, name+"="); found {
			return value
		}
	}
	return "$" + name
}

// program returns the path of a program that npm installed, here or for the linters, or the name itself.
func (b *bench) program(name string) string {
	for _, folder := range []string{"node_modules/.bin", "../node_modules/.bin"} {
		if path, err := filepath.Abs(filepath.Join(folder, name)); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	return name
}

func table(t *testing.T, rows []string) string {
	t.Helper()
	text := "| tool | version | does | result |\n|---|---|---|---|\n"
	for i, one := range tools {
		text += fmt.Sprintf("| %s | %s | %s | %s |\n", one.name, versionOf(t, one.version), one.makes, rows[i])
	}
	return text
}

// versionOf returns the pinned version of a module or a package.
func versionOf(t *testing.T, name string) string {
	t.Helper()
	if strings.HasPrefix(name, "github.com/") {
		return strings.TrimSpace(output(t, exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Version}}", name)))
	}
	for _, path := range []string{"package.json", "../package.json"} {
		var manifest struct{ DevDependencies map[string]string }
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &manifest)
		}
		if err != nil {
			t.Fatal(err)
		}
		if version := manifest.DevDependencies[name]; version != "" {
			return version
		}
	}
	return ""
}

// compare holds the table of the page to being what came out, and prints it.
func compare(t *testing.T, table string) {
	t.Helper()
	t.Logf("\n%s", table)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?s)\| tool \| version .*?\n\n`)
	if !written.Match(text) {
		t.Fatal("the page has no table")
	}
	changed := written.ReplaceAll(text, []byte(table+"\n"))
	switch {
	case *update:
		if err := os.WriteFile(page, changed, 0o600); err != nil {
			t.Fatal(err)
		}
	case !bytes.Equal(changed, text):
		t.Error("docs/generators.md has another table; run go test . -update in generators")
	}
}
