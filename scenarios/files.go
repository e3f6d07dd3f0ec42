package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// scriptsAt returns the file itself, or the scripts of a folder.
func scriptsAt(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, &report.UsageError{Message: unreadable(name, err)}
	}
	if !info.IsDir() {
		if _, err := readScript(name); err != nil {
			return nil, &report.UsageError{Message: unreadable(name, err)}
		}
		return []string{name}, nil
	}
	scripts, err := filepath.Glob(filepath.Join(name, "*.txtar"))
	if err != nil || len(scripts) == 0 {
		return nil, &report.UsageError{Message: fmt.Sprintf("the folder %s has no *.txtar file", foreign.Text(name))}
	}
	return scripts, nil
}

// readScript reads a script that somebody named: a link is followed, and a pipe is not waited for.
func readScript(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := checkFile(info); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// unreadable says in one sentence why a file cannot be read.
func unreadable(name string, err error) string {
	shown := foreign.Text(name).String()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no file " + shown
	case errors.Is(err, fs.ErrPermission):
		return "the file " + shown + " may not be read"
	}
	return "the file " + shown + " cannot be read: " + reason(err)
}

// reason leaves out the operation and the path that errors of package os begin with.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}
