// Package output writes the files of a run, each as a whole and through no link, and tells whether a terminal wants colours.
package output

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract/report"
)

// File is one file, or standard output, and the format in which it is written.
type File struct {
	Format, name string
	out          io.Writer
	stream       *os.File  // a device or a pipe; nil for none
	part         *partFile // what becomes the file; nil for a stream and standard output
	Coloured     bool      // a person looks at it on a terminal
}

// Reports are all that a run writes. They are opened before it begins, so that nothing is lost to a name that cannot be
// written.
type Reports struct{ list []*File }

const standardOutput = "-"

// Open opens what --report names. A file that is there stays until there is another one to put in its place.
func Open(given, formats []string, stdout io.Writer, colours bool) (*Reports, error) {
	if len(given) == 0 {
		given = []string{"text=" + standardOutput}
	}
	opened := &Reports{}
	for _, text := range given {
		file, err := parseReport(text, formats)
		if err == nil && opened.has(file.name) {
			err = cli.Usage("--report: %s is named twice; each report needs a place of its own", placeName(file.name))
		}
		if err == nil {
			err = file.open(stdout)
		}
		if err != nil {
			opened.Discard()
			return nil, err
		}
		file.Coloured = colours && file.name == standardOutput
		opened.list = append(opened.list, file)
	}
	return opened, nil
}

func parseReport(text string, formats []string) (*File, error) {
	format, name, found := strings.Cut(text, "=")
	if !slices.Contains(formats, format) {
		return nil, cli.Usage("--report: there is no format %q here, only %s", format, strings.Join(formats, ", "))
	}
	if !found || name == "" {
		return nil, cli.Usage("--report: say where to write it, as in %s=%s.out or %[1]s=-", format, format)
	}
	return &File{Format: format, name: name}, nil
}

func placeName(name string) string {
	if name == standardOutput {
		return "standard output"
	}
	return name
}

func (r *Reports) has(name string) bool {
	return slices.ContainsFunc(r.list, func(file *File) bool { return samePlace(file.name, name) })
}

// samePlace tells whether two names lead to one file, whether or not it is there. Some systems ignore case.
func samePlace(a, b string) bool {
	if a == b || a == standardOutput || b == standardOutput {
		return a == b
	}
	if one, err := os.Stat(a); err == nil {
		other, err := os.Stat(b)
		return err == nil && os.SameFile(one, other)
	}
	folder, errA := os.Stat(filepath.Dir(a))
	other, errB := os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(folder, other) && strings.EqualFold(filepath.Base(a), filepath.Base(b))
}

// CheckFolder says why no file can be written into a folder, which need not be there yet.
func CheckFolder(path string) error {
	for folder := filepath.Clean(path); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder):
			continue // it can be created if a folder above it is fine
		case err != nil:
			return errors.New(cli.Unreadable(folder, err))
		case !info.IsDir():
			return errors.New(folder + " is no folder")
		}
		file, err := os.CreateTemp(folder, ".credmock-*")
		if err != nil {
			return errors.New(folder + " is a folder in which no file can be made")
		}
		return errors.Join(file.Close(), os.Remove(file.Name()))
	}
}

func (r *File) open(stdout io.Writer) error {
	if r.name == standardOutput {
		r.out = stdout
		return nil
	}
	var err error
	if IsStream(r.name) {
		r.stream, err = os.OpenFile(r.name, os.O_WRONLY, 0)
		r.out = r.stream
	} else {
		r.part, err = createPart(r.name, 0o644)
	}
	if err != nil {
		return cli.Usage("--report: %s", cli.Unwritable(r.name, err))
	}
	return nil
}

// Write renders every report, each as a whole before its first byte is written.
func (r *Reports) Write(render func(out io.Writer, to *File) error) error {
	var faults []error
	for _, file := range r.list {
		var text bytes.Buffer
		if err := render(&text, file); err != nil {
			faults = append(faults, err)
			continue
		}
		if err := file.replace(text.Bytes()); err != nil {
			faults = append(faults, err)
		}
	}
	err := errors.Join(faults...)
	if err != nil {
		return &cli.Exit{Code: report.ExitUsage, Message: "a report could not be written: " + cli.OneLine(err.Error())}
	}
	return nil
}

// replace writes the text over the file's content.
func (r *File) replace(text []byte) error {
	if r.part != nil {
		return r.part.put(text)
	}
	_, err := r.out.Write(text)
	return err
}

// Discard closes the reports, and removes what did not come to be one.
func (r *Reports) Discard() {
	for _, file := range r.list {
		if file.stream != nil {
			_ = file.stream.Close() // all was written, or the error was told
		}
		if file.part != nil {
			file.part.Discard()
		}
	}
}

// ReportTo returns a function that writes a report in the format and the colours of its place.
func ReportTo(found report.Report) func(io.Writer, *File) error {
	return func(out io.Writer, to *File) error {
		if to.Format == "text" && to.Coloured {
			return report.WriteColoured(out, found)
		}
		return report.Write(out, to.Format, found)
	}
}
