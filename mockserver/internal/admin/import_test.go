package admin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// importRow is an import with one of its violations.
type importRow struct{ body, violation string }

// invalidImports returns invalid imports made from an export, by the name of the mistake.
func invalidImports(t *testing.T, state string) map[string]importRow {
	t.Helper()
	replace := func(old, replacement string) string {
		if !strings.Contains(state, old) {
			t.Fatalf("the state has no %s", old)
		}
		return strings.Replace(state, old, replacement, 1)
	}
	at := "/organizations/0/environments/0"
	return map[string]importRow{
		"a renamed list":       {replace(`"credentials"`, `"credentialz"`), "unknown-member " + at},
		"another renamed list": {replace(`"destinations"`, `"x"`), "unknown-member " + at},
		"a time before":        {replace(`"updatedAt": "2`, `"updatedAt": "1`), "time-out-of-range " + at + "/credentials/0/updatedAt"},
		"a masked value": {replace(`"url": "https://a.example.com"`, `"url": "[masked]", "scopes": "[masked]"`),
			"value-missing " + at + "/credentials/0/scopes"},
		"null for a list":                {`{"organizations":null}`, "type /organizations"},
		"nothing":                        {`{"organizations":[]}`, "required /organizations"},
		"an organization of nothing":     {`{"organizations":[{"id":118,"environments":[]}]}`, "required /organizations"},
		"no environments":                {`{"organizations":[{"id":118}]}`, "required /organizations/0/environments"},
		"unknown at the top":             {`{"organizations":[],"organisations":[]}`, "unknown-member"},
		"unknown in an organization":     {replace(`"id": 118,`, `"id": 118, "name": "x",`), "unknown-member /organizations/0"},
		"another environment":            {replace(`"name": "Development"`, `"name": "Elsewhere"`), "immutable " + at + "/name"},
		"a wrong type in an environment": {replace(`"name": "Development"`, `"name": 1`), "immutable " + at + "/name"},
		"unknown in a credential":        {replace(`"grantType"`, `"colour": 1, "grantType"`), "unknown-member " + at + "/credentials/0"},
		"a flag of a wrong type": {replace(`"hasClientSecret": true`, `"hasClientSecret": "true"`),
			"type " + at + "/credentials/0/hasClientSecret"},
		"a wrong organization": {replace(`"organization": 118`, `"organization": 119`), "immutable " + at + "/credentials/0/organization"},
		"a wrong environment": {replace(`"environmentId": "`+mocktest.Development, `"environmentId": "`+mocktest.Staging),
			"immutable " + at + "/credentials/0/environmentId"},
		"the environment of another": {replace(`"id": "`+mocktest.Staging, `"id": "`+mocktest.Development),
			"immutable /organizations/0/environments/1/destinations/0/environment"},
		"a member twice": {replace(`"grantType"`, `"url":"x", "grantType"`), "duplicate-member"},
		"an environment twice": {strings.ReplaceAll(state, mocktest.Staging, mocktest.Development),
			"duplicate-id /organizations/0/environments/1"},
		"cut off":             {state[:len(state)/2], "malformed-json"},
		"something behind it": {state + "{}", "malformed-json"},
		"deep": {replace(`"grantType": "client_credentials"`, `"grantType": `+strings.Repeat("[", 600)+strings.Repeat("]", 600)),
			"nested-too-deep " + at + "/credentials/0"},
		"a large record": {replace(`"grantType": "client_credentials"`, `"grantType": "`+strings.Repeat("x", 3<<20)+`"`),
			"content-too-large " + at + "/credentials/0"},
		"a large number":       {replace(`"id": 118`, `"id": 1e999`), "type /organizations/0/id"},
		"many mistakes":        {replace(`"credentials": [`, `"credentials": [`+strings.Repeat("7,", 1_000_000)), "further-mistakes"},
		"many unknown members": {`{` + mocktest.ManyMembers(60_000) + `}`, "further-mistakes"},
		"many environments": {`{"organizations":[{"id":118,"environments":[` + strings.Repeat("{},", 1_000_000) + `{}]}]}`,
			"further-mistakes"},
	}
}

