package leftover

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// A run that is killed cannot clean up, so it keeps a file of what it has created, in the folder Target.Runs: one JSON value a
// line, the first about the run, each further one about a thing. The file has names and ids, but no token and no secret. It is
// locked while the process lives, and removed if nothing is left.

const (
	fileEnd = ".run"
	partEnd = ".part"
	// longestFile is more than any run writes.
	longestFile = 4 << 20
)

// Record is what an interrupted run noted of itself.
type Record struct {
	Target       string    `json:"target"`
	Organization int       `json:"organization"`
	Name         string    `json:"run"` // the beginning of the name of everything that it created
	Environments []string  `json:"environments"`
	Started      time.Time `json:"started"`

	file   string
	Things []Thing `json:"-"`
}

// note is a later line of a run's file.
type note struct {
	Resource string `json:"resource"`
	ID       string `json:"id"`
	Deleted  bool   `json:"deleted,omitempty"`
}

// File is the file of a running run. A nil File notes nothing.
type File struct {
	folder *os.Root
	file   *os.File
	name   string
}

// Begin writes the first line. The file gets its final name only when it is locked, so a file with that name belongs to a running
// run.
func Begin(folder string, record Record) (*File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	f := &File{folder: root, name: strings.TrimPrefix(record.Name, NamePrefix)}
	if f.file, err = root.OpenFile(f.name+partEnd, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if _, err = lock(f.file); err == nil {
		if err = f.write(record); err == nil {
			err = root.Rename(f.name+partEnd, f.name+fileEnd)
		}
	}
	if err != nil {
		_ = root.Remove(f.name + partEnd) // it is useless
		return nil, errors.Join(err, f.file.Close(), root.Close())
	}
	return f, nil
}

func (f *File) write(line any) error {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = f.file.Write(append(text, '\n'))
	}
	return err
}

func (f *File) created(thing Thing) { f.note(note{Resource: thing.Resource, ID: thing.ID}) }

func (f *File) deleted(thing Thing) {
	f.note(note{Resource: thing.Resource, ID: thing.ID, Deleted: true})
}

// note adds a line. Cleaning up finds by its name what could not be noted.
func (f *File) note(line note) {
	if f != nil {
		_ = f.write(line)
	}
}

// end closes the file, and removes it on request.
func (f *File) end(remove bool) {
	if f == nil {
		return
	}
	if remove {
		_ = f.folder.Remove(f.name + fileEnd) // else the next run would report it
	}
	_ = f.file.Close()
	_ = f.folder.Close()
}

// CutShort returns the runs against a target that ended without cleaning up, the oldest first, as the notes in a folder say.
// Running ones are not among them.
func CutShort(folder, target string) ([]Record, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := fs.Glob(root.FS(), "*"+fileEnd)
	var records []Record
	for _, name := range files {
		record, isDead := readRunFile(root, name)
		if isDead && record.Target == strings.TrimRight(target, "/") {
			records = append(records, record)
		}
	}
	slices.SortStableFunc(records, func(a, b Record) int { return a.Started.Compare(b.Started) })
	return records, err
}

// readRunFile reads the file of an ended run. It ignores files of any other form.
func readRunFile(root *os.Root, name string) (record Record, isDead bool) {
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return record, false
	}
	file, err := root.Open(name)
	if err != nil {
		return record, false
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestFile))
	if err != nil {
		return record, false
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, longestFile)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &record) != nil || record.Name != NamePrefix+strings.TrimSuffix(name, fileEnd) {
		return record, false
	}
	for lines.Scan() {
		var line note
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.ID == "" {
			continue // the last line may be cut
		}
		thing := Thing{Resource: line.Resource, ID: line.ID}
		if line.Deleted {
			record.Things = slices.DeleteFunc(record.Things, thing.Is)
		} else {
			record.Things = append(record.Things, thing)
		}
	}
	record.file = name
	free, err := lock(file)
	return record, err == nil && free && record.over(time.Now())
}

// Forget removes the file of a run after cleaning up.
func (r Record) Forget(folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.Remove(r.file)
}
