package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
)

// readFile reads a file that a flag names, or says in one sentence why it cannot be read.
func readFile(flag, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("--%s: %s", flag, fileFault(name, err))
	}
	return data, nil
}

func fileFault(name string, err error) string {
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

// loadSpec loads the document of --spec, or the embedded one.
func loadSpec(name string) (*credmock.Spec, error) {
	if name == "" {
		return credmock.Default(), nil
	}
	data, err := readFile("spec", name)
	if err != nil {
		return nil, err
	}
	spec, err := credmock.Load(data)
	if err != nil {
		return nil, usage("--spec: %s does not load: %s", name, oneLine(err.Error()))
	}
	return spec, nil
}

// loadKnown reads the ledger of --known; without one nothing is known.
func loadKnown(name string) ([]contract.KnownFailure, error) {
	if name == "" {
		return nil, nil
	}
	data, err := readFile("known", name)
	if err != nil {
		return nil, err
	}
	known, err := contract.ReadKnown(bytes.NewReader(data))
	if err != nil {
		return nil, usage("--known: %s: %s", name, oneLine(err.Error()))
	}
	return known, nil
}

// summary tells of the first of many faults, and how to see the others. What is wrong with fixtures is told with their file.
func summary(err error, fixtures string) string {
	first, rest, several := strings.Cut(err.Error(), "\n")
	first, ofFixtures := strings.CutPrefix(first, "fixtures: ")
	switch {
	case ofFixtures && several:
		return fmt.Sprintf("%s: %s; %d more: credmock fixtures --check %s shows all",
			fixtures, strings.TrimSuffix(first, "."), strings.Count(rest, "\n")+1, fixtures)
	case ofFixtures:
		return fixtures + ": " + first
	}
	return oneLine(err.Error())
}

// oneLine joins the lines of a message.
func oneLine(text string) string {
	return strings.Join(strings.Split(strings.TrimSpace(text), "\n"), "; ")
}
