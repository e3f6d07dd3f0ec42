package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock/cmd/credmock/internal/commandtest"
	"github.com/credmock/credmock/mockserver"
)

const few = "^envelope/strategies/"

// A flag beats a variable, a variable beats the file, and the file beats the default.
func TestOrigins(t *testing.T) {
	name := commandtest.Write(t, "mine.yaml", `
verify:
  url: http://127.0.0.1:9/platform
  seed: 7
  strict: true
  token: from-the-file-1
  header: [X-Gate=very-secret-1, "X-Other=very-secret-2"]
  token-command: vault read very-secret-3
  proxy: http://me:very-secret-4@127.0.0.1:3128
  accept: [meta-string, delete-ok]
  report: [json=out/report.json, text=-]
serve: {addr: "127.0.0.1:0", token: [very-secret-5]}
`)
	seen := commandtest.Run(t.Context(), map[string]string{"CREDMOCK_SEED": "8", "CREDMOCK_TIMEOUT": "9s"}, "config", "verify",
		"--config", name, "--timeout", "10s")
	if seen.Code != 0 || seen.Stderr != "" {
		t.Fatalf("%d: %s", seen.Code, seen.Stderr)
	}
	for _, owed := range []string{
		"timeout 10s flag --timeout", "seed 8 environment CREDMOCK_SEED", "strict true file " + name + ":5",
		"token [masked] file " + name + ":6", "header X-Gate=[masked], X-Other=[masked] file " + name + ":7",
		"token-command vault [masked] file " + name + ":8", "accept meta-string, delete-ok file " + name + ":10",
		"report json=" + filepath.Join(filepath.Dir(name), "out/report.json") + ", text=- file " + name + ":11", "wait 0s default",
	} {
		if !strings.Contains(strings.Join(strings.Fields(seen.Stdout), " "), owed) {
			t.Errorf("nothing says %q:\n%s", owed, seen.Stdout)
		}
	}
	whole := commandtest.Run(t.Context(), nil, "config", "--config", name)
	if whole.Code != 0 || !strings.Contains(whole.Stdout, "serve:\n") || !strings.Contains(whole.Stdout, "run:\n") {
		t.Errorf("%d: %s", whole.Code, whole.All())
	}
	for _, secret := range []string{"very-secret", "from-the-file"} {
		if strings.Contains(seen.All()+whole.All(), secret) {
			t.Errorf("%s is shown", secret)
		}
	}
}

// The file of the working folder is found and named once; one that is named is not told of.
func TestTheFileOfTheWorkingFolder(t *testing.T) {
	mock := mockserver.Start(t)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"credmock.yaml": "verify:\n  url: " + mock.URL + "\n  run: " + few + "\n  token-file: tokens/mine\n  report: json=report.json\n",
		"tokens/mine":   mockserver.DefaultToken + "\n",
	} {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := commandtest.Run(t.Context(), nil, "verify", "--config", filepath.Join(folder, "credmock.yaml"))
	if elsewhere.Code != 0 || strings.Contains(elsewhere.Stderr, "settings") {
		t.Errorf("named: %d %s", elsewhere.Code, elsewhere.All())
	}
	if _, err := os.Stat(filepath.Join(folder, "report.json")); err != nil {
		t.Errorf("the report is not beside the file that names it: %v", err)
	}
	t.Chdir(folder)
	seen := commandtest.Run(t.Context(), nil, "verify")
	if seen.Code != 0 || strings.Count(seen.Stderr, "the settings of credmock.yaml are in force\n") != 1 {
		t.Errorf("found: %d %s", seen.Code, seen.All())
	}
	seen = commandtest.Run(t.Context(), nil, "verify", "--config=", "--run", few)
	if seen.Code != 0 || strings.Contains(seen.Stderr, "settings") {
		t.Errorf("without: %d %s", seen.Code, seen.All())
	}
	if seen := commandtest.Run(t.Context(), nil, "version"); strings.Contains(seen.Stderr, "settings") {
		t.Errorf("version: %s", seen.Stderr)
	}
}

func TestMistakesInAFile(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		owed []string
	}{
		"unknown flag":        {"verify:\n  tokn: s3cr3t", []string{`line 2: verify: there is no flag "tokn" here; did you mean token?`}},
		"dashes":              {"verify:\n  --url: s3cr3t", []string{`there is no flag "--url" here; did you mean url?`}},
		"unknown group":       {"verfy:\n  token: s3cr3t", []string{`line 1: there is no group "verfy"; did you mean verify?`}},
		"no group":            {"token: s3cr3t", []string{`there is no group "token"; groups are verify, serve, run`}},
		"twice":               {"verify: {seed: 1}\nverify: {seed: 2}", []string{"line 2: verify: the group is there twice"}},
		"flag twice":          {"verify:\n  seed: 1\n  seed: 2", []string{`line 3: verify: the flag "seed" stands there twice`}},
		"wrong type":          {"verify:\n  seed: s3cr3t", []string{"line 2: seed: it must be a whole number"}},
		"wrong choice":        {"verify:\n  rate: [1, 2]", []string{"line 2: rate: it takes one value and no list"}},
		"nothing":             {"verify:\n  token:", []string{"line 2: token: it needs a value: a TOKEN"}},
		"a mapping":           {"verify:\n  token: {a: s3cr3t}", []string{"line 2: token: it needs a value: a TOKEN"}},
		"an item":             {"verify:\n  header: [[s3cr3t]]", []string{"line 2: header: each value must be one word or text"}},
		"a list at the top":   {"- s3cr3t", []string{"line 1: a file of settings has groups"}},
		"text":                {"s3cr3t", []string{"line 1: a file of settings has groups"}},
		"no YAML":             {"verify: [s3cr3t", []string{"this is not YAML"}},
		"two of one":          {"verify: {token: s3cr3t, token-file: b}", []string{"token (", "token-file (", "give one of them"}},
		"the file in itself":  {"verify: {config: other.yaml}", []string{`there is no flag "config" here`}},
		"many":                {"verify: {a1: 1}\nserve: {b2: 2}", []string{"the settings cannot be used:\n", `"a1"`, `"b2"`}},
		"of another command":  {"run:\n  fixtures: x", []string{`line 2: run: there is no flag "fixtures" here`}},
		"a group that is one": {"verify: s3cr3t", []string{"line 1: verify: a group has flags below it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := commandtest.Write(t, "settings.yaml", row.text)
			seen := commandtest.Run(t.Context(), nil, "verify", "--url", "http://127.0.0.1:9/platform", "--config", file)
			if seen.Code != 2 || strings.Contains(seen.All(), "s3cr3t") {
				t.Errorf("%d: %s", seen.Code, seen.All())
			}
			for _, owed := range row.owed {
				if !strings.Contains(seen.Stderr, owed) {
					t.Errorf("nothing says %q: %s", owed, seen.Stderr)
				}
			}
		})
	}
	for _, args := range []string{"--config not-there.yaml", "--config ."} {
		seen := commandtest.Run(t.Context(), nil, append([]string{"verify"}, strings.Fields(args)...)...)
		if seen.Code != 2 || !strings.HasPrefix(seen.Stderr, "credmock: --config: ") {
			t.Errorf("%s: %d %s", args, seen.Code, seen.Stderr)
		}
	}
}
