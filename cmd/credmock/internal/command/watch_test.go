package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

// overwrite puts another file in the place of one, as most editors do.
func overwrite(t *testing.T, name, text string) {
	t.Helper()
	part := filepath.Join(filepath.Dir(name), "part-of-an-editor")
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, name); err != nil {
		t.Fatal(err)
	}
}

const watchedFixtures = `organizations:
  - id: 118
    environments:
      - id: here
        name: Here
        environmentFlag: Staging
        credentials:
          - {id: stays, name: stays, grantType: client_credentials, url: "https://a.example.com"}
          - {id: changes, name: before, grantType: client_credentials, url: "https://a.example.com"}
          - {id: goes, name: goes, grantType: client_credentials, url: "https://a.example.com"}
          - {id: used, name: used, grantType: client_credentials, url: "https://a.example.com"}
`

func TestWatchedFixtures(t *testing.T) {
	path := file(t, "fixtures.yaml", watchedFixtures)
	mock := runServe(t, "--watch", "--fixtures", path)
	status, created := mock.send("POST", "/v1/authcredentials",
		`{"name":"mine","environmentId":"here","grantType":"client_credentials",`+
			`"url":"https://b.example.com","clientSecret":"hush"}`)
	if status != 201 {
		t.Fatal(created)
	}
	if status, text := mock.send("PATCH", "/v1/authcredentials/stays",
		`{"name":"mine too","grantType":"client_credentials","url":"https://b.example.com"}`); status != 200 {
		t.Fatal(text)
	}
	if status, text := mock.send("POST", "/v1/environments/here/destinations", `{"name":"d","authCredential":"used"}`); status != 201 {
		t.Fatal(text)
	}
	changed := strings.NewReplacer("before", "after", "goes", "comes").Replace(watchedFixtures)
	changed = changed[:strings.Index(changed, "          - {id: used")]
	overwrite(t, path, changed)
	if line := mock.wait("msg=.*reloaded"); !strings.Contains(line, "fixtures: 1 added, 1 changed, 2 removed") {
		t.Error(line)
	}
	for id, owed := range map[string]string{"stays": `"name":"mine too"`, "changes": `"name":"after"`, "comes": `"name":"comes"`,
		"goes": "404", "used": `"name":"used"`} {
		status, text := mock.send("GET", "/v1/authcredentials/"+id, "")
		if owed == "404" && status != 404 || owed != "404" && !strings.Contains(text, owed) {
			t.Errorf("%s: %d %s", id, status, text)
		}
	}
	if _, text := mock.send("GET", "/v1/environments/here/authcredentials", ""); !strings.Contains(text, `"mine"`) {
		t.Errorf("what a client made is gone: %s", text)
	}
	overwrite(t, path, strings.Replace(changed, "Staging", "nobody-may-see-this", 1))
	if line := mock.wait("not reloaded"); !strings.Contains(line, "fixtures.yaml") || strings.Contains(line, "nobody-may-see-this") {
		t.Error(line)
	}
	if status, _ := mock.send("GET", "/v1/authcredentials/comes", ""); status != 200 {
		t.Error("a broken file changed something")
	}
	overwrite(t, path, changed+"# a remark\n")
	mock.wait("reloaded.*nothing that the mock serves is different")
	overwrite(t, path, strings.Replace(changed, "id: here", "id: there", 1))
	mock.wait("fixtures: new environments there")
	if code := mock.finish(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A strategy that is written into the document is served as soon as the file is saved, and what is stored stays.
func TestWatchedDocument(t *testing.T) {
	path := file(t, "openapi.yaml", string(credmock.Document()))
	mock := runServe(t, "--watch", "--spec", path)
	status, created := mock.send("POST", "/v1/authcredentials",
		`{"name":"mine","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105","grantType":"client_credentials",`+
			`"url":"https://b.example.com","clientSecret":"hush"}`)
	if status != 201 {
		t.Fatal(created)
	}
	id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(created)[1]
	whole := string(credmock.Document())
	for _, broken := range []string{"openapi: 3.0.3\n", "<!DOCTYPE html>\n", "swagger: '2.0'\n",
		strings.Replace(whole, "paths:", "paths: null\nx-was:", 1), strings.Replace(whole, "required: [strategies]", "required: [other]", 1)} {
		overwrite(t, path, broken)
		mock.wait("not reloaded")
	}
	if status, _ := mock.send("GET", "/v1/authcredentials/"+id, ""); status != 200 {
		t.Errorf("a broken document changed something: %d", status)
	}
	variant, err := os.ReadFile(variantDocument)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, string(variant))
	if line := mock.wait("reloaded.*new strategies"); !strings.Contains(line, "document: new strategies") {
		t.Error(line)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	mock.wait("there is no file")
	status, shown := mock.send("GET", "/v1/authcredentials/"+id, "")
	if status != 200 || !strings.Contains(shown, `"hasClientSecret":true`) {
		t.Errorf("what was stored: %d %s", status, shown)
	}
}

// links are files and links for a watch.
type links struct {
	t    *testing.T
	root string
	mock *serving
}

func namedFixtures(name string) string { return strings.Replace(watchedFixtures, "before", name, 1) }

// put writes fixtures in place.
func (l *links) put(path, name string) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(l.root+path), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(l.root+path, []byte(namedFixtures(name)), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// swap puts a link in the place of another one at once, as Kubernetes does with the files of a ConfigMap.
func (l *links) swap(target, link string) {
	l.t.Helper()
	if err := os.Symlink(target, l.root+link+"-new"); err != nil {
		l.t.Skipf("there are no links here: %v", err)
	}
	l.rename(link+"-new", link)
}

func (l *links) rename(from, to string) {
	l.t.Helper()
	if err := os.Rename(l.root+from, l.root+to); err != nil {
		l.t.Fatal(err)
	}
}

// expect waits until the mock serves fixtures.
func (l *links) expect(name string) {
	l.t.Helper()
	l.mock.wait("msg=.*reloaded")
	if _, text := l.mock.send("GET", "/v1/authcredentials/changes", ""); !strings.Contains(text, `"name":"`+name+`"`) {
		l.t.Errorf("%s is not there: %s", name, text)
	}
}

// A file is watched through links, on the file and on its folders, whatever of them is changed.
func TestWatchFollowsLinks(t *testing.T) {
	l := &links{t: t, root: t.TempDir()}
	l.put("/real/f.yaml", "start")
	l.put("/sym/other.yaml", "not looked at")
	l.swap("../real", "/sym/data")
	l.swap("data/f.yaml", "/sym/f.yaml")
	l.mock = runServe(t, "--watch", "--fixtures", l.root+"/sym/f.yaml")
	l.put("/real/f.yaml", "in place")
	l.expect("in place")
	overwrite(t, l.root+"/real/f.yaml", namedFixtures("by rename"))
	l.expect("by rename")
	l.put("/second/f.yaml", "another folder")
	l.swap("../second", "/sym/data")
	l.expect("another folder")
	l.put("/second/f.yaml", "in the other folder")
	l.expect("in the other folder")
	l.put("/third.yaml", "another file")
	l.swap("../third.yaml", "/sym/f.yaml")
	l.expect("another file")
	l.swap("data/f.yaml", "/sym/f.yaml")
	l.expect("in the other folder")
	l.swap("../later", "/sym/data")
	l.mock.wait("not reloaded.*there is no file")
	l.put("/later/f.yaml", "it comes later")
	l.expect("it comes later")
	l.put("/moved/f.yaml", "a moved folder")
	l.rename("/later", "/gone")
	l.rename("/moved", "/later")
	l.expect("a moved folder")
}
