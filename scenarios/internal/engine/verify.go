package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/scenarios/internal/guard"
)

// verify runs the suite against the server of the script. Its text report becomes the script's stdout.
func (s *scene) verify(ts *testscript.TestScript, negative bool, arguments []string) {
	if s.base == "" {
		s.startMock(ts, nil)
	}
	target, err := s.target(ts, arguments)
	if err != nil {
		ts.Fatalf("verify: %v", err)
	}
	found, err := contract.Judge(s.ctx, target)
	if err != nil {
		ts.Fatalf("verify: %v", err)
	}
	if err := report.Write(ts.Stdout(), "text", found); err != nil {
		ts.Fatalf("verify: the report could not be written: %v", err)
	}
	s.leftBehind = append(s.leftBehind, found.LeftBehind...)
	s.unanswered = s.unanswered || found.ExitCode() == report.ExitInconclusive
	switch failed := found.ExitCode() != report.ExitConforms; {
	case failed && !negative:
		ts.Fatalf("verify: the verdict is %s (exit code %d): %s", found.Verdict, found.ExitCode(), foreign.Text(found.Reason))
	case !failed && negative:
		ts.Fatalf("verify: the verdict is %s, owed any other", found.Verdict)
	}
}

func (s *scene) target(ts *testscript.TestScript, arguments []string) (contract.Target, error) {
	target := contract.Target{
		URL: s.base, Token: s.principals[engineer], ViewerToken: s.principals[viewer], OtherToken: s.principals[other],
		Organization: s.Organization, Environment: ts.Getenv(guard.EnvironmentVariable), Spec: s.spec,
		Transport: s.Transport,
	}
	if s.URL != "" {
		target.Header, target.Rate = s.Header, s.Rate
		target.TokenSource, target.ViewerTokenSource, target.OtherTokenSource = s.Sources[0], s.Sources[1], s.Sources[2]
	}
	flags := newFlags("verify")
	flags.Func("accept", "", func(names string) error {
		target.Accept = append(target.Accept, strings.Split(names, ",")...)
		return nil
	})
	flags.BoolVar(&target.Strict, "strict", false, "")
	flags.StringVar(&target.Run, "run", "", "")
	flags.StringVar(&target.Skip, "skip", "", "")
	flags.Int64Var(&target.Seed, "seed", 0, "")
	flags.DurationVar(&target.Timeout, "timeout", 0, "")
	if err := parseFlags(flags, arguments); err != nil {
		return target, fmt.Errorf("%w; usage: %s", err, language()["verify"].usage)
	}
	if deadline, bounded := s.ctx.Deadline(); bounded {
		left := time.Until(deadline)
		left -= min(left/2, cleaningLimit) // the suite cleans up in the rest of the time
		if target.Timeout == 0 || target.Timeout > left {
			target.Timeout = max(left, time.Nanosecond)
		}
	}
	return target, nil
}
