package foreign

import (
	"errors"
	"testing"
)

func TestSay(t *testing.T) {
	path := "/v1/x"
	for _, row := range []struct {
		text       Mixed
		whole, own string
	}{
		{Mixed{}, "", ""},
		{Say("plain"), "plain", "plain"},
		{Say("%s answered %d", Own("get"), 404), "get answered 404", "get answered ."},
		{Say("GET %s: %v", path, errors.New("no route")), "GET /v1/x: no route", "GET .: ."},
		{Say("%q of %s", Text("a\nb"), Text("c")), `"a\nb" of c`, ". of ."},
		{Say("it failed: %s", Say("look at %s", path)), "it failed: look at /v1/x", "it failed: look at ."},
		{Say("a %s", path).With(Say(" b")), "a /v1/x b", "a . b"},
		{Say("a\n%s", path).Short(), `a\n/v1/x`, `a\n.`},
	} {
		if row.text.String() != row.whole || row.text.Own() != row.own || row.text.IsEmpty() != (row.whole == "") {
			t.Errorf("%q with %q of our own, want %q with %q", row.text, row.text.Own(), row.whole, row.own)
		}
	}
}
