package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/fixtures"
	"github.com/credmock/credmock/mockserver"
)

const variantDocument = "../../../../testdata/variant.yaml"

func TestTheExampleOfFixturesLoads(t *testing.T) {
	seen := invoke(t.Context(), nil, "fixtures", "--init")
	if seen.code != 0 || !strings.HasPrefix(seen.stdout, "# ") {
		t.Fatalf("%d %s", seen.code, seen.stderr)
	}
	path := file(t, "example.yaml", seen.stdout)
	invocation{words("fixtures --check " + path), nil, 0, path + `: no fault\n`, ""}.check(t)
	for _, strategy := range credmock.Default().Strategies {
		if !strings.Contains(seen.stdout, "authStrategy: "+strategy.Name) {
			t.Errorf("it has no credential of %s", strategy.Name)
		}
	}
	mock := mockserver.Start(t, mockserver.Options{Fixtures: []byte(seen.stdout)})
	if status := get(t, mock.URL+"/v1/authcredentials/0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "nightly-token"); status != 200 {
		t.Errorf("its principal may not read its credential: %d", status)
	}
}

func TestSampledFixtures(t *testing.T) {
	sampled := func(more string) string {
		t.Helper()
		seen := invoke(t.Context(), nil, words("fixtures --sample 40 "+more)...)
		if seen.code != 0 || seen.stderr != "" {
			t.Fatalf("%d %s", seen.code, seen.stderr)
		}
		return seen.stdout
	}
	first := sampled("--seed 7")
	if sampled("--seed 7") != first {
		t.Error("a seed does not give the same twice")
	}
	for _, seed := range []string{"8", "0"} {
		if sampled("--seed "+seed) == first {
			t.Errorf("seed %s gives the same", seed)
		}
	}
	if count := strings.Count(first, "authStrategy: "); count != 40 {
		t.Errorf("%d credentials", count)
	}
	for _, document := range []string{"", variantDocument} {
		arguments := "--seed 3"
		check := "fixtures"
		if document != "" {
			arguments, check = arguments+" --spec "+document, check+" --spec "+document
		}
		text := sampled(arguments)
		path := file(t, "sample.yaml", text)
		invocation{words(check + " --check " + path), nil, 0, path + `: no fault\n`, ""}.check(t)
		holdSample(t, document, text)
	}
}

// holdSample holds a sample to having every strategy, and secrets that say that they are none.
func holdSample(t *testing.T, document, text string) {
	t.Helper()
	spec := credmock.Default()
	if document != "" {
		data, err := os.ReadFile(filepath.FromSlash(document))
		if err != nil {
			t.Fatal(err)
		}
		if spec, err = credmock.Load(data); err != nil {
			t.Fatal(err)
		}
	}
	for _, strategy := range spec.Strategies {
		if !strings.Contains(text, "authStrategy: "+strategy.Name+"\n") {
			t.Errorf("no credential of %s", strategy.Name)
		}
		for _, secret := range strategy.Secrets {
			if strings.Count(text, " "+secret.Name+": ") != strings.Count(text, " "+secret.Name+": not-a-real-secret-") {
				t.Errorf("a %s does not say that it is a fake", secret.Name)
			}
		}
	}
}

// What the example proposes can be done: its faults, which are comments, are right too.
func TestTheExamplesFaultsAreRight(t *testing.T) {
	text := strings.ReplaceAll(string(fixtures.ExampleFixtures), "\n  # - {", "\n  - {")
	if strings.Count(text, "\n  - {") < 3 {
		t.Fatal("the example proposes no faults any more")
	}
	path := file(t, "example.yaml", text)
	invocation{words("fixtures --check " + path), nil, 0, path + `: no fault\n`, ""}.check(t)
}

func TestFixturesAreChecked(t *testing.T) {
	const hidden = "nobody-may-see-this"
	path := file(t, "faulty.yaml", strings.Join([]string{"organizations:", "  - id: 7", "    environments:",
		"      - {id: e, name: E, environmentFlag: " + hidden + ", credentials: [{name: c, grantType: client_credentials}]}",
		"principals: {job: {organization: 7, role: " + hidden + "}}", ""}, "\n"))
	seen := invoke(t.Context(), nil, "fixtures", "--check", path)
	if seen.code != 1 || seen.stdout != "" || strings.Contains(seen.stderr, hidden) {
		t.Fatalf("%d %q %q", seen.code, seen.stdout, seen.stderr)
	}
	for _, fault := range []string{"4: /organizations/0/environments/0/environmentFlag: ",
		"4: /organizations/0/environments/0/credentials/0/url: ", "5: /principals/job/role: "} {
		if !strings.Contains(seen.stderr, fmt.Sprintf("%s: line %s", path, fault)) {
			t.Errorf("%q is missing in\n%s", fault, seen.stderr)
		}
	}
	for name, row := range map[string]invocation{
		"nothing chosen":  {words("fixtures"), nil, 2, "", `credmock: choose one of --init, --sample and --check\n`},
		"two chosen":      {words("fixtures --init --sample 3"), nil, 2, "", `credmock: choose one of .*\n`},
		"no number":       {words("fixtures --sample many"), nil, 2, "", `credmock: --sample must be a whole number\n`},
		"none":            {words("fixtures --sample 0"), nil, 2, "", `credmock: --sample must be a whole number from 1 to .*\n`},
		"no file":         {words("fixtures --check not-here.yaml"), nil, 2, "", `credmock: --check: there is no file not-here.yaml\n`},
		"broken document": {words("fixtures --sample 1 --spec " + path), nil, 2, "", `credmock: --spec: .*\n`},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}
