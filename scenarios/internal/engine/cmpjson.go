package engine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/mask"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// cmpjson compares the whole body with a file.
func (s *scene) cmpjson(ts *testscript.TestScript, _ bool, arguments []string) {
	name := arguments[0]
	text := s.readFile(ts, name)
	template, err := ordered.ParseTemplate(strings.TrimPrefix(text, strictjson.Mark))
	if err != nil && !s.Update {
		ts.Fatalf("%s is not a JSON value: %v", bound.Brief(name), err)
	}
	seen, expand := s.value(ts), s.expander(ts, name)
	differences := ordered.Compare(expand.Fill(template), seen, "")
	if err == nil && len(differences) == 0 {
		return
	}
	if !s.Update {
		ts.Fatalf("the body differs from %s:\n\t%s", bound.Brief(name), strings.Join(differences, "\n\t"))
	}
	if err := s.update(ts, name, text, s.rewriter(ts, expand).merge(template, mask.WithoutSecrets(seen, s.spec.Secrets()))); err != nil {
		ts.Fatalf("%s is not updated: %v", bound.Brief(name), err)
	}
	ts.Logf("%s updated", bound.Brief(name))
}

// update writes a value into the section of the script that holds the text so far.
func (s *scene) update(ts *testscript.TestScript, name, text string, value any) error {
	content, whole := ordered.Indented(value, bound.UpdateLimit, nil)
	if !whole {
		return fmt.Errorf("the answer is longer than %s", bound.Size(bound.UpdateLimit))
	}
	content = foreign.Text(content).JSON() + "\n"
	if s.secrets.Holds(content) {
		return errors.New("the answer holds a secret or a token")
	}
	if err := updateSection(s.file, s.sectionName(ts, name), text, content); err != nil {
		return err
	}
	return s.writeWork(ts.MkAbs(name), []byte(content))
}

// sectionName returns the name of the file's section: its path below the script's own folder.
func (s *scene) sectionName(ts *testscript.TestScript, name string) string {
	relative, err := filepath.Rel(s.work, ts.MkAbs(name))
	if err != nil {
		return name
	}
	return filepath.ToSlash(relative)
}

// updateSection replaces the data of one section of a script and no other byte.
func updateSection(file, section, before, after string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	start, end := findSection(data, section)
	if start < 0 || normal(string(data[start:end])) != normal(before) {
		return errNoSection
	}
	updated := bytes.Join([][]byte{data[:start], []byte(after), data[end:]}, nil)
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, updated, info.Mode().Perm())
}

// normal leaves out what reading a section adds: a line feed at its end.
func normal(text string) string {
	return strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

// findSection returns where the data of a section begins and ends. Of two sections of one name the last one counts,
// for it is the one that a script sees.
func findSection(data []byte, section string) (start, end int) {
	start, end = -1, len(data)
	for at := 0; at < len(data); {
		next := len(data)
		if lineEnd := bytes.IndexByte(data[at:], '\n'); lineEnd >= 0 {
			next = at + lineEnd + 1
		}
		if name, isMarker := marker(data[at:next]); isMarker {
			if start >= 0 && end == len(data) {
				end = at
			}
			if name == section {
				start, end = next, len(data)
			}
		}
		at = next
	}
	return start, end
}

// marker returns the name in a line that begins a section.
func marker(line []byte) (string, bool) {
	text := strings.TrimRight(string(line), "\r\n")
	name, begins := strings.CutPrefix(text, "-- ")
	name, ends := strings.CutSuffix(name, " --")
	return strings.TrimSpace(name), begins && ends && strings.TrimSpace(name) != ""
}
