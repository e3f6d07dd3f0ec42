package spec

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
)

func examples(t *testing.T, format string) string {
	t.Helper()
	text, err := printed(credmock.Document(), credmock.Default(), false, format)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sentHTTP is one request of an .http file.
type sentHTTP struct {
	method, url, body string
	headers           http.Header
}

var httpVariable = regexp.MustCompile(`\{\{(\w+)\}\}`)

// parseHTTP reads the requests of an .http file by name, as the clients of editors do.
func parseHTTP(t *testing.T, text string, changed map[string]string) (names []string, requests map[string]sentHTTP) {
	t.Helper()
	parts := strings.Split(text, "\n### ")
	values := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^@(\w+) = (.+)$`).FindAllStringSubmatch(parts[0], -1) {
		values[found[1]] = found[2]
	}
	requests = map[string]sentHTTP{}
	for _, part := range parts[1:] {
		part = httpVariable.ReplaceAllStringFunc(part, func(found string) string {
			name := strings.Trim(found, "{}")
			if value, isChanged := changed[name]; isChanged {
				return value
			}
			if values[name] == "" {
				t.Errorf("%s is used and not defined", found)
			}
			return values[name]
		})
		head, body, _ := strings.Cut(part, "\n\n")
		lines := strings.Split(strings.TrimSpace(head), "\n")
		name, isNamed := strings.CutPrefix(lines[1], "# @name ")
		method, address, isRequest := strings.Cut(lines[2], " ")
		if !isNamed || !isRequest {
			t.Fatalf("no request: %s", head)
		}
		one := sentHTTP{method, address, strings.TrimSpace(body), http.Header{}}
		for _, line := range lines[3:] {
			field, value, _ := strings.Cut(line, ": ")
			one.headers.Set(field, value)
		}
		names, requests[name] = append(names, name), one
	}
	return names, requests
}

// Every example of the document is answered with success by a fresh mock, one after the other; the token endpoint wants an
// assertion that proves something.
func TestExamplesAreAnswered(t *testing.T) {
	mock := mockserver.Start(t)
	host := strings.TrimSuffix(mock.URL, credmock.Default().BasePath())
	names, requests := parseHTTP(t, examples(t, "http"), map[string]string{"host": host, "token": mock.Token})
	for _, name := range names {
		one := requests[name]
		request, err := http.NewRequestWithContext(t.Context(), one.method, one.url, strings.NewReader(one.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = one.headers
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		want := 2
		if strings.HasPrefix(name, "issueToken") {
			want = 4
		}
		if response.StatusCode/100 != want {
			t.Errorf("%s: %d %s", name, response.StatusCode, answer)
		}
	}
	if len(names) < len(credmock.Default().Operations) {
		t.Errorf("%d requests", len(names))
	}
}

// The three forms have the same requests. In those that pass values on, what was created is read, changed and deleted.
func TestFormsHaveTheSameRequests(t *testing.T) {
	names, _ := parseHTTP(t, examples(t, "http"), nil)
	var postman struct {
		Variable []struct{ Key, Value string }
		Item     []struct {
			Name string
			Item []struct {
				Request struct{ Method string }
				Event   []struct{ Script struct{ Exec []string } }
			}
		}
	}
	text := examples(t, "postman")
	if err := json.Unmarshal([]byte(text), &postman); err != nil {
		t.Fatal(err)
	}
	inPostman := 0
	for _, folder := range postman.Item {
		inPostman += len(folder.Item)
	}
	var arazzo struct {
		Workflows []struct {
			Steps []struct{ OperationID string }
		}
	}
	flow := examples(t, "arazzo")
	if err := yaml.Unmarshal([]byte(flow), &arazzo); err != nil {
		t.Fatal(err)
	}
	inArazzo := 0
	for _, workflow := range arazzo.Workflows {
		inArazzo += len(workflow.Steps)
	}
	if inPostman != len(names) || inArazzo != len(names) {
		t.Errorf("%d requests, %d in Postman, %d in Arazzo", len(names), inPostman, inArazzo)
	}
	for _, want := range []string{`pm.collectionVariables.set(\"credentialId\", pm.response.json()[\"payload\"][\"id\"]);`,
		`pm.collectionVariables.set(\"destinationId\", pm.response.json()[\"payload\"][\"destination\"][\"id\"]);`,
		`to.be.oneOf([201, 200])`, `if (!pm.variables.get(\"client_assertion\")) pm.execution.skipRequest();`} {
		if !strings.Contains(text, want) {
			t.Errorf("the collection has no %s", want)
		}
	}
	for _, want := range []string{"credentialId: $response.body#/payload/id", "value: $steps.createAuthCredential-oauth.outputs.credentialId",
		"client_assertion: $inputs.client_assertion"} {
		if !strings.Contains(flow, want) {
			t.Errorf("the workflows have no %s", want)
		}
	}
}
