package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/engine"
)

// Params says which scripts to run, and against what.
type Params struct {
	// Dir is a folder whose *.txtar files are run. May be empty; if empty, Files are run.
	Dir string
	// Files are scripts, or folders of scripts.
	Files []string
	// URL is the base that ends before /v1. May be empty; if empty, each script gets a fresh mock of its own.
	URL string
	// Token is the bearer token of an engineer of Organization. May be empty; if empty, dev-token.
	Token string
	// ViewerToken belongs to a member without the engineer role, OtherToken to an engineer of another organization.
	// May be empty; if empty, a script that asks for one is skipped under URL, and a fresh mock has one of its own.
	ViewerToken, OtherToken string
	// TokenSource, ViewerTokenSource and OtherTokenSource return the tokens instead, for tokens that end during a run; see
	// [contract.Target].
	TokenSource, ViewerTokenSource, OtherTokenSource func(ctx context.Context, refused string) (string, error)
	// Organization is $ORGANIZATION in scripts. May be zero; if zero, 118.
	Organization int
	// Environment is $ENVIRONMENT in scripts. May be empty; if empty, the first one that the environments endpoint
	// lists, else contract.DefaultEnvironment.
	Environment string
	// Spec is the contract. May be nil; if nil, the embedded document.
	Spec *credmock.Spec
	// Transport sends the requests to URL. May be nil; if nil, one of net/http that follows no proxy of the environment.
	Transport http.RoundTripper
	// Header are further headers of each request to URL; no transcript shows their values. See [contract.Target].
	Header http.Header
	// Rate is the number of requests a second at most. May be zero; if zero, there is no limit.
	Rate float64
	// FailFast ends RunFiles at the first script that fails.
	FailFast bool
	// Timeout bounds the whole run; cleaning up may take a few seconds more. May be zero; if zero, RunFiles takes DefaultTimeout,
	// and Run has the time that go test gives it.
	Timeout time.Duration
	// Select is a regular expression over script names. May be empty; if empty, all run.
	Select string
	// AllowExec lets scripts touch the machine: run programs, change files, read files of other folders. It is for scripts
	// that you trust: a script may hold text of a server's answers.
	AllowExec bool
	// Update rewrites the files that cmpjson finds to differ.
	Update bool
	// Verbose shows every phase of every script, passed ones included.
	Verbose bool
}

// Run runs each script as a parallel subtest. It fails when no script asserted anything.
func Run(t *testing.T, params Params) {
	t.Helper()
	files, err := params.scripts()
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(params.Timeout)
	params.Verbose = params.Verbose || testing.Verbose()
	run := params.newRun()
	var mutex sync.Mutex
	asserted := 0
	t.Cleanup(func() {
		if asserted == 0 && !t.Failed() {
			t.Error("no script asserted anything, so nothing was checked")
		}
	})
	for _, file := range files {
		t.Run(scriptName(file), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if params.Timeout > 0 {
				bounded, cancel := context.WithDeadline(ctx, deadline)
				defer cancel()
				ctx = bounded
			}
			result := newResult(file, run.Script(ctx, file))
			mutex.Lock()
			asserted += result.Assertions
			mutex.Unlock()
			result.report(t)
		})
	}
}

// RunFiles runs scripts one after the other and writes a line for each to out, and a summary. The error is a
// *report.UsageError or nil: all else is in the Summary.
func RunFiles(ctx context.Context, files []string, params Params, out io.Writer) (Summary, error) {
	params.Files = append(params.Files[:len(params.Files):len(params.Files)], files...)
	selected, err := params.scripts()
	if err != nil {
		return Summary{}, err
	}
	if params.Timeout == 0 {
		params.Timeout = DefaultTimeout
	}
	bounded, cancel := context.WithTimeout(ctx, params.Timeout)
	defer cancel()
	run := params.newRun()
	summary := Summary{Target: strings.TrimRight(params.URL, "/")}
	for _, file := range selected {
		if bounded.Err() != nil || run.Refused() != "" || params.FailFast && summary.failed() {
			break
		}
		result := newResult(file, run.Script(bounded, file))
		result.write(out, params.Verbose)
		summary.Results = append(summary.Results, result)
	}
	summary.Refused = run.Refused()
	summary.Interrupted = errors.Is(ctx.Err(), context.Canceled)
	summary.Stopped = params.FailFast && summary.failed() && len(summary.Results) < len(selected)
	summary.TimedOut = !summary.Interrupted && !summary.Stopped && summary.Refused == "" && len(summary.Results) < len(selected)
	summary.write(out)
	return summary, nil
}

// DefaultTimeout is how long a run of RunFiles may take unless Params say otherwise.
const DefaultTimeout = 2 * time.Minute

// newRun returns what runs the scripts, with the defaults of the parameters filled in.
func (p Params) newRun() *engine.Run {
	if p.Spec == nil {
		p.Spec = credmock.Default()
	}
	if p.Organization == 0 {
		p.Organization = contract.DefaultOrganization
	}
	if p.Token == "" && p.TokenSource == nil {
		p.Token = mockserver.DefaultToken
	}
	return engine.New(engine.Config{
		URL: strings.TrimRight(p.URL, "/"), Token: p.Token, ViewerToken: p.ViewerToken, OtherToken: p.OtherToken,
		Organization: p.Organization, Environment: p.Environment, Spec: p.Spec, Transport: p.Transport,
		Header: p.Header, Rate: p.Rate,
		Sources:   [3]bearer.Source{p.TokenSource, p.ViewerTokenSource, p.OtherTokenSource},
		AllowExec: p.AllowExec, Update: p.Update, Verbose: p.Verbose,
	})
}

// scripts returns the files that the parameters select.
func (p Params) scripts() ([]string, error) {
	files := p.Files
	if p.Dir != "" {
		files = append([]string{p.Dir}, files...)
	}
	if len(files) == 0 {
		return nil, &report.UsageError{Message: "name at least one scenario file, such as scenarios/credential-create.txtar"}
	}
	pattern, err := regexp.Compile(p.Select)
	if err != nil {
		return nil, &report.UsageError{Message: "the expression that selects scenarios is not a regular expression: " + err.Error()}
	}
	var selected []string
	for _, file := range files {
		found, err := scriptsAt(file)
		if err != nil {
			return nil, err
		}
		for _, script := range found {
			if pattern.MatchString(scriptName(script)) {
				selected = append(selected, script)
			}
		}
	}
	if len(selected) == 0 {
		return nil, &report.UsageError{Message: "no scenario has a name that matches " + p.Select}
	}
	return selected, nil
}

// scriptName returns the name of a script: its file's name without the ending.
func scriptName(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// scriptsAt returns the file itself, or the scripts of a folder.
func scriptsAt(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, &report.UsageError{Message: bound.Unreadable(name, err)}
	}
	if !info.IsDir() {
		if _, err := bound.ReadScript(name); err != nil {
			return nil, &report.UsageError{Message: bound.Unreadable(name, err)}
		}
		return []string{name}, nil
	}
	if _, err := os.ReadDir(name); err != nil { // or Glob would find nothing in it
		return nil, &report.UsageError{Message: bound.Unreadable(name, err)}
	}
	scripts, err := filepath.Glob(filepath.Join(name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		return nil, &report.UsageError{Message: fmt.Sprintf("the folder %s has no *.txtar file", foreign.Text(name))}
	}
	return scripts, nil
}
