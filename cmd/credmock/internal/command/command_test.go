package command

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// outcome is all that a command leaves.
type outcome struct {
	code           int
	stdout, stderr string
}

// invoke runs the command line with an environment.
func invoke(ctx context.Context, environment map[string]string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) {
		value, set := environment[name]
		return value, set
	}
	code := Main(ctx, args, lookup, strings.NewReader(""), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// invocation is a row of the table: what is typed, and what comes of it. Texts are regular expressions.
type invocation struct {
	args           []string
	environment    map[string]string
	code           int
	stdout, stderr string
}

func (i invocation) check(t *testing.T) {
	t.Helper()
	seen := invoke(t.Context(), i.environment, i.args...)
	if seen.code != i.code {
		t.Errorf("exit code %d, owed %d", seen.code, i.code)
	}
	for _, stream := range []struct{ name, seen, owed string }{{"stdout", seen.stdout, i.stdout}, {"stderr", seen.stderr, i.stderr}} {
		if !regexp.MustCompile(`(?s)^(?:` + stream.owed + `)$`).MatchString(stream.seen) {
			t.Errorf("%s is\n%sowed %s", stream.name, stream.seen, stream.owed)
		}
	}
	if i.code == report.ExitUsage && len(i.args) > 0 && strings.Count(seen.stderr, "\n") != 1 {
		t.Errorf("a usage error is one line, not:\n%s", seen.stderr)
	}
}

// wrongServing are command lines that name no command, or start no mock.
func wrongServing(t *testing.T) map[string]invocation {
	t.Helper()
	broken := file(t, "broken.yaml", "openapi: 3.0.3\n")
	faulty := file(t, "faulty.yaml", "organizations:\n  - {id: 1, colour: red}\n")
	folder := t.TempDir()
	taken := occupied(t)
	return map[string]invocation{
		"no command":             {nil, nil, 2, "", `.*Available Commands:.*`},
		"unknown command":        {words("serv"), nil, 2, "", `credmock: there is no command "serv"; did you mean serve\?\n`},
		"unknown command, flags": {words("verfy --list"), nil, 2, "", `credmock: there is no command "verfy"; did you mean verify\?\n`},
		"far from every command": {words("launch"), nil, 2, "", `credmock: there is no command "launch"; credmock --help lists .*\n`},
		"not yet there":          {words("proxy"), nil, 2, "", `credmock: there is no command "proxy".*\n`},
		"flag of other tools": {words("serve --port 4010"), nil, 2, "",
			`credmock: credmock serve has no flag --port; --addr is what you look for\n`},
		"unknown flag": {words("serve --adr x"), nil, 2, "", `credmock: credmock serve has no flag --adr; did you mean --addr\?\n`},
		"far from every flag": {words("serve --colour"), nil, 2, "",
			`credmock: credmock serve has no flag --colour; credmock serve --help .*\n`},
		"short flag":              {words("serve -p 1"), nil, 2, "", `credmock: credmock serve has no flag -p; .*\n`},
		"argument":                {words("serve 4118"), nil, 2, "", `credmock: credmock serve takes flags alone.*\n`},
		"bad number":              {words("serve --seed abc"), nil, 2, "", `credmock: --seed must be a whole number\n`},
		"bad number, environment": {words("serve"), env("CREDMOCK_SEED=abc"), 2, "", `credmock: CREDMOCK_SEED must be a whole number\n`},
		"bad choice":              {words("serve --log xml"), nil, 2, "", `credmock: --log must be one of text, json\n`},
		"missing value":           {words("serve --addr"), nil, 2, "", `credmock: --addr needs a value: a HOST:PORT\n`},
		"bad switch":              {words("verify --strict=maybe"), nil, 2, "", `credmock: --strict must be true or false\n`},
		"port in use": {words("serve --addr " + taken), nil, 2, "",
			`credmock: ` + taken + ` is in use; choose another address with --addr.*\n`},
		"no address":            {words("serve --addr nonsense"), nil, 2, "", `credmock: --addr: nonsense cannot be listened on.*\n`},
		"missing document":      {words("serve --spec not-here.yaml"), nil, 2, "", `credmock: --spec: there is no file not-here.yaml\n`},
		"folder for a document": {words("serve --spec " + folder), nil, 2, "", `credmock: --spec: .* cannot be opened: is a directory\n`},
		"broken document":       {words("serve --spec " + broken), nil, 2, "", `credmock: --spec: .*broken.yaml does not load: .*\n`},
		"missing fixtures":      {words("serve --fixtures not-here.yaml"), nil, 2, "", `credmock: --fixtures: there is no file not-here.yaml\n`},
		"broken fixtures": {words("serve --fixtures " + faulty), nil, 2, "",
			`credmock: the mock cannot start: .*faulty.yaml: line 2: .*\n`},
		"empty token":         {args("serve", "--token", ""), nil, 2, "", `credmock: a token is empty; .*\n`},
		"empty token in list": {words("serve"), env("CREDMOCK_TOKEN=one,,two"), 2, "", `credmock: a token is empty; .*\n`},
		"same token twice": {words("serve --token same-one --viewer-token same-one"), nil, 2, "",
			`credmock: --token and --viewer-token are the same token; .*\n`},
		"same token, verify": {words("verify --viewer-token same-one --other-token same-one"), nil, 2, "",
			`credmock: --viewer-token and --other-token are the same token; .*\n`},
		"blank in token": {args("serve", "--token", "a b"), nil, 2, "", `credmock: --token has a blank or a comma in it.*\n`},
	}
}

// wrongRuns are command lines that judge nothing and run nothing.
func wrongRuns(t *testing.T) map[string]invocation {
	t.Helper()
	folder := t.TempDir()
	script := file(t, "script.txtar", "stop\n")
	return map[string]invocation{
		"no scheme": {words("verify --url localhost:4118/platform"), nil, 2, "",
			`credmock: --url needs a scheme and a host, such as http://127.0.0.1:4118/platform\n`},
		"other scheme": {words("verify --url ftp://host/platform"), nil, 2, "",
			`credmock: --url must begin with http:// or https://.*\n`},
		"ends in v1": {words("verify --url http://host/platform/v1/"), nil, 2, "",
			`credmock: --url must end before /v1: give http://host/platform\n`},
		"userinfo": {words("verify --url http://me:hunter2@host/platform"), nil, 2, "",
			`credmock: --url must not hold a user or a password; .* --token\n`},
		"query":     {words("verify --url http://host/platform?x=1"), nil, 2, "", `credmock: --url must end with its path.*\n`},
		"empty URL": {args("verify", "--url", ""), nil, 2, "", `credmock: --url is empty; .*\n`},
		"empty URL of the environment": {words("verify"), env("CREDMOCK_URL="), 2, "",
			`credmock: CREDMOCK_URL is set and empty; .*\n`},
		"empty URL of a scenario": {args("run", "--url", "", "x.txtar"), nil, 2, "", `credmock: --url is empty; .*\n`},
		"unknown capability":      {words("verify --require wings"), nil, 2, "", `credmock: there is no capability "wings" to require; .*\n`},
		"unknown strategy": {words("verify --strategies Telepathy"), nil, 2, "",
			`credmock: the document has no strategy "Telepathy"; .*\n`},
		"URL of the environment": {words("verify"), env("CREDMOCK_URL=http://host/platform/v1"), 2, "",
			`credmock: --url must end before /v1.*\n`},
		"no time":      {words("verify --timeout 0s"), nil, 2, "", `credmock: --timeout must be more than nothing.*\n`},
		"bad duration": {words("verify --timeout 10"), nil, 2, "", `credmock: --timeout must be a duration, such as 30s or 2m\n`},
		"unknown format": {words("verify --report yaml=-"), nil, 2, "",
			`credmock: --report: there is no format "yaml" here, only .*json.*\n`},
		"report without a place": {words("verify --report json"), nil, 2, "", `credmock: --report: say where to write it, as in json=.*\n`},
		"two reports on stdout": {words("verify --report json=- --report text=-"), nil, 2, "",
			`credmock: --report: standard output is named twice; .*\n`},
		"unwritable report": {words("verify --report json=" + folder), nil, 2, "",
			`credmock: --report: .* cannot be opened: is a directory\n`},
		"report in no folder": {words("verify --report json=" + folder + "/no/r.json"), nil, 2, "",
			`credmock: --report: .* cannot be written: its folder is not there\n`},
		"nothing selected":     {words("verify --run no-check-has-this-name"), nil, 2, "", `judging [^\n]*\ncredmock: .*\n`},
		"nothing listed":       {words("verify --list --run no-check-has-this-name"), nil, 2, "", `credmock: .*\n`},
		"bad expression":       {words("verify --list --run ("), nil, 2, "", `credmock: .*\n`},
		"unknown alternative":  {words("verify --list --accept nonsense"), nil, 2, "", `credmock: .*\n`},
		"no scenario":          {words("run"), nil, 2, "", `credmock: name at least one scenario file.*\n`},
		"missing scenario":     {words("run not-here.txtar"), nil, 2, "", `credmock: there is no file not-here.txtar\n`},
		"no scenario selected": {words("run --run nothing " + script), nil, 2, "", `credmock: no scenario has a name that matches nothing\n`},
		"unknown spec format":  {words("spec --format xml"), nil, 2, "", `credmock: --format must be one of yaml, json, http, postman, arazzo\n`},
	}
}

func TestUsageErrorsAreOneSentence(t *testing.T) {
	rows := wrongServing(t)
	maps.Copy(rows, wrongRuns(t))
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			if name == "nothing selected" {
				seen := invoke(t.Context(), nil, row.args...)
				if seen.code != 2 || seen.stdout != "" {
					t.Errorf("exit code %d, stdout %q", seen.code, seen.stdout)
				}
				return
			}
			row.check(t)
		})
	}
}

