package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// readFile returns the text of a file that the script names.
func (s *scene) readFile(ts *testscript.TestScript, name string) string {
	data, err := s.readAllowed(ts.MkAbs(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		ts.Fatalf("there is no file %s; add it below as a section that begins with: -- %[1]s --", brief(name))
	case errors.Is(err, errOutside):
		ts.Fatalf("%s is refused, as it is neither a file of the script nor one beside it%s", brief(name), allowance)
	case err != nil:
		ts.Fatalf("%s cannot be read: %s", brief(name), reason(err))
	}
	return string(data)
}

var errOutside = errors.New("the file is outside of the script's folders")

// readAllowed reads a file of one of the script's two folders; any file, where the script may touch the machine.
func (s *scene) readAllowed(path string) ([]byte, error) {
	if s.AllowExec {
		return readBelow(filepath.Dir(path), filepath.Base(path))
	}
	for _, folder := range []string{s.work, s.folder} {
		if inner, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(inner) {
			return readBelow(folder, inner)
		}
	}
	return nil, errOutside
}

// readBelow reads a file below a folder. A link that leads out of the folder is not followed, and a pipe is not waited for.
func readBelow(folder, name string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := checkFile(info); err != nil {
		return nil, err
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, bodyLimit))
}

// checkFile returns why a file is not read: it is something else, or too large.
func checkFile(info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case info.Size() > bodyLimit:
		return fmt.Errorf("it is larger than %s", size(bodyLimit))
	}
	return nil
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
