package serve

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/mockserver"
)

// quietTime is how long a file must stay unchanged before it is read, because an editor may write it in parts.
const quietTime = 50 * time.Millisecond

// watcher reloads a mock when a file changes.
type watcher struct {
	server *mockserver.Server
	logger *slog.Logger
	events *fsnotify.Watcher
	spec   watchedFile
	given  watchedFile     // the fixtures
	places map[string]bool // whose change may change what the files hold
}

// watchedFile is a file and its text when it was last read.
type watchedFile struct {
	name         string // empty for none
	text, served []byte // as last read, and as the mock serves it
	gone         bool
}

// watch begins to look at the files of --spec and --fixtures until ctx ends.
func watch(ctx context.Context, server *mockserver.Server, spec, fixtures string, logger *slog.Logger) error {
	if spec == "" && fixtures == "" {
		return cli.Usage("--watch needs --spec or --fixtures: there is no file to watch")
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return cli.Usage("--watch: files cannot be watched here: %v", err)
	}
	w := &watcher{server: server, logger: logger, events: events, spec: watchedFile{name: spec}, given: watchedFile{name: fixtures}}
	for flag, file := range map[string]*watchedFile{"spec": &w.spec, "fixtures": &w.given} {
		if file.name == "" {
			continue
		}
		if file.text, err = cli.ReadFile(flag, file.name); err != nil {
			return err
		}
		file.served = file.text
	}
	if err := w.follow(); err != nil {
		return err
	}
	go w.run(ctx)
	return nil
}

func (w *watcher) run(ctx context.Context) {
	defer w.events.Close()
	pause := time.NewTimer(quietTime) // once at the start, for what changed before the watch began
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.events.Events:
			if w.places[event.Name] {
				pause.Reset(quietTime)
			}
		case err := <-w.events.Errors: // some events were lost: look at everything
			w.logger.Debug("events were lost", slog.Any("fault", err))
			pause.Reset(quietTime)
		case <-pause.C:
			if err := w.follow(); err != nil { // before: a change while the files are read is noticed
				w.logger.Warn("some changes are not noticed", slog.Any("fault", err))
			}
			w.look()
		}
	}
}

// look reads the files and reloads those that changed. A broken file is tried again with the next change.
func (w *watcher) look() {
	spec, given := w.read(&w.spec), w.read(&w.given)
	if !spec && !given {
		return
	}
	var loaded *credmock.Spec
	if text := w.spec.unserved(); text != nil {
		var err error
		if loaded, err = credmock.Load(text); err != nil {
			w.refuse(w.spec.name, cli.OneLine(err.Error()))
			return
		}
	}
	changes, err := w.server.Reload(loaded, w.given.unserved())
	if err != nil {
		w.refuse(w.names(), strings.Join(cli.Lines(err, ""), "; "))
		return
	}
	w.spec.served, w.given.served = w.spec.text, w.given.text
	if len(changes) == 0 {
		changes = []string{"nothing that the mock serves is different"}
	}
	for _, change := range changes {
		w.logger.Info("reloaded", slog.String("change", change))
	}
}

// names returns the files that are not served yet.
func (w *watcher) names() string {
	var names []string
	for _, file := range []*watchedFile{&w.spec, &w.given} {
		if file.unserved() != nil {
			names = append(names, file.name)
		}
	}
	return strings.Join(names, " and ")
}

func (w *watcher) refuse(name, why string) {
	w.logger.Warn("not reloaded: the mock keeps the previous version", slog.String("file", name), slog.String("mistake", why))
}

// read reads a file, and tells whether its text has changed. It logs only once that a file cannot be read.
func (w *watcher) read(file *watchedFile) bool {
	if file.name == "" {
		return false
	}
	text, err := os.ReadFile(file.name)
	if err != nil {
		if !file.gone {
			w.refuse(file.name, cli.Unreadable(file.name, err))
		}
		file.gone = true
		return false
	}
	file.gone = false
	if bytes.Equal(text, file.text) {
		return false
	}
	file.text = text
	return true
}

// unserved returns the text, or nil if the mock serves it already.
func (f *watchedFile) unserved() []byte {
	if bytes.Equal(f.text, f.served) {
		return nil
	}
	return f.text
}
