package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/guard"
)

// readFile returns the text of a file that the script names.
func (s *scene) readFile(ts *testscript.TestScript, name string) string {
	data, err := s.readAllowed(ts.MkAbs(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		ts.Fatalf("there is no file %s; add it below as a section that begins with: -- %[1]s --", bound.Brief(name))
	case errors.Is(err, errOutside):
		ts.Fatalf("%s is refused, as it is neither a file of the script nor one beside it%s", bound.Brief(name), guard.Allowance)
	case err != nil:
		ts.Fatalf("%s cannot be read: %s", bound.Brief(name), bound.Reason(err))
	}
	return string(data)
}

var errOutside = errors.New("the file is outside of the script's folders")

// readAllowed reads a file of one of the script's two folders; any file, where the script may touch the machine.
func (s *scene) readAllowed(path string) ([]byte, error) {
	if s.AllowExec {
		return bound.ReadBelow(filepath.Dir(path), filepath.Base(path))
	}
	for _, folder := range []string{s.work, s.folder} {
		if inner, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(inner) {
			return bound.ReadBelow(folder, inner)
		}
	}
	return nil, errOutside
}

// writeWork writes a file of the script's work folder.
func (s *scene) writeWork(path string, data []byte) error {
	inner, err := filepath.Rel(s.work, path)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(s.work)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.WriteFile(inner, data, 0o600)
}
