package contract

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSame(t *testing.T) {
	for _, test := range []struct {
		a, b any
		want bool
	}{
		{json.Number("118"), 118, true},
		{json.Number("118.0"), 118, true},
		{json.Number("1.18e2"), 118, true},
		{json.Number("118"), "118", false},
		{nil, "", false},
		{false, nil, false},
		{map[string]any{"a": 1, "b": 2}, map[string]any{"b": 2, "a": 1}, true},
		{[]any{1, 2}, []any{2, 1}, false},
		{"e\u0301", "\u00e9", false}, // the same letter, and not the same bytes
	} {
		if same(test.a, test.b) != test.want {
			t.Errorf("same(%v, %v) is not %t", test.a, test.b, test.want)
		}
	}
}

// A finding describes a value by its type and size, and never shows it.
func TestShown(t *testing.T) {
	object := map[string]any{"text": "a secret", "number": json.Number("4711"), "null": nil, "flag": true, "list": []any{"a secret"}}
	for name, want := range map[string]string{
		"text": "text is a string of 8 bytes", "number": "number is of type number", "null": "null is null",
		"flag": "flag is true", "list": "list is of type array", "missing": "no member missing",
	} {
		if got := shown(object, name); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestShellName(t *testing.T) {
	for name, want := range map[string]string{"clientSecret": "CLIENT_SECRET", "password": "PASSWORD", "id": "ID", "environmentId": "ENVIRONMENT_ID",
		"a-b;$(id)": "A_B___ID_", "1st": "_1ST", "schlüssel": "SCHL_SSEL"} {
		if got := shellName(name); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// The body of a curl line has a variable for each secret, and is one word for a shell whatever its values hold.
func TestPlainBody(t *testing.T) {
	s := testSession(t)
	p := s.probe("plain")
	got := p.writer(p.scope).plainBody([]byte(`{"clientSecret":"s3cret","name":"it's ` + s.runName + `","secretKey":""}`)).quoted()
	want := `'{"clientSecret":"'"$CLIENT_SECRET"'","name":"it'\''s ` + strings.TrimSpace(runPrefix) + `","secretKey":""}'`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	canary := p.sample.Canary()
	p.remember("x/clientSecret", p.scope, canary)
	if got := p.writer(p.scope).plainBody([]byte(`{"name":"` + canary + `"}`)).quoted(); strings.Contains(got, canary) {
		t.Error("a secret that stands under another name is shown")
	}
}

// An excerpt of an answer shows neither a secret nor what is another in every run.
func TestExcerpt(t *testing.T) {
	s := testSession(t)
	p := s.probe("excerpt")
	canary := p.sample.Canary()
	p.remember("x/clientSecret", p.scope, canary)
	e := &exchange{status: 200, body: []byte(`{"id":"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11","at":"2026-01-15T09:30:00.000Z"}`)}
	if got, want := p.writer(p.scope).excerpt(e), "200 OK\n\n"+`{"id":"$ID","at":"$TIME"}`; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	for _, body := range []string{canary, canary[:8], strings.ToUpper(canary)} {
		if got := p.writer(p.scope).excerpt(&exchange{status: 200, body: []byte(body)}); strings.Contains(strings.ToLower(got), strings.ToLower(canary[:8])) {
			t.Errorf("a secret is shown: %s", got)
		}
	}
}
