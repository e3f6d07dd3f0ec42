// Package ordered holds JSON values with their numbers as they are written and their members in order. It reads, prints and compares
// them, resolves pointers, and fills templates that have variables and placeholders.
package ordered

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// Object is the members of a JSON object in their order. A JSON value is nil, a bool, a json.Number, a string, a []any or an Object.
type Object []Member

// Member is one member of an Object.
type Member struct {
	Name  string
	Value any
}

// Lookup returns the value of the member of that name.
func (o Object) Lookup(name string) (any, bool) {
	for _, member := range o {
		if member.Name == name {
			return member.Value, true
		}
	}
	return nil, false
}

// mostNames is how many names an error lists.
const mostNames = 12

// names returns the names of the first members, as a message shows them.
func (o Object) names() []string {
	names := make([]string, 0, mostNames+1)
	for i, member := range o {
		if i == mostNames {
			return append(names, "…")
		}
		names = append(names, bound.Brief(member.Name).String())
	}
	return names
}

// ErrTooMany is the error of JSON that holds more values than any answer of this API.
var ErrTooMany = fmt.Errorf("it holds more than %d JSON values", bound.MostValues)

// Decode reads exactly one JSON value. Its errors hold nothing of the text.
func Decode(data []byte) (any, error) {
	value, _, err := DecodeCounting(data)
	return value, err
}

// DecodeCounting is decode, and tells how many values there are within the value.
func DecodeCounting(data []byte) (value any, values int, err error) {
	tokens, err := strictjson.NewDecoder(data)
	if err != nil {
		return nil, 0, err
	}
	decoder := &decoder{Decoder: tokens}
	if value, err = decoder.next(); err != nil {
		return nil, decoder.values, strictjson.Explain(err)
	}
	if err := strictjson.End(tokens); err != nil {
		return nil, decoder.values, err
	}
	return value, decoder.values, nil
}

// decoder reads JSON and counts its values.
type decoder struct {
	*jsontext.Decoder
	values int
}

func (d *decoder) next() (any, error) {
	if d.values++; d.values > bound.MostValues {
		return nil, ErrTooMany
	}
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

func (d *decoder) object() (any, error) {
	members := Object{}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := d.next()
		if err != nil {
			return nil, err
		}
		members = append(members, Member{name, value})
	}
	_, err := d.ReadToken()
	return members, err
}

func (d *decoder) array() (any, error) {
	items := []any{}
	for d.PeekKind() != ']' {
		value, err := d.next()
		if err != nil {
			return nil, err
		}
		items = append(items, value)
	}
	_, err := d.ReadToken()
	return items, err
}

// Masked stands for a value that is never shown.
const Masked = "[masked]"

// Compact writes a value on one line, at most that many bytes of it. It tells whether that is the whole value.
func Compact(value any, limit int) (string, bool) {
	out := printer{limit: limit}
	out.value(value, "")
	return out.result()
}

// Indented writes a value on as many lines as it has members and items, at most that many bytes of it. The values of members
// that are called secret are masked. It tells whether that is the whole value.
func Indented(value any, limit int, secrets []string) (string, bool) {
	out := printer{limit: limit, secrets: secrets}
	out.value(value, "\n")
	return out.result()
}

// printer writes JSON until it has written as much as it may: the layout of a small value can be large.
type printer struct {
	text    strings.Builder
	limit   int
	secrets []string
}

func (p *printer) Full() bool { return p.text.Len() > p.limit }

func (p *printer) result() (string, bool) {
	return foreign.FirstBytes(p.text.String(), p.limit), !p.Full()
}

// value writes a value. lineBreak is a line feed and the indentation so far, or empty for one line.
func (p *printer) value(value any, lineBreak string) {
	switch value := value.(type) {
	case Object:
		p.list("{}", len(value), lineBreak, func(i int, inner string) {
			p.string(value[i].Name)
			p.text.WriteByte(':')
			if inner != "" {
				p.text.WriteByte(' ')
			}
			if value[i].Value != nil && slices.Contains(p.secrets, value[i].Name) {
				p.string(Masked)
				return
			}
			p.value(value[i].Value, inner)
		})
	case []any:
		p.list("[]", len(value), lineBreak, func(i int, inner string) { p.value(value[i], inner) })
	case string:
		p.string(value)
	case Bare:
		p.text.WriteString("$" + string(value))
	case nil:
		p.text.WriteString("null")
	default:
		fmt.Fprint(&p.text, value)
	}
}

func (p *printer) string(value string) {
	p.text.WriteString(Quote(foreign.FirstBytes(value, p.limit+1)))
}

func (p *printer) list(brackets string, length int, lineBreak string, item func(int, string)) {
	inner := lineBreak
	if inner != "" {
		inner += "  "
	}
	p.text.WriteByte(brackets[0])
	for i := range length {
		if p.Full() {
			return
		}
		if i > 0 {
			p.text.WriteByte(',')
		}
		p.text.WriteString(inner)
		item(i, inner)
	}
	if length > 0 {
		p.text.WriteString(lineBreak)
	}
	p.text.WriteByte(brackets[1])
}

// Quote writes a JSON string, and leaves the characters of placeholders as they are.
func Quote(value string) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string always can be
	return strings.TrimSuffix(text.String(), "\n")
}

// Walk visits every member of every object, with the names and numbers that lead to it. What is visited is not kept.
func Walk(value any, at []string, visit func(at []string)) {
	switch value := value.(type) {
	case Object:
		for _, member := range value {
			inner := append(at, member.Name) //nolint:gocritic // the next member takes the place of this one
			visit(inner)
			Walk(member.Value, inner, visit)
		}
	case []any:
		for i, item := range value {
			Walk(item, append(at, strconv.Itoa(i)), visit)
		}
	}
}
