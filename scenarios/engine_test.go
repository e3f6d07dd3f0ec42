package scenarios_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios"
)

const create = `
-- create.json --
{
  "name": "Lab results",
  "environmentId": "$ENVIRONMENT",
  "authStrategy": "AwsSigv4",
  "accessKey": "EXAMPLEACCESSKEY",
  "secretKey": "not-a-real-secret",
  "serviceName": "s3",
  "awsRegion": "eu-central-1"
}
`

func TestOutputShowsNoTokenAndNoSecret(t *testing.T) {
	hidden := []string{
		"canary-secret-of-the-body-0001", "canary-password-with-\\-and-+/", "canary-token-of-the-engineer-02",
		"canary-token-typed-into-it-0003", "canary-token-in-a-header-000004", "canary-of-a-file-never-sent-05", "tiny",
	}
	script := `# A server that gives everything back.
token canary-token-typed-into-it-0003
request PATCH /v1/authcredentials/echo secrets.json
status 200
header Authorization 'Bearer canary-token-in-a-header-000004'
request PATCH /v1/authcredentials/echo broken.json
status 200
capture url /payload/url
request PATCH /v1/authcredentials/echo secrets.json
env
cat unsent.json
! body canary-secret-of-the
-- secrets.json --
{
  "clientSecret": "canary-secret-of-the-body-0001",
  "password": "canary-password-with-\\-and-+/",
  "sessionToken": "tiny"
}
-- broken.json --
{"secretKey": "canary-secret-of-the-body-0001", "clientSecret": "canary-password-with-\\-and-+/
-- unsent.json --
{"clientSecret": "canary-of-a-file-never-sent-05"}
`
	for _, verbose := range []bool{false, true} {
		file := write(t, "leak.txtar", strings.Replace(script, "cat unsent.json\n", "exec cat unsent.json\n", 1))
		summary, out := run(t, t.Context(), file, scenarios.Params{URL: faulty(t), Token: hidden[2], Verbose: verbose, AllowExec: true})
		if summary.ExitCode() != report.ExitViolates {
			t.Errorf("exit code %d, owed %d:\n%s", summary.ExitCode(), report.ExitViolates, out)
		}
		if !strings.Contains(out, "leak.txtar:12:") || !strings.Contains(out, "[masked]") {
			t.Errorf("the script did not fail where it should:\n%s", out)
		}
		for _, secret := range hidden {
			searchFor(t, out, secret)
		}
	}
}

// The requests of credentials are in the transcript without secrets, assertions and subject tokens.
func TestTranscriptOfTokenRequestsIsMasked(t *testing.T) {
	const script = `mock
request POST /v1/authcredentials smart.json
capture smart /payload/id
token-request $smart
status 200
token-request $smart 'send=true&alg=ES384'
status 200
request POST /v1/authcredentials oauth.json
capture oauth /payload/id
token-request $oauth send=true
status 200
token-request $oauth basic=encoded
status 200
request POST /v1/authcredentials exchange.json
capture exchange /payload/id
token-request $exchange send=true
status 404
-- smart.json --
{"name": "S", "environmentId": "$ENVIRONMENT", "authStrategy": "SMART_Backend", "grantType": "client_credentials",
 "url": "http://127.0.0.1:1/token", "clientId": "lab", "clientSecret": "canary-secret-of-the-body-0001"}
-- oauth.json --
{"name": "O", "environmentId": "$ENVIRONMENT", "grantType": "client_credentials", "url": "http://127.0.0.1:1/token", "clientId": "lab",
 "clientSecret": "canary-secret-of-the-body-0001", "username": "ann", "password": "canary-password-with-%-and-+/"}
-- exchange.json --
{"name": "E", "environmentId": "$ENVIRONMENT", "authStrategy": "GoogleWIF", "audience": "//iam.googleapis.com/projects/1",
 "token_url": "http://127.0.0.1:1/token", "service_account_impersonation_url": "http://127.0.0.1:1/a"}
`
	summary, out := run(t, t.Context(), write(t, "requests.txtar", script), scenarios.Params{Verbose: true})
	if summary.ExitCode() != report.ExitViolates || !strings.Contains(out, "requests.txtar:17:") || strings.Count(out, "[masked]") < 6 {
		t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
	}
	live := regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}|Basic [A-Za-z0-9+/=]{8,}`)
	if found := live.FindString(out); found != "" {
		t.Errorf("%q is shown", found)
	}
	for _, secret := range []string{"canary-secret-of-the-body-0001", "canary-password-with-%-and-+/"} {
		searchFor(t, out, secret)
	}
}

// searchFor looks for a secret as it stands, in pieces and encoded.
func searchFor(t *testing.T, out, secret string) {
	t.Helper()
	piece := min(8, len(secret))
	for start := 0; start+piece <= len(secret); start++ {
		if strings.Contains(out, secret[start:start+piece]) {
			t.Errorf("the output shows %q of a secret:\n%s", secret[start:start+piece], out)
			return
		}
	}
	for _, encoded := range []string{
		base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)), url.QueryEscape(secret),
	} {
		if strings.Contains(out, encoded) {
			t.Errorf("the output shows a secret encoded:\n%s", out)
		}
	}
}

func TestWhatAFailedScriptCreatedIsDeleted(t *testing.T) {
	mock := mockserver.Start(t)
	before := inventory(t, mock)
	file := write(t, "attached-late.txtar", `request POST /v1/environments/$ENVIRONMENT/destinations destination.json
