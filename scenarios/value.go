package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A JSON value is nil, a bool, a json.Number, a string, a []any or an object. Numbers stay as they were written and
// members in their order, so that what is compared or written back is what was there.
type (
	object []member
	member struct {
		name  string
		value any
	}
)

func (o object) lookup(name string) (any, bool) {
	for _, member := range o {
		if member.name == name {
			return member.value, true
		}
	}
	return nil, false
}

func (o object) names() []string {
	names := make([]string, len(o))
	for i, member := range o {
		names[i] = member.name
	}
	return names
}

// decode reads exactly one JSON value. Its errors say nothing of what it read.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := decodeNext(decoder)
	if err != nil {
		return nil, plainly(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	return value, nil
}

// plainly says where JSON is broken, without the character that breaks it.
func plainly(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON from byte %d on", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends before the JSON value does")
	}
	return err
}

func decodeNext(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(decoder)
	case json.Delim('['):
		return decodeArray(decoder)
	}
	return token, nil
}

func decodeObject(decoder *json.Decoder) (any, error) {
	members := object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := decodeNext(decoder)
		if err != nil {
			return nil, err
		}
		if _, twice := members.lookup(name.(string)); twice {
			return nil, errors.New("it has a member twice in one object")
		}
		members = append(members, member{name.(string), value})
	}
	_, err := decoder.Token()
	return members, err
}

func decodeArray(decoder *json.Decoder) (any, error) {
	items := []any{}
	for decoder.More() {
		value, err := decodeNext(decoder)
		if err != nil {
			return nil, err
		}
		items = append(items, value)
	}
	_, err := decoder.Token()
	return items, err
}

// compact writes a value on one line.
func compact(value any) string {
	var text strings.Builder
	encode(&text, value, "")
	return text.String()
}

// indented writes a value on as many lines as it has members and items, with a line feed at its end.
func indented(value any) string {
	var text strings.Builder
	encode(&text, value, "\n")
	return text.String() + "\n"
}

// encode writes a value. lineBreak is a line feed and the indentation so far, or empty for one line.
func encode(text *strings.Builder, value any, lineBreak string) {
	switch value := value.(type) {
	case object:
		encodeList(text, "{}", len(value), lineBreak, func(i int, inner string) {
			text.WriteString(quote(value[i].name) + ":")
			if inner != "" {
				text.WriteByte(' ')
			}
			encode(text, value[i].value, inner)
		})
	case []any:
		encodeList(text, "[]", len(value), lineBreak, func(i int, inner string) { encode(text, value[i], inner) })
	case string:
		text.WriteString(quote(value))
	case bare:
		text.WriteString("$" + string(value))
	case nil:
		text.WriteString("null")
	default:
		fmt.Fprint(text, value)
	}
}

func encodeList(text *strings.Builder, brackets string, length int, lineBreak string, item func(int, string)) {
	inner := lineBreak
	if inner != "" {
		inner += "  "
	}
	text.WriteByte(brackets[0])
	for i := range length {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(inner)
		item(i, inner)
	}
	if length > 0 {
		text.WriteString(lineBreak)
	}
	text.WriteByte(brackets[1])
}

// quote writes a JSON string, and leaves the characters of placeholders as they are.
func quote(value string) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string always can be
	return strings.TrimSuffix(text.String(), "\n")
}
