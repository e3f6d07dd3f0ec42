package rerun

import (
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/sample"
)

func testWriter() *Writer {
	return &Writer{Setting: &Setting{Spec: credmock.Default(), Organization: 118, RunName: leftover.NamePrefix + "ABCDEFGH"},
		Detector: leak.New(), Scope: "a check"}
}

// The body of a curl line has a variable for each secret, and is one word for a shell whatever it holds.
func TestPlainBody(t *testing.T) {
	w := testWriter()
	got := newAgain(w).plainBody([]byte(`{"clientSecret":"s3cret","name":"it's ` + w.RunName + `","secretKey":""}`)).quoted()
	want := `'{"clientSecret":"'"$CLIENT_SECRET"'","name":"it'\''s ` + strings.TrimSpace(leftover.NamePrefix) + `","secretKey":""}'`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	canary := sample.New(1).Canary()
	w.Detector.Add(leak.Secret{Label: "x/clientSecret", Scope: w.Scope}, canary)
	if got := newAgain(w).plainBody([]byte(`{"name":"` + canary + `"}`)).quoted(); strings.Contains(got, canary) {
		t.Error("a secret that stands under another name is shown")
	}
}

// An excerpt shows neither a secret nor a value that differs between runs.
func TestExcerpt(t *testing.T) {
	w := testWriter()
	canary := sample.New(1).Canary()
	w.Detector.Add(leak.Secret{Label: "x/clientSecret", Scope: w.Scope}, canary)
	e := &wire.Exchange{Status: 200, Body: []byte(`{"id":"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11","at":"2026-01-15T09:30:00.000Z"}`)}
	if got, want := w.Excerpt(e), "200 OK\n\n"+`{"id":"$ID","at":"$TIME"}`; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	for _, body := range []string{canary, canary[:8], strings.ToUpper(canary)} {
		if got := w.Excerpt(&wire.Exchange{Status: 200, Body: []byte(body)}); strings.Contains(strings.ToLower(got),
			strings.ToLower(canary[:8])) {
			t.Errorf("a secret is shown: %s", got)
		}
	}
}
