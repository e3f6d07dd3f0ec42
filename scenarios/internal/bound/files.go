package bound

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/strictjson"
)

// ReadScript reads a script that somebody named: a link is followed, and a pipe is not waited for. The text has no byte order mark.
func ReadScript(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := CheckFile(info); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(name)
	return bytes.TrimPrefix(text, []byte(strictjson.Mark)), err
}

// Unreadable says in one sentence why a file cannot be read.
func Unreadable(name string, err error) string {
	shown := foreign.Text(name).String()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no file " + shown
	case errors.Is(err, fs.ErrPermission):
		return "the file " + shown + " may not be read"
	}
	return "the file " + shown + " cannot be read: " + Reason(err)
}

// Reason leaves out the operation and the path that errors of package os begin with.
func Reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// ReadBelow reads a file below a folder. A link that leads out of the folder is not followed, and a pipe is not waited for.
func ReadBelow(folder, name string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := CheckFile(info); err != nil {
		return nil, err
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, BodyLimit))
}

// CheckFile returns why a file is not read: it is something else, or too large.
func CheckFile(info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case info.Size() > BodyLimit:
		return fmt.Errorf("it is larger than %s", Size(BodyLimit))
	}
	return nil
}
