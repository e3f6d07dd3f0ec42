// Package interop has authorization servers and clients of other makes, which meet the mock.
package interop

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/credmock/credmock/mockserver"
)

var update = flag.Bool("update", false, "write the tables of docs/interop.md anew")

const (
	page = "../docs/interop.md"
	// odd has the characters that the two encodings of Basic write in two ways.
	odd   = "q+7/8w==%41 a&b:c~d"
	plain = "letters0123456789"
)

type members = map[string]any

// mock is the mock under test.
type mock struct {
	*mockserver.Running
	root string
}

func start(t *testing.T) *mock {
	t.Helper()
	running := mockserver.Start(t)
	return &mock{Running: running, root: strings.TrimSuffix(running.URL, "/platform")}
}

// put stores a credential that has the fields of each part, and returns its id. A nil value removes a field.
func (m *mock) put(parts ...members) string {
	fields := members{"name": "interop", "authStrategy": "OAuth_2.0_2-legged", "grantType": "client_credentials"}
	for _, part := range parts {
		for name, value := range part {
			fields[name] = value
		}
	}
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	return m.Put(fields)
}

// ask posts to the admin surface about a credential, and returns the answer. The answer must not hold a secret.
func (m *mock) ask(t *testing.T, id, action string) members {
	t.Helper()
	response, err := http.Post(m.AdminURL+"/credentials/"+id+"/"+action, "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{odd, plain} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s shows a secret", action)
		}
	}
	var answer members
	if err := json.Unmarshal(text, &answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", action, response.StatusCode, text)
	}
	return answer
}

// newID returns an id for a client, which has characters that some clients encode and others do not.
func newID() string { return uuid.NewString() }

// node runs a program of the folder node, gives it a value as JSON, and returns its output.
func node(t *testing.T, program string, input any) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "node/"+program)
	command.Env = append(os.Environ(), "NODE_NO_WARNINGS=1", "INPUT="+string(text))
	return command
}

// writing is held while the page is written, for tests run side by side.
var writing sync.Mutex

// compare holds a table of the page to the results. The heading of the first column names the table.
func compare(t *testing.T, heading []string, rows [][]string) {
	t.Helper()
	var table strings.Builder
	rule := slices.Repeat([]string{"---"}, len(heading))
	for _, row := range append([][]string{heading, rule}, rows...) {
		fmt.Fprintf(&table, "| %s |\n", strings.Join(row, " | "))
	}
	writing.Lock()
	defer writing.Unlock()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(heading[0]) + ` \|.*\n(\|.*\n)*`)
	if !written.Match(text) {
		t.Fatalf("the page has no table of %s:\n%s", heading[0], table.String())
	}
	changed := written.ReplaceAllLiteral(text, []byte(table.String()))
	switch {
	case *update:
		if err := os.WriteFile(page, changed, 0o600); err != nil {
			t.Fatal(err)
		}
	case !bytes.Equal(changed, text):
		t.Errorf("docs/interop.md has another table; run go test . -update in interop:\n%s", table.String())
	}
}

// versionOf returns the pinned version of a module or a package.
func versionOf(t *testing.T, name string) string {
	t.Helper()
	modules, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?m)^\s` + regexp.QuoteMeta(name) + ` (\S+)`).FindSubmatch(modules); found != nil {
		return strings.TrimPrefix(string(found[1]), "v")
	}
	packages, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ DevDependencies map[string]string }
	if err := json.Unmarshal(packages, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.DevDependencies[name]
}
