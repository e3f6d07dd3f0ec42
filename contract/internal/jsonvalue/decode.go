package jsonvalue

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/strictjson"
)

// Decode decodes a text that is exactly one JSON value, with numbers as they are written. The error is a [*strictjson.Error]. If
// something follows the value, it comes with the value. The escape of half a surrogate pair is JSON, so it is no error: it becomes
// U+FFFD.
func Decode(text []byte) (any, error) {
	decoder, err := strictjson.NewDecoder(text, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, err
	}
	value, err := decodeValue(decoder)
	if err != nil {
		return nil, strictjson.Explain(err)
	}
	return value, strictjson.End(decoder)
}

func decodeValue(decoder *jsontext.Decoder) (any, error) {
	token, err := decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return decodeObject(decoder)
	case '[':
		return decodeArray(decoder)
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

func decodeObject(decoder *jsontext.Decoder) (any, error) {
	object := map[string]any{}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // the next read overwrites the token
		value, err := decodeValue(decoder)
		if err != nil {
			return nil, err
		}
		object[key] = value
	}
	_, err := decoder.ReadToken()
	return object, err
}

func decodeArray(decoder *jsontext.Decoder) (any, error) {
	list := []any{}
	for decoder.PeekKind() != ']' {
		value, err := decodeValue(decoder)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := decoder.ReadToken()
	return list, err
}
