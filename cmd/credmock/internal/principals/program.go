package principals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/assertion"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/lazy"
)

const (
	// programLimit bounds how long a program may take to print a token.
	programLimit = 30 * time.Second
	// outputLimit is far more than any token has.
	outputLimit = 64 << 10
)

// program is a command whose output is a token.
type program struct {
	name    string // of the flag
	line    string
	folder  string // where it runs; empty for the current one
	secrets func() []string
	cached
}

// commandOf returns the program of a principal. One that a file names runs in the folder of the file.
func (p *Flags) commandOf(one principal) *program {
	flag := p.flags.Lookup(one.prefix + endCommand)
	made := &program{name: "--" + flag.Name, line: flag.Value.String(), secrets: p.secrets}
	if origin, place := cli.OriginOf(flag); origin == cli.FromFile {
		made.folder = filepath.Dir(place[:max(0, strings.LastIndexByte(place, ':'))])
	}
	made.get = made.run
	return made
}

func (p *program) token(ctx context.Context, refused string) (string, error) {
	return p.source(ctx, refused)
}

// run runs the program once.
func (p *program) run(ctx context.Context) (assertion.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, programLimit)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	command := exec.CommandContext(ctx, shell[0], shell[1], p.line) //nolint:gosec // its user wrote the line
	var out, errors limited
	command.Stdout, command.Stderr, command.Dir = &out, &errors, p.folder
	command.WaitDelay = time.Second // what the program started may keep its output open
	if err := command.Run(); err != nil {
		return assertion.Token{}, p.failed(ctx, err, out.String(), errors.String())
	}
	token, why := readToken(out.Bytes())
	if why != "" {
		return token, fmt.Errorf("%s ended with status 0, and %s", p.name, why)
	}
	return token, nil
}

// failed says how the program ended, with the first line of its standard error.
func (p *program) failed(ctx context.Context, err error, out, diagnostics string) error {
	how := "could not be run"
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		how = fmt.Sprintf("did not end within %s", programLimit)
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		how = fmt.Sprintf("ended with status %d", exit.ExitCode())
	case errors.As(err, &exit):
		how = "was ended: " + exit.String()
	}
	for line := range strings.Lines(diagnostics) {
		if line = strings.TrimSpace(line); line != "" {
			how += ": " + cli.Brief(masked(line, append(p.secrets(), strings.Fields(out)...)))
			break
		}
	}
	return fmt.Errorf("%s %s", p.name, how)
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(text []byte) (int, error) {
	if room := outputLimit + 1 - l.Len(); room > 0 {
		l.Buffer.Write(text[:min(len(text), room)])
	}
	return len(text), nil
}

// readToken reads a token that stands alone, or in JSON as a token endpoint answers. Otherwise why says what is wrong, without a
// part of the text.
func readToken(text []byte) (token assertion.Token, why string) {
	text = bytes.TrimSpace(cli.WithoutMark(text))
	token.Value = string(text)
	switch {
	case len(text) == 0:
		return token, "it holds no token"
	case len(text) > outputLimit:
		return token, fmt.Sprintf("it holds more than %d KiB, which no token has", outputLimit>>10)
	case text[0] == '{':
		var answer struct {
			Token string `json:"access_token"`
			Life  any    `json:"expires_in"`
		}
		if json.Unmarshal(text, &answer) != nil || answer.Token == "" {
			return token, "it holds JSON without an access_token"
		}
		token = assertion.Token{Value: answer.Token, Life: assertion.LifeOf(answer.Life)}
	case len(text) > len("Bearer ") && strings.EqualFold(string(text[:len("Bearer ")]), "Bearer "):
		return token, "it holds the word Bearer before the token; leave that out"
	}
	if !assertion.IsBearer(token.Value) {
		return token, "it holds no bearer token: one has letters, digits and -._~+/ alone, and = at its end"
	}
	return token, ""
}

const mask = "[masked]"

// secretForms match parts of a text that are secret by their form or their name. What stands in the first group stays.
var secretForms = []func() *regexp.Regexp{
	lazy.Regexp(`(?i)\b((?:bearer|basic)\s+)\S+`),
	lazy.Regexp(`(://)[^\s/@]+@`),
	lazy.Regexp(`(?i)([\w-]*(?:token|secret|passw|pwd|key|assertion|credential|authorization)[\w-]*["']?\s*[=:]\s*)` +
		`("[^"]*"|'[^']*'|[^\s"',;&]+)`),
	lazy.Regexp(`()\beyJ[\w.-]+`),
	lazy.Regexp(`()\b[A-Za-z0-9+_=-]*[0-9][A-Za-z0-9+_=-]{23,}|[A-Za-z0-9+_=-]{23,}[0-9][A-Za-z0-9+_=-]*`),
}

// masked returns a text without secrets: known ones, and what looks like one.
func masked(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, mask)
		}
	}
	for _, form := range secretForms {
		text = form().ReplaceAllString(text, "${1}"+mask)
	}
	return text
}
