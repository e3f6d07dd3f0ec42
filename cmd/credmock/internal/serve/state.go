package serve

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

const (
	// saveInterval is how long changes are gathered before the state file is written.
	saveInterval = time.Second
	// stateMode lets only the user read the file, because it holds secrets.
	stateMode = 0o600
)

// errForeignState is the error of a state file that this mock did not write last.
var errForeignState = errors.New("another program has changed it meanwhile, so it stays as it is")

// stateFile keeps the records of a mock in a file. All methods do nothing without a name.
type stateFile struct {
	name          string
	server        *mockserver.Server
	logger        *slog.Logger
	last          fs.FileInfo // the file as it was read or written; nil if there was none
	stop, stopped chan struct{}
	told          bool // the log says that the file is not written
}

// load puts the records of the file into a mock. A file that cannot be loaded whole is refused and not written.
func (s *stateFile) load(server *mockserver.Server, logger *slog.Logger) error {
	if s.server, s.logger = server, logger; s.name == "" {
		return nil
	}
	text, err := s.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cli.Usage("--state: %s", cli.Unreadable(s.name, err))
	case len(bytes.TrimSpace(text)) == 0:
		return cli.Usage("--state: %s is empty, and stays so; remove it to begin anew", s.name)
	}
	if err := server.LoadState(bytes.NewReader(cli.WithoutMark(text))); err != nil {
		return cli.Usage("--state: %s does not load, and stays as it is: %s", s.name, err.Error())
	}
	return nil
}

// read returns the text of the file, and makes it readable to its user alone.
func (s *stateFile) read() ([]byte, error) {
	info, err := os.Lstat(s.name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is a link, a folder or a device; name a file")
	case info.Mode().Perm()&^stateMode != 0:
		if err := os.Chmod(s.name, stateMode); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(s.name)
	if err == nil {
		s.last, err = os.Lstat(s.name)
	}
	return text, err
}

// begin writes the file, and then again after each change until end.
func (s *stateFile) begin() error {
	if s.name == "" {
		return nil
	}
	if err := s.save(); err != nil {
		return cli.Usage("--state: %s", cli.Unwritable(s.name, err))
	}
	s.logger.Warn("the state file holds the secrets of all records in clear", slog.String("file", s.name))
	s.stop, s.stopped = make(chan struct{}), make(chan struct{})
	go s.keep()
	return nil
}

func (s *stateFile) keep() {
	defer close(s.stopped)
	for {
		select {
		case <-s.stop:
			return
		case <-s.server.Changes():
		}
		select {
		case <-s.stop:
			return
		case <-time.After(saveInterval):
		}
		err := s.save()
		if err != nil && !s.told {
			s.logger.Error("the state is not written", slog.String("file", s.name), slog.String("reason", err.Error()))
		}
		s.told = err != nil
	}
}

// save writes the file as a whole, unless another program has changed it.
func (s *stateFile) save() error {
	if now, err := os.Lstat(s.name); err == nil && !s.isLast(now) {
		return errForeignState
	}
	var text bytes.Buffer
	if err := s.server.SaveState(&text); err != nil {
		return err
	}
	if err := output.WriteWhole(s.name, text.Bytes(), stateMode); err != nil {
		return err
	}
	var err error
	s.last, err = os.Lstat(s.name)
	return err
}

// isLast reports whether the file is the one that was read or written last.
func (s *stateFile) isLast(now fs.FileInfo) bool {
	return s.last != nil && os.SameFile(now, s.last) && now.ModTime().Equal(s.last.ModTime()) && now.Size() == s.last.Size()
}

// end writes the file a last time.
func (s *stateFile) end() error {
	if s.stop == nil {
		return nil
	}
	close(s.stop)
	<-s.stopped
	if err := s.save(); err != nil {
		return &cli.Exit{Code: contract.ExitViolates, Message: "the state is not written to " + s.name + ": " + err.Error()}
	}
	return nil
}