// Whoever has three things to mend wants to know of three.
func TestAllFaultsOfFixturesAreTold(t *testing.T) {
	faulty := file(t, "faulty.yaml", "organizations: [{id: 1, colour: red}]\nprincipals: {job: {organization: 1}}\nfaults: [{status: 700}]\n")
	seen := invoke(t.Context(), nil, "serve", "--fixtures", faulty)
	for _, fault := range []string{"line 1: /organizations/0: ", "line 2: /principals/job: role is required", "line 3: /faults/0/status: "} {
		if seen.code != 2 || !strings.Contains(seen.stderr, "\n  "+faulty+": "+fault) {
			t.Errorf("exit code %d, and %q is missing in\n%s", seen.code, fault, seen.stderr)
		}
	}
}

func TestCommandsAnswer(t *testing.T) {
	mock := mockserver.Start(t)
	host := strings.TrimSuffix(mock.URL, "/platform")
	passes := file(t, "passes.txtar", "request GET /v1/authcredentials/strategies\nstatus 200\n")
	fails := file(t, "fails.txtar", "request GET /v1/authcredentials/strategies\nstatus 404\n")
	checksNothing := file(t, "nothing.txtar", "request GET /v1/authcredentials/strategies\n")
	rows := map[string]invocation{
		"version": {words("version"), nil, 0, `credmock ` + regexp.QuoteMeta(credmock.ToolVersion) + `\n(commit   .*\n)?(date     .*\n)?` +
			`go       go1\.\S+\nplatform \w+/\w+\n`, ""},
		"version flag":          {words("--version"), nil, 0, `credmock ` + regexp.QuoteMeta(credmock.ToolVersion) + `\n`, ""},
		"help":                  {words("--help"), nil, 0, `.*completion .*healthcheck .*run .*serve .*spec .*verify .*version .*`, ""},
		"help of serve":         {words("serve --help"), nil, 0, `.*--viewer-token TOKEN .*\(env CREDMOCK_VIEWER_TOKEN\).*`, ""},
		"help of verify":        {words("help verify"), nil, 0, `.*Examples:.*--report FORMAT=FILE.*CREDMOCK_REPORT.*`, ""},
		"document":              {words("spec"), nil, 0, regexp.QuoteMeta(string(credmock.Document())), ""},
		"bash completion":       {words("completion bash"), nil, 0, `.*__start_credmock.*`, ""},
		"zsh completion":        {words("completion zsh"), nil, 0, `#compdef credmock.*`, ""},
		"fish completion":       {words("completion fish"), nil, 0, `.*fish.*`, ""},
		"powershell completion": {words("completion powershell"), nil, 0, `.*powershell.*`, ""},
		"completed choice":      {args("__complete", "serve", "--log", ""), nil, 0, `text\njson\n:4\n`, `.*`},
		"healthy":               {words("healthcheck --url " + mock.URL), nil, 0, "ready\n", ""},
		"healthy, environment":  {words("healthcheck"), env("CREDMOCK_URL=" + host), 0, "ready\n", ""},
		"not there": {words("healthcheck --url http://" + closed(t)), nil, 1, "",
			`credmock: http://127.0.0.1:\d+/readyz does not answer: .*\n`},
		"scenario":          {args("run", passes), nil, 0, `ok   .*passes.txtar \d+ms\n\n1 scenario: 1 passed.*`, ""},
		"scenario over URL": {args("run", "--url", mock.URL+"//", passes), nil, 0, `ok .*`, ""},
		"failed scenario": {args("run", passes, fails), nil, 1,
			`ok .*FAIL .*fails.txtar \d+ms\n.*seen status 200, owed 404.*2 scenarios: 1 passed, 1 failed.*`, ""},
		"selected scenario":     {args("run", "--run", "^pass", passes, fails), nil, 0, `ok .*1 scenario: 1 passed.*`, ""},
		"scenario, environment": {args("run", passes, fails), env("CREDMOCK_RUN=^pass"), 0, `ok .*1 scenario: 1 passed.*`, ""},
		"verbose scenario":      {args("run", "--verbose", passes), nil, 0, `ok .*> status 200.*PASS.*`, ""},
		"nothing checked":       {args("run", checksNothing), nil, 3, `ok .*checked nothing.*`, ""},
		"scenario, wrong token": {args("run", "--url", mock.URL, "--token", "wrong-token-of-mine", passes), nil, 3,
			`FAIL .*inconclusive: the server answers 401 to the token of --token; .*`, ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}

func TestTheDocumentAsJSONIsTheSameDocument(t *testing.T) {
	seen := invoke(t.Context(), nil, "spec", "--format", "json")
	if seen.code != 0 || !json.Valid([]byte(seen.stdout)) {
		t.Fatalf("exit code %d, stderr %s", seen.code, seen.stderr)
	}
	spec, err := credmock.Load([]byte(seen.stdout))
	if err != nil {
		t.Fatal(err)
	}
	if owed := credmock.Default(); len(spec.Operations) != len(owed.Operations) || len(spec.Strategies) != len(owed.Strategies) {
		t.Errorf("%d operations and %d strategies, owed %d and %d",
			len(spec.Operations), len(spec.Strategies), len(owed.Operations), len(owed.Strategies))
	}
	grant, url := strings.Index(seen.stdout, `"grantType": {`), strings.Index(seen.stdout, `"url": {`)
	if grant < 0 || url < grant {
		t.Error("the order of properties is lost")
	}
}

func TestNoMessageShowsAToken(t *testing.T) {
	secret := "a-token-that-nobody-may-see"
	for _, given := range [][]string{
		{"serve", "--token", secret, "--viewer-token", secret},
		{"serve", "--token", secret, "--token", secret},
		{"serve", "--token", secret + " ", "--addr", "nonsense"},
		{"serve", "--viewer-token", secret, "--addr", "nonsense"},
		{"verify", "--url", "http://user:" + secret + "@host"},
		{"verify", "--url", "http://user:" + secret + "@ho st"},
		{"verify", "--url", "http://" + closed(t), "--token", secret, "--viewer-token", secret + "-2"},
		{"run", "--url", "http://" + closed(t), "--token", secret, "--verbose",
			file(t, "s.txtar", "token viewer\nrequest GET /v1/x\nstatus 200\n")},
	} {
		for _, environment := range []map[string]string{nil, env("CREDMOCK_OTHER_TOKEN=" + secret + "-3")} {
			seen := invoke(t.Context(), environment, given...)
			if seen.code == 0 {
				t.Errorf("%s %s ended well", given[0], given[1])
			}
			if strings.Contains(seen.stdout+seen.stderr, secret) {
				t.Errorf("a token is shown:\n%s%s", seen.stdout, seen.stderr)
			}
		}
	}
}

func words(text string) []string   { return strings.Fields(text) }
func args(args ...string) []string { return args }
func env(settings ...string) map[string]string {
	environment := map[string]string{}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		environment[name] = value
	}
	return environment
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// occupied returns an address that is in use until the test ends.
func occupied(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// closed returns an address at which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.Listener.Addr().String()
}

// The command line and its twin in the environment let a scenario touch the machine; without them it is refused.
func TestRunAllowsExecWhenTold(t *testing.T) {
	for name, row := range map[string]struct {
		flags string
		env   map[string]string
		runs  bool
	}{
		"not told": {"", nil, false},
		"by flag":  {" --allow-exec", nil, true},
		"by twin":  {"", map[string]string{"CREDMOCK_ALLOW_EXEC": "true"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			marker := filepath.Join(t.TempDir(), "marker")
			script := file(t, "script.txtar", "exec touch "+marker+"\nrequest GET /v1/authcredentials/strategies\nstatus 200\n")
			seen := invoke(t.Context(), row.env, words("run"+row.flags+" "+script)...)
			_, err := os.Lstat(marker)
			if ran := err == nil; ran != row.runs || (seen.code == 0) != row.runs {
				t.Errorf("%d, ran: %v: %s%s", seen.code, ran, seen.stdout, seen.stderr)
			}
			if !row.runs && !strings.Contains(seen.stdout, "script.txtar:1: exec is refused, as it runs a program; where you trust the file") {
				t.Errorf("%s", seen.stdout)
			}
		})
	}
}

func TestRunNeedsTime(t *testing.T) {
	seen := invoke(t.Context(), nil, "run", "--timeout", "0s", file(t, "script.txtar", "stop\n"))
	if seen.code != 2 || !strings.Contains(seen.stderr, "--timeout must be more than nothing") {
		t.Errorf("%d: %s", seen.code, seen.stderr)
	}
}

// The commit and its date come from the repository in which the program was built, or from the version of the module.
func TestBuildOf(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for name, test := range map[string]struct {
		info               *debug.BuildInfo
		commit, date, text string
	}{
		"nothing": {nil, "", "", "credmock " + credmock.ToolVersion + "\ngo "},
		"repository": {&debug.BuildInfo{Settings: []debug.BuildSetting{
			setting("vcs.revision", "9b0c86b"), setting("vcs.time", "2026-11-26T15:20:44Z"), setting("vcs.modified", "true"),
		}}, "9b0c86b", "2026-11-26T15:20:44Z", "\ncommit   9b0c86b, modified\ndate     2026-11-26T15:20:44Z\n"},
		"module": {&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261126152044-9b0c86b2d1f0"}},
			"9b0c86b2d1f0", "2026-11-26T15:20:44Z", "\ncommit   9b0c86b2d1f0\n"},
		"module after a tag": {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.1-0.20261126152044-9b0c86b2d1f0+dirty"}},
			"9b0c86b2d1f0", "2026-11-26T15:20:44Z", ""},
		"tag":         {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "", "", ""},
		"pre-release": {&debug.BuildInfo{Main: debug.Module{Version: "v0.1.0-rc.1-a-b"}}, "", "", ""},
		"no date":     {&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20269926152044-9b0c86b2d1f0"}}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := buildOf(test.info)
			if got.Commit != test.commit || got.Date != test.date || got.Go != runtime.Version() {
				t.Errorf("%+v", got)
			}
			if text, err := got.text(false); err != nil || !strings.Contains(text, test.text) {
				t.Errorf("%v %s", err, text)
			}
		})
	}
}

func TestVersionAsJSON(t *testing.T) {
	seen := invoke(t.Context(), nil, "version", "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(seen.stdout), &got); err != nil || seen.code != 0 {
		t.Fatalf("%d %v", seen.code, err)
	}
	if got["version"] != credmock.ToolVersion || got["go"] != runtime.Version() || got["platform"] != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("%v", got)
	}
}
