package serve

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// mostLinks is how many links a path may go through, as on Linux.
const mostLinks = 40

// waypoints returns the places whose change may change what a path leads to: every link on the way, the folder of the file, and
// the file, each without a link in its own path. Where something is missing, its place is the last.
func waypoints(name string) []string {
	full, err := filepath.Abs(name)
	if err != nil {
		return nil // the working folder is gone
	}
	volume := filepath.VolumeName(full) + string(filepath.Separator)
	at, rest := volume, split(full[len(volume):])
	var found []string
	for links := 0; len(rest) > 0 && links <= mostLinks; {
		place := filepath.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(place)
		isLink := err == nil && info.Mode()&fs.ModeSymlink != 0
		if isLink || err != nil || len(rest) < 2 {
			found = append(found, place)
		}
		if err != nil {
			return found
		}
		if !isLink {
			at = place
			continue
		}
		target, err := os.Readlink(place)
		if err != nil {
			return found
		}
		if links++; filepath.IsAbs(target) {
			at, target = volume, target[len(volume):]
		}
		rest = append(split(target), rest...)
	}
	return found
}

func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == filepath.Separator })
}

// follow watches the folders of everything on the way to the files, and not the files: most editors put another file in the
// place of one. The error says which folder cannot be watched.
func (w *watcher) follow() error {
	w.places = map[string]bool{}
	folders := map[string]bool{}
	for _, file := range []*watchedFile{&w.spec, &w.given} {
		if file.name == "" {
			continue
		}
		for _, place := range waypoints(file.name) {
			w.places[place] = true
			folders[filepath.Dir(place)] = true
		}
	}
	for _, folder := range w.events.WatchList() {
		if !folders[folder] {
			_ = w.events.Remove(folder) // it may be gone
		}
	}
	for folder := range folders {
		if err := w.events.Add(folder); err != nil {
			return cli.Usage("--watch: the folder %s cannot be watched: %v", folder, err)
		}
	}
	return nil
}