// An export with an omitted or renamed member is rejected and changes nothing.
func TestInvalidImportChangesNothing(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush"}))
	state := mock.Operate("GET", "state?secrets=true", "").Text
	before := state
	for name, row := range invalidImports(t, state) {
		t.Run(name, func(t *testing.T) {
			got := mock.Operate("PUT", "state", row.body)
			if got.Status != 400 || !slices.Contains(got.Violations(), row.violation) || len(got.Text) > 32<<10 {
				t.Errorf("%d %.2000s", got.Status, got.Text)
			}
			if strings.Contains(got.Text, "credentialz") || strings.Contains(got.Text, "hush") {
				t.Errorf("the answer repeats the body: %s", got.Text)
			}
			if after := mock.Operate("GET", "state?secrets=true", "").Text; after != before {
				t.Error("a rejected import changed the state")
			}
		})
	}
	if got := mock.Operate("PUT", "state", state); got.Status != 200 || mock.Operate("GET", "state?secrets=true", "").Text != before {
		t.Errorf("the export itself: %d %.500s", got.Status, got.Text)
	}
}

// A part of fixtures, or of an export, replaces the lists that it has, and leaves all others as they are.
func TestPartsCanBePut(t *testing.T) {
	item := `{"name":"one","grantType":"client_credentials","url":"u","clientSecret":"hush-hush"}`
	environment := func(id, lists string) string {
		return `{"organizations":[{"id":118,"environments":[{"id":"` + id + `",` + lists + `}]}]}`
	}
	kept := mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "kept", "environmentId": mocktest.Staging})
	for name, row := range map[string]struct {
		body      string
		status    int
		want      string // in the answer
		remaining int    // credentials of Development
	}{
		"a list without ids": {environment(mocktest.Development, `"credentials":[`+item+`,`+item+`]`), 200, `"hasClientSecret": true`, 2},
		"an empty list":      {environment(mocktest.Development, `"credentials":[]`), 200, `"name": "kept"`, 0},
		"another list":       {environment(mocktest.Development, `"destinations":[{"name":"only"}]`), 200, `"name": "only"`, 1},
		"no list":            {environment(mocktest.Development, `"name":"Development"`), 400, "at least one list", 1},
		"no such place":      {environment("elsewhere", `"credentials":[]`), 400, "unknown-environment", 1},
		"half of it":         {environment(mocktest.Development, `"credentials":[`+item+`,{"name":"x"}]`), 400, "/credentials/1/", 1},
		"an id of another":   {environment(mocktest.Staging, `"credentials":[{"id":"ID",`+item[1:]+`]`), 400, "duplicate-id", 1},
		"a list in use":      {environment(mocktest.Production, `"credentials":[]`), 400, "a credential that is not here", 1},
		"what it cannot put": {`{"organizations":[],"principals":{}}`, 400, "unknown-member", 1},
	} {
		t.Run(name, func(t *testing.T) {
			mock := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock})
			id := mock.Create(mocktest.Object(mocktest.OAuthBody))
			mock.Create(kept)
			used := mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": mocktest.Production}))
			mock.Send("POST", "/v1/environments/"+mocktest.Production+"/destinations", `{"name":"user","authCredential":"`+used+`"}`)
			before := mock.Operate("GET", "state?secrets=true", "").Text
			got := mock.Operate("PUT", "state", strings.Replace(row.body, `"ID"`, `"`+id+`"`, 1))
			after := mock.Operate("GET", "state?secrets=true", "").Text
			if got.Status != row.status || !strings.Contains(got.Text, row.want) || (row.status != 200) != (after == before) {
				t.Errorf("%d %s", got.Status, got.Text)
			}
			list := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", "")
			if found := list.Payload()["credentials"].([]any); len(found) != row.remaining {
				t.Errorf("%d credentials", len(found))
			}
			if again := mock.Operate("PUT", "state", row.body); row.status == 200 && again.Text != got.Text && name != "another list" {
				t.Errorf("the same again is different: %s", again.Text)
			}
		})
	}
}

