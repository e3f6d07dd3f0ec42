package jsonvalue_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/strictjson"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	value, err := jsonvalue.Decode([]byte(` {"a":[1.50,"x",null,true],"b":{"c":{}},"d":[],"e":"\ud800"} `))
	want := map[string]any{"a": []any{json.Number("1.50"), "x", nil, true}, "b": map[string]any{"c": map[string]any{}}, "d": []any{},
		"e": "\ufffd"}
	if err != nil || !reflect.DeepEqual(value, want) {
		t.Errorf("%v, error %v", value, err)
	}
}

func TestDecodeIsStrict(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]strictjson.Reason{
		"":                         strictjson.Empty,
		`{"a":1,"a":1}`:            strictjson.Duplicate,
		`{"a":{"b":1,"\u0062":2}}`: strictjson.Duplicate,
		"{\"a\":\"\xff\"}":         strictjson.NotUTF8,
		"\xef\xbb\xbf{}":           strictjson.Marked,
		`{"a":1`:                   strictjson.Truncated,
		`{"a":1}}`:                 strictjson.Trailing,
		`{"a":01}`:                 strictjson.Malformed,
		`{"a":1,}`:                 strictjson.Malformed,
		`["a" "b"]`:                strictjson.Malformed,
	} {
		var refused *strictjson.Error
		if _, err := jsonvalue.Decode([]byte(text)); !errors.As(err, &refused) || refused.Reason != reason {
			t.Errorf("%q: %v", text, err)
		}
	}
}
