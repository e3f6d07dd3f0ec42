package engine

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/guard"
)

func (s *scene) mock(ts *testscript.TestScript, _ bool, arguments []string) {
	if s.URL != "" {
		s.stage.Skip("it starts a mock of its own, so it cannot run against --url")
	}
	s.startMock(ts, arguments)
	if s.Environment == "" {
		if id := s.firstEnvironment(); id != "" {
			ts.Setenv(guard.EnvironmentVariable, id)
		}
	}
}

// startMock starts a fresh mock for this script, and stops an earlier one.
func (s *scene) startMock(ts *testscript.TestScript, arguments []string) {
	options, err := s.mockOptions(ts, arguments)
	if err != nil {
		ts.Fatalf("mock: %v", err)
	}
	server, err := mockserver.New(options)
	if err != nil {
		ts.Fatalf("mock: %v", err)
	}
	s.stopMock()
	base, stop, err := serve(server)
	if err != nil {
		ts.Fatalf("mock: %v", err)
	}
	s.spec, s.stopMock = options.Spec, stop
	s.base = base + options.Spec.BasePath()
	ts.Setenv(guard.MockVariable, base)
}

func (s *scene) mockOptions(ts *testscript.TestScript, arguments []string) (mockserver.Options, error) {
	options := mockserver.Options{
		Spec: s.Spec, Tokens: []string{s.principals[engineer]},
		ViewerToken: s.principals[viewer], OtherToken: s.principals[other],
		Logger: slog.New(slog.DiscardHandler),
	}
	flags := newFlags("mock")
	spec := flags.String("spec", "", "")
	fixtures := flags.String("fixtures", "", "")
	flags.Int64Var(&options.Seed, "seed", 0, "")
	flags.BoolVar(&options.Deliver, "deliver", false, "")
	if err := parseFlags(flags, arguments); err != nil {
		return options, err
	}
	if *spec != "" {
		document, err := credmock.Load([]byte(s.readFile(ts, *spec)))
		if err != nil {
			return options, errors.New(bound.Brief(*spec).String() + ": " + err.Error())
		}
		options.Spec = document
	}
	if *fixtures != "" {
		options.Fixtures = []byte(s.readFile(ts, *fixtures))
		s.learnSecrets(string(options.Fixtures))
	}
	return options, nil
}

// newFlags returns a set of flags whose errors the script shows.
func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

func parseFlags(flags *flag.FlagSet, arguments []string) error {
	if err := flags.Parse(arguments); err != nil {
		return errors.New(strings.Replace(err.Error(), "not defined: -", "not known: --", 1))
	}
	if flags.NArg() > 0 {
		return errors.New("it takes flags alone, not " + flags.Arg(0))
	}
	return nil
}

// headerLimit bounds how long a client may take over its headers.
const headerLimit = 10 * time.Second

// serve serves a handler on a free port of the loopback interface.
func serve(handler http.Handler) (base string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerLimit, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(listener) // it always ends with an error, here the one of Close
	}()
	return "http://" + listener.Addr().String(), func() {
		if err := server.Close(); err != nil {
			os.Stderr.WriteString("the mock did not stop: " + err.Error() + "\n")
		}
		<-stopped
	}, nil
}