func TestOneImportAtATime(t *testing.T) {
	mock := mocktest.New(t, mockserver.Options{})
	slow := &mocktest.Gate{First: strings.NewReader(`{"organizations":[`), Reached: make(chan struct{}, 1), Open: make(chan struct{})}
	ended := make(chan int)
	go func() {
		answer := httptest.NewRecorder()
		mock.ServeHTTP(answer, httptest.NewRequest("PUT", "http://127.0.0.1/__admin/state", slow))
		ended <- answer.Code
	}()
	<-slow.Reached
	answer := httptest.NewRecorder()
	mocktest.Direct(t, mock, answer, "PUT", "/__admin/state", `{"organizations":[]}`)
	if answer.Code != 429 || answer.Header().Get("Retry-After") == "" || !strings.Contains(answer.Body.String(), "import-running") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	close(slow.Open)
	if status := <-ended; status != 400 {
		t.Errorf("the first import: %d", status)
	}
	answer = httptest.NewRecorder()
	if mocktest.Direct(t, mock, answer, "PUT", "/__admin/state", `{"organizations":[]}`); answer.Code != 400 {
		t.Errorf("after it: %d", answer.Code)
	}
}

func TestImportUsesMemoryInProportion(t *testing.T) {
	mock := mocktest.New(t, mockserver.Options{})
	var text strings.Builder
	mocktest.Direct(t, mock, &mocktest.Discarded{To: &text}, "GET", "/__admin/state", "")
	before, after, _ := strings.Cut(text.String(), `"credentials": []`)
	item := `{"id":"%d","name":"n","authStrategy":"OAuth_2.0_2-legged","grantType":"client_credentials",` +
		`"url":"https://auth.example.com/oauth/token","clientId":"lab","clientSecret":"not-a-real-secret"}`
	var items []string
	for i := range 20_000 {
		items = append(items, fmt.Sprintf(item, i))
	}
	body := before + `"credentials": [` + strings.Join(items, ",") + "]" + after
	answer := &mocktest.Discarded{To: io.Discard}
	allocated := mocktest.Direct(t, mock, answer, "PUT", "/__admin/state", body)
	if answer.Status != 200 {
		t.Fatalf("%d", answer.Status)
	}
	if most := uint64(len(body)) * 40; allocated > most { // includes freed memory
		t.Errorf("%d bytes allocated %d", len(body), allocated)
	}
	if large := strings.Repeat(" ", 96<<20+1); true {
		answer := httptest.NewRecorder()
		if mocktest.Direct(t, mock, answer, "PUT", "/__admin/state", large); answer.Code != 413 ||
			!strings.Contains(answer.Body.String(), "100663296 bytes at most") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	}
}

// yamlHead and yamlItem are the beginning of a state in YAML and one credential in it, of nine lines together.
const (
	yamlHead = "organizations:\n- id: 118\n  environments:\n  - id: " + mocktest.Development + "\n    credentials:\n"
	yamlItem = "    - name: one\n      grantType: client_credentials\n      url: u\n      clientSecret: hush-hush\n"
	within   = "/organizations/0/environments/0"
	first    = within + "/credentials/0"
)

