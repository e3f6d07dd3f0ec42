package engine

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/scenarios/internal/bound"
)

// command is one word of the language.
type command struct {
	// usage is the command as the documentation writes it.
	usage string
	// least and most bound the number of arguments.
	least, most int
	// negated is how it is written with `!` before it; empty where that means nothing.
	negated string
	// asserts tells that it says something of the answer: a script without such a command checks nothing.
	asserts bool
	run     func(s *scene, ts *testscript.TestScript, negative bool, arguments []string)
}

const unbounded = 1 << 16

// language returns the commands by their names.
func language() map[string]command {
	return map[string]command{
		"mock":          {usage: "mock [--spec FILE] [--fixtures FILE] [--seed N] [--deliver]", most: unbounded, run: (*scene).mock},
		"request":       {usage: "request METHOD PATH [BODYFILE]", least: 2, most: 3, run: (*scene).request},
		"header":        {usage: "header NAME VALUE", least: 2, most: 2, run: (*scene).header},
		"token":         {usage: "token engineer|viewer|other|none|TOKEN", least: 1, most: 1, run: (*scene).token},
		"status":        {usage: "status CODE|CLASS", negated: "! status CODE|CLASS", least: 1, most: 1, asserts: true, run: (*scene).status},
		"json":          {usage: "json POINTER VALUE", negated: "! json POINTER", least: 1, most: 2, asserts: true, run: (*scene).json},
		"capture":       {usage: "capture NAME POINTER", least: 2, most: 2, run: (*scene).capture},
		"body":          {usage: "body TEXT", negated: "! body TEXT", least: 1, most: 1, asserts: true, run: (*scene).body},
		"token-request": {usage: "token-request CREDENTIAL [QUERY]", least: 1, most: 2, run: (*scene).tokenRequest},
		"cmpjson":       {usage: "cmpjson FILE", least: 1, most: 1, asserts: true, run: (*scene).cmpjson},
		"conforms": {
			usage: "conforms", negated: "! conforms", asserts: true, run: (*scene).conforms,
		},
		"verify": {
			usage:   "verify [--accept NAME,…] [--strict] [--run REGEXP] [--skip REGEXP] [--seed N] [--timeout D]",
			negated: "! verify [flags]", most: unbounded, asserts: true, run: (*scene).verify,
		},
	}
}

// commands returns the language as testscript takes it.
func (s *scene) commands() map[string]func(*testscript.TestScript, bool, []string) {
	commands := map[string]func(*testscript.TestScript, bool, []string){}
	for name, word := range language() {
		commands[name] = func(ts *testscript.TestScript, negative bool, arguments []string) {
			s.checkBounds(ts)
			word.check(ts, name, negative, len(arguments))
			if word.asserts {
				s.asserted++
			}
			word.run(s, ts, negative, arguments)
		}
	}
	return commands
}

// checkBounds fails the script where its time is over, or where it has more secrets than can be masked.
func (s *scene) checkBounds(ts *testscript.TestScript) {
	if s.ctx.Err() != nil {
		ts.Fatalf("the time of the run is over, or it was interrupted")
	}
	if s.secrets.Full() {
		ts.Fatalf("the secrets of this script are longer than %s together, which is more than a transcript can mask",
			bound.Size(bound.SecretsLimit))
	}
}

func (c command) check(ts *testscript.TestScript, name string, negative bool, arguments int) {
	if negative && c.negated == "" {
		ts.Fatalf("! %s means nothing; assert on the answer instead, as in: ! status 2xx", name)
	}
	if arguments < c.least || arguments > c.most {
		ts.Fatalf("usage: %s", strings.TrimSuffix(c.usage+", or "+c.negated, ", or "))
	}
}

// answered returns the last answer, and fails the script if there is none.
func (s *scene) answered(ts *testscript.TestScript) *answer {
	if s.last == nil {
		ts.Fatalf("there is no answer yet; send a request first")
	}
	return s.last
}
