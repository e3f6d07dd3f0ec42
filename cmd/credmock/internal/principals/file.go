package principals

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// file is a file with a token, which others may replace at any time.
type file struct {
	flag, name string

	mutex sync.Mutex
	token string
	seen  os.FileInfo // the file as it was read
}

// Token reads the file again if it has changed, or if its token was refused. While the file cannot be read, a token that was not
// refused stays in use: somebody may be about to replace the file.
func (f *file) Token(_ context.Context, refused string) (string, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	isRefused := refused != "" && refused == f.token
	info, err := os.Stat(f.name)
	if err == nil && f.seen != nil && !isRefused && os.SameFile(info, f.seen) && info.ModTime().Equal(f.seen.ModTime()) &&
		info.Size() == f.seen.Size() {
		return f.token, nil
	}
	token, why := f.readInTime()
	switch {
	case why == "":
		f.token, f.seen = token, info
	case f.token == "" || isRefused:
		return "", fmt.Errorf("--%s: %s", f.flag, why)
	}
	return f.token, nil
}

// readLimit bounds how long a file may take: one may be a pipe that nobody writes to.
const readLimit = 10 * time.Second

// readInTime reads the file, within a time.
func (f *file) readInTime() (token, why string) {
	type result struct{ token, why string }
	done := make(chan result, 1)
	go func() {
		token, why := f.read()
		done <- result{token, why}
	}()
	select {
	case got := <-done:
		return got.token, got.why
	case <-time.After(readLimit):
		return "", fmt.Sprintf("%s could not be read within %s", f.name, readLimit)
	}
}

// read reads the file, or says in words why it holds no token.
func (f *file) read() (token, why string) {
	opened, err := os.Open(f.name)
	if err != nil {
		return "", cli.Unreadable(f.name, err)
	}
	defer opened.Close()
	if info, err := opened.Stat(); err == nil && info.IsDir() {
		return "", f.name + " is a directory"
	}
	text, err := io.ReadAll(io.LimitReader(opened, outputLimit+1))
	if err != nil {
		return "", cli.Unreadable(f.name, err)
	}
	found, why := readToken(text)
	if why != "" {
		return "", f.name + ": " + why
	}
	return found.Value, ""
}
