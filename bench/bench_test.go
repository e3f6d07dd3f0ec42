package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/bench/internal/page"
	"example.com/bench/internal/record"
)

const root = ".."

// The page and the plots are those of the recorded numbers: make performance writes them.
func TestPageShowsTheRecordedNumbers(t *testing.T) {
	run, err := record.Read("recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	files, err := page.Draw(run, root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not as the recorded numbers say: %v", name, err)
		}
	}
	drawn, err := filepath.Glob(filepath.Join(root, page.Images, "performance-*.svg"))
	if err != nil || len(drawn) != len(files)-1 || len(drawn) < 7 {
		t.Errorf("%d plots in the folder and %d files of the run; %v", len(drawn), len(files), err)
	}
}

// Each plot is well-formed, has a text alternative, and is on the page.
func TestPlotsAreReadable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, page.Page))
	if err != nil {
		t.Fatal(err)
	}
	drawn, _ := filepath.Glob(filepath.Join(root, page.Images, "performance-*.svg"))
	for _, name := range drawn {
		svg, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if described := describedBy(t, svg); len(described) < 60 {
			t.Errorf("%s: the text alternative is %q", name, described)
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) || bytes.Contains(svg, []byte("%!")) {
			t.Errorf("%s has a value that is no number", name)
		}
		if !strings.Contains(string(text), "](images/"+filepath.Base(name)+")") {
			t.Errorf("%s is not on the page", name)
		}
	}
}

// describedBy returns the text alternative of an SVG.
func describedBy(t *testing.T, svg []byte) string {
	t.Helper()
	described, inside := "", false
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return described
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "desc"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				described += string(token)
			}
		}
	}
}

// Arguments without sense are refused.
func TestWrongArguments(t *testing.T) {
	for _, arguments := range [][]string{nil, {"other"}, {"measure", "-turns", "0"}, {"measure", "-time", "0s"}, {"measure", "-requests", "0"},
		{"static"}, {"static", "ok", "file"}, {"static", "200", filepath.Join(t.TempDir(), "missing")},
		{"draw", "-record", filepath.Join(t.TempDir(), "missing")}} {
		if err := run(t.Context(), arguments); err == nil {
			t.Errorf("%q is accepted", arguments)
		}
	}
}
