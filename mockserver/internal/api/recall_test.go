package api_test

import (
	"fmt"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// Reads repeat the answer that an earlier one encoded, until the record changes.
func TestReadsRepeatTheAnswer(t *testing.T) {
	mock := mocktest.Start(t)
	at := "/v1/authcredentials/" + mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "first"}))
	read := func() string { return mock.Send("GET", at, "").Text }
	first := read()
	if again := read(); again != first {
		t.Errorf("%s became %s", first, again)
	}
	changed := mock.Send("PATCH", at, mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": "second"})).Text
	for range 2 {
		if got := read(); got != changed || got == first {
			t.Errorf("%s after %s", got, changed)
		}
	}
	if got := mock.As(mock.OtherToken, "GET", at, ""); got.Status != 404 {
		t.Errorf("another organization reads it: %d", got.Status)
	}
}

// A text of a credential that becomes a secret later is masked when a later read is recorded, and the reads still show it.
func TestRepeatedReadIsMasked(t *testing.T) {
	mock := mocktest.Start(t)
	const text = "Qk7-first-a-name"
	at := "/v1/authcredentials/" + mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": text}))
	recorded := func() string {
		if got := mock.Send("GET", at, ""); got.Payload()["name"] != text {
			t.Errorf("the answer is %s", got.Text)
		}
		exchanges := mock.Journal("?limit=1000")
		return fmt.Sprint(exchanges[len(exchanges)-1]["response"].(map[string]any)["body"].(map[string]any)["payload"].(map[string]any)["name"])
	}
	for range 2 {
		if got := recorded(); got != text {
			t.Errorf("recorded as %q", got)
		}
	}
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": text}))
	for range 2 {
		if got := recorded(); got != "[masked]" {
			t.Errorf("recorded as %q after the text became a secret", got)
		}
	}
}
