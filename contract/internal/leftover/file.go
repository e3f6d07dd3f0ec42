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

// A run that is killed cannot clean up. It keeps a file of what it has created meanwhile, in the folder that Target.Runs names:
// one JSON value a line, the first about the run, each further one about a thing. It holds names and ids, and neither a token nor
// a secret. The file is locked for as long as the process lives, and removed when nothing is left behind.

const (
	fileEnd = ".run"
	partEnd = ".part"
	// longestFile is more than any run writes.
	longestFile = 4 << 20
)

// Record is what a run that was cut short noted of itself.
type Record struct {
	Target       string    `json:"target"`
	Organization int       `json:"organization"`
	Name         string    `json:"run"` // what begins the name of everything that it created
	Environments []string  `json:"environments"`
	Started      time.Time `json:"started"`

	file   string
	Things []Thing `json:"-"`
}

// note is one further line of a run's file.
type note struct {
	Resource string `json:"resource"`
	ID       string `json:"id"`
	Deleted  bool   `json:"deleted,omitempty"`
}

// File is the file of a run that goes on. A nil one keeps nothing.
type File struct {
	folder *os.Root
	file   *os.File
	name   string
}

// Begin writes the first line. The file gets its name when it is locked: whoever sees it sees a run that goes on.
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
		_ = root.Remove(f.name + partEnd) // it is of no use
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

// note adds a line. What cannot be noted is found by its name.
func (f *File) note(line note) {
	if f != nil {
		_ = f.write(line)
	}
}

// end closes the file, and removes it unless something stays behind.
func (f *File) end(remove bool) {
	if f == nil {
		return
	}
	if remove {
		_ = f.folder.Remove(f.name + fileEnd) // the next run would say that it is there
	}
	_ = f.file.Close()
	_ = f.folder.Close()
}

// CutShort returns the runs against a target of which a folder says that they ended without cleaning up, the oldest first. Those
// that go on are not among them.
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

// readRunFile reads the file of a run that goes on no more. A file of any other form is none.
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
			continue // the last one may be cut
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

// Forget removes the file of a run that was cleaned up after.
func (r Record) Forget(folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.Remove(r.file)
}
