package recipe

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// run runs a command. A code of 0 is success.
func run(t *testing.T, command *cobra.Command, input string, args ...string) (code int, stdout, message string) {
	t.Helper()
	var out bytes.Buffer
	command.SetArgs(args)
	command.SetIn(strings.NewReader(input))
	command.SetOut(&out)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.ExecuteContext(t.Context())
	var exit *cli.Exit
	switch {
	case errors.As(err, &exit):
		return exit.Code, out.String(), exit.Message
	case err != nil:
		t.Fatal(err)
	}
	return 0, out.String(), ""
}

func TestRecipeCommand(t *testing.T) {
	for name, row := range map[string]struct {
		args          string
		code          int
		stdout, error string
	}{
		"list":            {"", 0, "  keycloak                 Keycloak\n", ""},
		"list, missing":   {"", 0, "  zoom                     Zoom\n", ""},
		"one":             {"keycloak", 0, "## Keycloak\n\nName: `keycloak`.\n", ""},
		"upper case":      {"Keycloak", 0, "## Keycloak\n", ""},
		"one, missing":    {"zoom", 0, "`account_credentials`", ""},
		"JSON":            {"keycloak --json", 0, "  \"clientId\": \"CLIENT_ID\",\n", ""},
		"page":            {"--page", 0, "\n### Keycloak\n", ""},
		"mistyped":        {"keyclok", 2, "", `there is no recipe "keyclok"; did you mean keycloak?`},
		"part of servers": {"azure", 2, "", `there is no recipe "azure"; did you mean entra-id or entra-id-v1?`},
		"unknown":         {"quartz-and-feldspar", 2, "", `there is no recipe "quartz-and-feldspar"; credmock recipe lists all`},
		"two":             {"okta auth0", 2, "", "name one server"},
		"JSON of all":     {"--json", 2, "", "--json needs the name of a server"},
		"JSON of none":    {"zoom --json", 2, "", "the fields cannot serve Zoom; credmock recipe zoom says what is missing"},
		"page of one":     {"--page okta", 2, "", "--page prints all recipes; leave out --json and the name"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, message := run(t, New(), "", strings.Fields(row.args)...)
			if live.MatchString(stdout) {
				t.Errorf("%s shows what is live", name)
			}
			if code != row.code || !strings.Contains(stdout, row.stdout) || !strings.Contains(message, row.error) || row.code != 0 && stdout != "" {
				t.Errorf("%d %q\n%s", code, message, stdout)
			}
		})
	}
}

const (
	canary  = "cnry-S3cr3t-77"
	signing = `{"authStrategy":"AwsSigv4","accessKey":"EXAMPLEACCESSKEY","secretKey":"` + canary + `","sessionToken":"` + canary +
		`","serviceName":"s3","awsRegion":"eu-central-1"}`
	exchange = `{"authStrategy":"GoogleWIF","audience":"//iam.googleapis.com/projects/1","token_url":"https://sts.example.com/v1/token",` +
		`"service_account_impersonation_url":"https://iam.example.com/a:generateAccessToken"}`
	form = `{"name":"x","environmentId":"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11","grantType":"client_credentials",` +
		`"url":"https://auth.example.com/token","clientId":"lab","clientSecret":"` + canary + `"`
)

// live matches what proves something to a server: a JWT, and a signature of AWS.
var live = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}|Signature=[0-9a-f]{64}`)

func TestExplainRequest(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		code int
		want []string // parts of the output, or of the message
	}{
		"form": {form + "}", 0, []string{"POST /token HTTP/1.1\nHost: auth.example.com\n",
			"\ngrant_type=client_credentials&client_id=lab&client_secret=[masked]\n", "\ncurl --request POST 'https://auth.example.com/token'",
			"\nnote: The client id stands in the Authorization header and in the body."}},
		"byte order mark": {"\ufeff" + form + "}", 0, []string{"POST /token HTTP/1.1\n"}},
		"control":         {form + `,"scopes":"a\u001b[2Jb"}`, 0, []string{"scope=a%1B%5B2Jb"}},
		"signature":       {signing, 0, []string{"Authorization: AWS4-HMAC-SHA256 Credential=EXAMPLEACCESSKEY/", "[masked]", "\ncurl "}},
		"exchange":        {exchange, 0, []string{"POST /v1/token HTTP/1.1\n", "POST /a:generateAccessToken HTTP/1.1\n"}},
		"assertion": {`{"authStrategy":"SMART_Backend",` + form[1:] + "}", 0, []string{"client_assertion=[masked]", "$CLIENT_ASSERTION",
			"note: clientSecret is not sent"}},
		"empty":        {"", 2, []string{"standard input is not JSON that can be read: it is empty"}},
		"too large":    {form + `,"scopes":"` + strings.Repeat("x", fileLimit) + `"}`, 2, []string{"standard input is larger than 1 MiB"}},
		"no JSON":      {form, 2, []string{"it ends before the JSON value does"}},
		"twice":        {form + `,"url":"` + canary + `"}`, 2, []string{"it has a member twice in one object"}},
		"a list":       {"[" + form + "}]", 2, []string{"must hold a JSON object with the fields of a credential"}},
		"null":         {"null", 2, []string{"must hold a JSON object"}},
		"required":     {`{"grantType":"client_credentials"}`, 1, []string{"standard input: /url "}},
		"mistyped":     {form + `,"clientSecrt":"` + canary + `"}`, 1, []string{"clientSecret"}},
		"two mistakes": {`{"grantType":"` + canary + `","url":5}`, 1, []string{"/grantType ", "\n  /url "}},
		"no URL": {`{"grantType":"client_credentials","url":"auth.example.com"}`, 1,
			[]string{"url is no URL of a token endpoint: it needs http:// or https:// and a host"}},
		"no strategy": {`{"authStrategy":"Telepathy"}`, 1, []string{"/authStrategy "}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, message := run(t, NewExplain(), row.text, "--file", "-")
			if code != row.code || strings.Contains(stdout+message, canary) || live.MatchString(stdout) || strings.Contains(stdout, "\x1b") {
				t.Errorf("code %d: %s%s", code, stdout, message)
			}
			for _, want := range row.want {
				if !strings.Contains(stdout+message, want) {
					t.Errorf("%q is not in:\n%s%s", want, stdout, message)
				}
			}
		})
	}
}

// The command reads files, and documents of users.
func TestExplainRequestReadsFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "credential.json")
	if err := os.WriteFile(name, []byte(form+"}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]int{
		"":                             2,
		"--file not-here.json":         2,
		"--file " + name:               0,
		"--file " + name + " and-more": 2,
		"--file " + name + " --spec ../../../../testdata/variant.yaml": 0,
		"--file " + name + " --spec not-here.yaml":                     2,
	} {
		if code, stdout, message := run(t, NewExplain(), "", strings.Fields(args)...); code != want || (stdout != "") != (want == 0) {
			t.Errorf("%s: %d %s%s", args, code, stdout, message)
		}
	}
}
