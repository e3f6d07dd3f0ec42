package engine

import (
	"context"
	"net/http"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/guard"
	"github.com/credmock/credmock/scenarios/internal/mask"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// scene is the state of one script.
type scene struct {
	*Run
	ctx  context.Context
	file string
	// played is the file that testscript reads: the script, or a copy of it without a byte order mark.
	played string
	// work is the folder in which the script runs, folder the one in which it lies.
	work, folder string
	// spec is the contract of the server in use: another one than the run's where `mock --spec` says so.
	spec *credmock.Spec
	// base is where requests go; empty until the first one.
	base       string
	principals map[string]string
	// secrets are never shown; sent are those of them that stood in bodies, and may not come back.
	secrets, sent *mask.Masker
	stage         *stage

	nextHeader http.Header
	nextToken  string
	last       *answer
	lastShown  string // its body as the transcript shows it
	captured   map[string]bool

	made       []made
	stopMock   func()
	asserted   int
	shown      int // bytes of answers in the transcript
	keptValues int // bytes of captured values
	unanswered bool
	leftBehind []string
}

// The names that `token` knows.
const (
	engineer = "engineer"
	viewer   = "viewer"
	other    = "other"
	nobody   = "none"
)

func newScene(ctx context.Context, run *Run, file string) *scene {
	s := &scene{
		Run: run, ctx: ctx, file: file, spec: run.Spec, secrets: mask.New(), sent: mask.New(),
		nextHeader: http.Header{}, nextToken: engineer, captured: map[string]bool{}, stopMock: func() {},
		principals: map[string]string{engineer: run.Token, viewer: run.ViewerToken, other: run.OtherToken},
	}
	if run.URL == "" {
		s.fillPrincipals()
	}
	for _, token := range s.principals {
		s.secrets.Learn(token)
	}
	for _, values := range run.Header {
		for _, value := range values {
			s.secrets.Learn(bearer.SecretsIn(value)...)
		}
	}
	return s
}

// fillPrincipals names every principal, for a mock can have them all.
func (s *scene) fillPrincipals() {
	if s.principals[viewer] == "" {
		s.principals[viewer] = mockserver.DefaultViewerToken
	}
	if s.principals[other] == "" {
		s.principals[other] = mockserver.DefaultOtherToken
	}
}

// setup runs before the script's first line.
func (s *scene) setup(environment *testscript.Env) error {
	environment.Defer(func() {
		s.cleanUp()
		s.stopMock()
	})
	script, err := bound.ReadScript(s.file)
	if err != nil {
		return err
	}
	for _, file := range txtar.Parse(script).Files {
		s.learnSecrets(string(file.Data))
	}
	s.work = environment.WorkDir
	id := s.Environment
	if s.URL != "" {
		s.base = s.URL
		id = s.sharedEnvironment()
	}
	if id == "" {
		id = contract.DefaultEnvironment
	}
	environment.Setenv(guard.EnvironmentVariable, id)
	environment.Setenv(guard.OrganizationVariable, strconv.Itoa(s.Organization))
	environment.Setenv(guard.FolderVariable, s.folder)
	return nil
}

// expand replaces each $NAME in text.
func (s *scene) expand(ts *testscript.TestScript, where, text string) string {
	length := len(text)
	return os.Expand(text, func(name string) string {
		value := s.variable(ts, where, name)
		if length += len(value); length > bound.BodyLimit {
			ts.Fatalf("%s is larger than %s with its variables", bound.Brief(where), bound.Size(bound.BodyLimit))
		}
		return value
	})
}

// variable returns the value of a variable, and fails the script where there is none: a misspelt name would
// otherwise vanish.
func (s *scene) variable(ts *testscript.TestScript, where, name string) string {
	value := ts.Getenv(name)
	if value == "" && !s.captured[name] {
		ts.Fatalf("%s: $%s is not set; capture it first, or write $$ for a dollar sign", bound.Brief(where), bound.Brief(name))
	}
	return value
}

func (s *scene) expander(ts *testscript.TestScript, where string) ordered.Expander {
	length := 0
	return func(name string) string {
		value := s.variable(ts, where, name)
		if length += len(value); length > 2*bound.BodyLimit { // it is filled once to compare and once to update
			ts.Fatalf("%s is larger than %s with its variables", bound.Brief(where), bound.Size(bound.BodyLimit))
		}
		return value
	}
}