capture destination /payload/destination/id
request POST /v1/authcredentials create.json
capture credential /payload/id
request PATCH /v1/destinations/$destination attach.json
status 200
request POST /v1/authcredentials create.json
status 500
-- destination.json --
{"name": "Results inbox"}
-- attach.json --
{"authCredential": "$credential"}`+create)
	summary, out := run(t, t.Context(), file, scenarios.Params{URL: mock.URL})
	if summary.ExitCode() != report.ExitViolates || len(summary.Results[0].LeftBehind) > 0 {
		t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
	}
	if after := inventory(t, mock); after != before {
		t.Errorf("left behind: %s", after)
	}
}

func TestWhatCannotBeDeletedIsNamed(t *testing.T) {
	mock := mockserver.Start(t)
	target, err := url.Parse(mock.URL)
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	proxy := httputil.NewSingleHostReverseProxy(target)
	stubborn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusConflict)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer stubborn.Close()
	file := write(t, "stubborn.txtar", "request POST /v1/authcredentials create.json\nstatus 2xx\n"+create)
	summary, out := run(t, t.Context(), file, scenarios.Params{URL: stubborn.URL + "/platform"})
	if summary.ExitCode() != report.ExitLeftBehind || !strings.Contains(out, "left behind: DELETE /v1/authcredentials/") {
		t.Errorf("exit code %d, owed %d:\n%s", summary.ExitCode(), report.ExitLeftBehind, out)
	}
}

func TestExitCodes(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	mock := mockserver.Start(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	request := "request GET /v1/authcredentials/strategies\n"
	cases := map[string]struct {
		script string
		params scenarios.Params
		ctx    context.Context
		code   int
		says   string
	}{
		"passed": {request + "status 200\n", scenarios.Params{}, t.Context(), 0,
			"1 scenario: 1 passed, 0 failed, 0 skipped; 1 assertion; against a fresh mock for each\n"},
		"nothing checked": {request, scenarios.Params{}, t.Context(), report.ExitInconclusive, "checked nothing"},
		"stopped early":   {"stop\n" + request + "status 404\n", scenarios.Params{}, t.Context(), report.ExitInconclusive, "asserts nothing"},
		"skipped": {"mock\n" + request + "status 200\n", scenarios.Params{URL: mock.URL}, t.Context(), report.ExitInconclusive,
			"it starts a mock of its own"},
		"no principal": {"token viewer\n" + request + "status 200\n", scenarios.Params{URL: mock.URL}, t.Context(), report.ExitInconclusive,
			"it needs --viewer-token"},
		"unreachable": {request + "status 200\n", scenarios.Params{URL: gone.URL}, t.Context(), report.ExitInconclusive, "got no answer"},
		"interrupted": {request + "status 200\n", scenarios.Params{}, cancelled, report.ExitInterrupted, "interrupted"},
	}
	for name, each := range cases {
		t.Run(name, func(t *testing.T) {
			summary, out := run(t, each.ctx, write(t, "script.txtar", each.script), each.params)
			if summary.ExitCode() != each.code || !strings.Contains(out, each.says) {
				t.Errorf("exit code %d, owed %d and %q:\n%s", summary.ExitCode(), each.code, each.says, out)
			}
		})
	}
}

func TestUsageErrors(t *testing.T) {
	file := write(t, "script.txtar", "stop\n")
	cases := map[string]struct {
		files  []string
		params scenarios.Params
		says   string
	}{
		"no file":          {nil, scenarios.Params{}, "name at least one scenario file"},
		"missing":          {[]string{"not-here.txtar"}, scenarios.Params{}, "there is no file not-here.txtar"},
		"empty folder":     {[]string{t.TempDir()}, scenarios.Params{}, "has no *.txtar file"},
		"bad expression":   {[]string{file}, scenarios.Params{Select: "("}, "not a regular expression"},
		"nothing selected": {[]string{file}, scenarios.Params{Select: "other"}, "no scenario has a name that matches other"},
	}
	for name, each := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := scenarios.RunFiles(t.Context(), each.files, each.params, &bytes.Buffer{})
			var usage *report.UsageError
			if !errors.As(err, &usage) || !strings.Contains(usage.Message, each.says) {
				t.Errorf("seen %v, owed a usage error with %q", err, each.says)
			}
		})
	}
}

func TestUpdateRewritesOneSectionAlone(t *testing.T) {
	before := "# Text before,  with  blanks.\r\nrequest POST /v1/authcredentials create.json\ncapture id /payload/id\n" +
		"cmpjson owed.json\nstatus 201\n" + create + `-- owed.json --
{"meta": "<any>",
 "payload": {"region": "gone", "id": "$id", "createdAt": "<time>", "organization": $ORGANIZATION, "name": "Old name"}}