// statesInYAML are states with their media type and the parts of their violation, which are empty if the state is sound.
var statesInYAML = map[string]struct{ media, body, want string }{
	"no media type":          {"", yamlHead + yamlItem, ""},
	"the type of a form":     {"application/x-www-form-urlencoded", "# a comment\n" + yamlHead + yamlItem, ""},
	"a type of YAML":         {"application/yaml", yamlHead + yamlItem, ""},
	"an older one":           {"text/x-yaml; charset=utf-8", "\ufeff---\r\n" + yamlHead + yamlItem, ""},
	"flow style":             {"application/yaml", `{organizations: [{id: 118, environments: []}]}`, "required /organizations"},
	"JSON":                   {"application/yaml", `{"organizations":[]}`, "required /organizations"},
	"a date":                 {"", yamlHead + yamlItem + "      createdAt: 2026-01-02T03:04:05.000Z\n", ""},
	"YAML said to be JSON":   {"application/json", yamlHead + yamlItem, "malformed-json"},
	"no YAML":                {"", yamlHead + yamlItem + "  }{", "malformed-yaml"},
	"lines that curl joined": {"", strings.ReplaceAll(yamlHead+yamlItem, "\n", ""), "malformed-yaml --data-binary"},
	"two documents":          {"", yamlHead + yamlItem + "---\n" + yamlHead, "malformed-yaml"},
	"a list":                 {"", "- 1\n- 2\n", "malformed-yaml Line 1"},
	"a key twice":            {"", yamlHead + yamlItem + "      url: v\n", "malformed-yaml Line 10"},
	"an alias to itself":     {"", "organizations: &a [*a]\n", "malformed-yaml"},
	"a number too large":     {"", yamlHead + yamlItem + "      scopes: 9007199254740993\n", "malformed-yaml " + first + "/scopes Line 10"},
	"not UTF-8":              {"", yamlHead + yamlItem + "      scopes: \"\xff\"\n", "malformed-yaml"},
	"an unknown member":      {"", yamlHead + yamlItem + "      colour:\n      - red\n", "unknown-member " + first + " Line 10"},
	"an unknown list":        {"", yamlHead[:len(yamlHead)-3] + "z:\n" + yamlItem, "unknown-member " + within + " Line 5"},
	"unknown at the top":     {"", yamlHead + yamlItem + "principals: {}\n", "unknown-member Line 10"},
	"a wrong type":           {"", yamlHead + yamlItem + "      scopes: 3\n", "type " + first + "/scopes Line 10"},
	"a required member": {"", yamlHead + yamlItem + "    - name: two\n      url: u\n",
		"required " + within + "/credentials/1/authStrategy Line 10"},
	"an environment of no one": {"", "organizations:\n- id: 118\n  environments:\n  - id: x\n", "unknown-environment " + within + " Line 4"},
	"too much":                 {"", yamlHead + yamlItem + strings.Repeat("# a long comment\n", 130_000), "content-too-large"},
}

// A state in YAML does as one in JSON does, and each of its mistakes has its line.
func TestStateCanBeYAML(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	for name, row := range statesInYAML {
		before := mock.Operate("GET", "state?secrets=true", "").Text
		header := http.Header{}
		if row.media != "" {
			header.Set("Content-Type", row.media)
		}
		got := mock.Raw("PUT", mock.At("")+"/__admin/state", header, strings.NewReader(row.body))
		after := mock.Operate("GET", "state?secrets=true", "").Text
		switch shown := fmt.Sprint(got.Body["errors"]); {
		case row.want == "" && (got.Status != 200 || !strings.Contains(after, "hush-hush")):
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		case row.want != "":
			for _, part := range strings.Fields(strings.Replace(row.want, "Line ", "Line:", 1)) {
				if !strings.Contains(shown, strings.Replace(part, "Line:", "Line ", 1)) || got.Status < 400 || before != after {
					t.Errorf("%s: %d %s, want %s", name, got.Status, shown, row.want)
				}
			}
		}
		if strings.Contains(got.Text, "hush") || strings.Contains(got.Text, "colour") {
			t.Errorf("%s: %s", name, got.Text)
		}
	}
	if got := mock.Send("GET", "/v1/authcredentials/"+id, ""); got.Status != 404 {
		t.Errorf("the credential before: %d", got.Status)
	}
}
