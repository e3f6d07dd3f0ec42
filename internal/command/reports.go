package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/credmock/credmock/contract/report"
)

// reportFile is one file, or standard output, and the format in which it is written.
type reportFile struct {
	format, name string
	out          io.Writer
	stream       *os.File  // a device or a pipe; nil for none
	part         *partFile // what becomes the file; nil for a stream and standard output
	coloured     bool      // a person looks at it on a terminal
}

// reports are all that a run writes. They are opened before it begins, so that nothing is lost to a name that cannot be
// written.
type reports struct{ list []*reportFile }

const standardOutput = "-"

// openReports opens what --report names. A file that is there stays until there is another one to put in its place.
func openReports(given, formats []string, stdout io.Writer, colours bool) (*reports, error) {
	if len(given) == 0 {
		given = []string{"text=" + standardOutput}
	}
	opened := &reports{}
	for _, text := range given {
		file, err := parseReport(text, formats)
		if err == nil && opened.has(file.name) {
			err = usage("--report: %s is named twice; each report needs a place of its own", placeName(file.name))
		}
		if err == nil {
			err = file.open(stdout)
		}
		if err != nil {
			opened.discard()
			return nil, err
		}
		file.coloured = colours && file.name == standardOutput
		opened.list = append(opened.list, file)
	}
	return opened, nil
}

func parseReport(text string, formats []string) (*reportFile, error) {
	format, name, found := strings.Cut(text, "=")
	if !slices.Contains(formats, format) {
		return nil, usage("--report: there is no format %q here, only %s", format, strings.Join(formats, ", "))
	}
	if !found || name == "" {
		return nil, usage("--report: say where to write it, as in %s=%s.out or %[1]s=-", format, format)
	}
	return &reportFile{format: format, name: name}, nil
}

func placeName(name string) string {
	if name == standardOutput {
		return "standard output"
	}
	return name
}

func (r *reports) has(name string) bool {
	return slices.ContainsFunc(r.list, func(file *reportFile) bool { return file.name == name })
}

func (r *reportFile) open(stdout io.Writer) error {
	if r.name == standardOutput {
		r.out = stdout
		return nil
	}
	var err error
	if isStream(r.name) {
		r.stream, err = os.OpenFile(r.name, os.O_WRONLY, 0)
		r.out = r.stream
	} else {
		r.part, err = createPart(r.name, 0o644)
	}
	if err != nil {
		return usage("--report: %s", writeFault(r.name, err))
	}
	return nil
}

// write renders every report, each as a whole before its first byte is written.
func (r *reports) write(render func(out io.Writer, to *reportFile) error) error {
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
	var secret *report.SecretError
	if errors.As(err, &secret) {
		return &exitError{report.ExitInconclusive, oneLine(err.Error())}
	}
	if err != nil {
		return &exitError{report.ExitUsage, "a report could not be written: " + oneLine(err.Error())}
	}
	return nil
}

// replace puts the text in place of what the file held.
func (r *reportFile) replace(text []byte) error {
	if r.part != nil {
		return r.part.put(text)
	}
	_, err := r.out.Write(text)
	return err
}

// discard closes the reports, and removes what did not come to be one.
func (r *reports) discard() {
	for _, file := range r.list {
		if file.stream != nil {
			_ = file.stream.Close() // all was written, or the error was told
		}
		if file.part != nil {
			file.part.discard()
		}
	}
}