-- last --
  kept as it is	

-- owed.json.not --
{ "name" : "Old name" }`
	file := write(t, "update.txtar", before)
	summary, out := run(t, t.Context(), file, scenarios.Params{Update: true})
	if summary.ExitCode() != 0 {
		t.Fatalf("exit code %d:\n%s", summary.ExitCode(), out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	start, rest, _ := strings.Cut(before, "{\"meta\"")
	_, end, _ := strings.Cut(rest, "-- last --")
	owed := start + `{
  "meta": "<any>",
  "payload": {
    "id": "$id",
    "createdAt": "<time>",
    "organization": $ORGANIZATION,
    "name": "Lab results",
    "environmentId": "$ENVIRONMENT",
    "updatedAt": "<time>",
    "authStrategy": "AwsSigv4",
    "accessKey": "EXAMPLEACCESSKEY",
    "serviceName": "s3",
    "awsRegion": "eu-central-1",
    "hasSecretKey": true,
    "hasSessionToken": false
  }
}
-- last --` + end
	if string(data) != owed {
		t.Errorf("seen\n%s\nowed\n%s", data, owed)
	}
	summary, out = run(t, t.Context(), file, scenarios.Params{})
	if summary.ExitCode() != 0 {
		t.Errorf("the updated script fails:\n%s", out)
	}
}

func TestAVerdictIsTheScriptsOutput(t *testing.T) {
	file := write(t, "verify.txtar", "verify --run '^envelope/'\nstdout conforms\n")
	summary, out := run(t, t.Context(), file, scenarios.Params{})
	if summary.ExitCode() != 0 {
		t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
	}
	file = write(t, "violates.txtar", "! verify --run '^envelope/'\nstdout violates\n")
	summary, out = run(t, t.Context(), file, scenarios.Params{URL: unversioned(t)})
	if summary.ExitCode() != 0 {
		t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
	}
}

// unversioned returns the base URL of a mock whose answers have lost the version of their format.
func unversioned(t *testing.T) string {
	t.Helper()
	mock := mockserver.Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		mock.Server.ServeHTTP(recorded, r)
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(bytes.ReplaceAll(recorded.Body.Bytes(), []byte(`"version"`), []byte(`"Version"`)))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

func TestAMockCanHaveAnotherDocument(t *testing.T) {
	document, err := os.ReadFile(filepath.Join("..", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "other.txtar", "mock --spec $SCRIPTDIR/other.yaml --seed 7\nrequest GET /v1/authcredentials/strategies\njson "+
		"/meta/version 1.1.0\nconforms\n")
	other := strings.Replace(string(document), "version: 1.0.0", "version: 1.1.0", 1)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "other.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	summary, out := run(t, t.Context(), file, scenarios.Params{})
	if summary.ExitCode() != 0 {
		t.Errorf("exit code %d:\n%s", summary.ExitCode(), out)
	}
}
