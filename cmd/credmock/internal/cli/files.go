package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/internal/strictjson"
)

// ReadFile reads a file that a flag names, or says in one sentence why it cannot be read.
func ReadFile(flag, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, Usage("--%s: %s", flag, Unreadable(name, err))
	}
	return data, nil
}

// ReadArgument reads a file that an argument names, or says in one sentence why it cannot be read.
func ReadArgument(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, Usage("%s", Unreadable(name, err))
	}
	return data, nil
}

// WithoutMark returns a text without the byte order mark that some editors write at its beginning.
func WithoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(strictjson.Mark)) }

// Unwritable says why a file cannot be written.
func Unwritable(name string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return name + " cannot be written: its folder is not there"
	}
	return Unreadable(name, err)
}

// Unreadable says in one sentence why a file cannot be opened.
func Unreadable(name string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no file " + name
	case errors.Is(err, fs.ErrPermission):
		return name + " may not be opened"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return name + " cannot be opened: " + err.Error()
}

// LoadSpec loads the document of --spec, or the embedded one.
func LoadSpec(name string) (*credmock.Spec, error) {
	if name == "" {
		return credmock.Default(), nil
	}
	data, err := ReadFile("spec", name)
	if err != nil {
		return nil, err
	}
	spec, err := credmock.Load(data)
	if err != nil {
		return nil, Usage("--spec: %s does not load: %s", name, OneLine(err.Error()))
	}
	return spec, nil
}

// LoadKnown reads the ledger of --known; without one nothing is known.
func LoadKnown(name string) ([]report.KnownFailure, error) {
	if name == "" {
		return nil, nil
	}
	data, err := ReadFile("known", name)
	if err != nil {
		return nil, err
	}
	known, err := report.ReadKnown(bytes.NewReader(data))
	if err != nil {
		return nil, Usage("--known: %s: %s", name, OneLine(err.Error()))
	}
	return known, nil
}

// CannotStart returns the error of a mock that cannot start. Every mistake in its fixtures has a line of its own.
func CannotStart(err error, fixtures string) error {
	lines := Lines(err, fixtures+": ")
	if len(lines) == 1 {
		return Usage("the mock cannot start: %s", lines[0])
	}
	return Usage("the mock cannot start:\n  %s", strings.Join(lines, "\n  "))
}

// Lines returns the errors that are joined in one, a line each. A mistake in a file has the prefix before it.
func Lines(err error, prefix string) []string {
	if many, joined := err.(interface{ Unwrap() []error }); joined {
		var lines []string
		for _, one := range many.Unwrap() {
			lines = append(lines, Lines(one, prefix)...)
		}
		return lines
	}
	var mistake *source.Mistake
	if errors.As(err, &mistake) {
		return []string{prefix + mistake.Error()}
	}
	return strings.Split(err.Error(), "\n")
}

// OneLine joins the lines of a message.
func OneLine(text string) string {
	return strings.Join(strings.Split(strings.TrimSpace(text), "\n"), "; ")
}

// BrokenServers returns the broken servers of the catalogue by name, for a fault to put before the mock.
func BrokenServers() map[string]func(http.Handler) http.Handler {
	all := mutants.All()
	broken := make(map[string]func(http.Handler) http.Handler, len(all))
	for _, mutant := range all {
		if !mutant.Sound {
			broken[mutant.Name] = mutant.Wrap
		}
	}
	return broken
}
