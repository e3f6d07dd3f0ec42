package strictjson

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/credmock/credmock/internal/jsonbound"
)

func TestUnmarshal(t *testing.T) {
	for _, row := range []struct {
		name, text string
		reason     Reason
		offset     int64
		message    string
	}{
		{"nothing", " \n", Empty, 0, "it is empty"},
		{"a byte of Latin-1", "{\"a\":\"\xe9\"}", NotUTF8, 6, "it is not UTF-8 from byte 7 on"},
		{"a byte order mark", "\ufeff{}", Marked, 0, "it begins with a byte order mark, an invisible character that JSON must not have"},
		{"half a surrogate pair", `{"a":"\ud800"}`, Malformed, 6, "it is not JSON from byte 7 on"},
		{"deep", strings.Repeat("[", jsonbound.MaxDepth+1), TooDeep, 0, "it is nested deeper than anything of this API"},
		{"a name twice", `{"a":1,"a":2}`, Duplicate, 7, "it has a member twice in one object"},
		{"a name twice, once escaped", `{"a":1,"\u0061":2}`, Duplicate, 7, "it has a member twice in one object"},
		{"cut short", `{"a":`, Truncated, 5, "it ends before the JSON value does"},
		{"no JSON", `{"a":secret}`, Malformed, 5, "it is not JSON from byte 6 on"},
		{"a comma too many", `[1,]`, Malformed, 2, "it is not JSON from byte 3 on"},
		{"a second value", `{} {}`, Malformed, 3, "it is not JSON from byte 4 on"},
	} {
		var value any
		var refused *Error
		if err := Unmarshal([]byte(row.text), &value); !errors.As(err, &refused) {
			t.Errorf("%s: %v", row.name, err)
		} else if *refused != (Error{row.reason, row.offset}) || refused.Error() != row.message {
			t.Errorf("%s: %+v, %s", row.name, *refused, refused)
		}
	}
}

func TestUnmarshalFits(t *testing.T) {
	var value struct{ A int }
	if err := Unmarshal([]byte(` {"A": 1} `), &value); err != nil || value.A != 1 {
		t.Error(value, err)
	}
	var semantic *json.SemanticError
	for _, text := range []string{`{"A":"x"}`, `{"A":1,"B":2}`} {
		if err := Unmarshal([]byte(text), &value, json.RejectUnknownMembers(true)); !errors.As(err, &semantic) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEnd(t *testing.T) {
	for text, reason := range map[string]Reason{"1 ": -1, "1 2": Trailing, "1 x": Trailing} {
		decoder, err := NewDecoder([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decoder.ReadToken(); err != nil {
			t.Fatal(err)
		}
		var refused *Error
		if err := End(decoder); errors.As(err, &refused) != (reason >= 0) || refused != nil && refused.Reason != reason {
			t.Errorf("%q: %v", text, err)
		}
	}
}
