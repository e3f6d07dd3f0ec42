package target

import (
	"bytes"
	"encoding/json"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// insert puts encoded members at the front of the objects that stand within that many others; with last, of the last of them alone.
func insert(text []byte, depth int, last bool, members []byte) []byte {
	places := opened(text, depth)
	if last && len(places) > 1 {
		places = places[len(places)-1:]
	}
	var made bytes.Buffer
	from := 0
	for _, at := range places {
		made.Write(text[from : at+1])
		made.Write(members)
		if rest := bytes.TrimLeft(text[at+1:], " \n\t\r"); len(rest) > 0 && rest[0] != '}' {
			made.WriteByte(',')
		}
		from = at + 1
	}
	made.Write(text[from:])
	return made.Bytes()
}

// opened returns where the objects of a depth begin.
func opened(text []byte, depth int) []int {
	var places []int
	for at, outer := range jsonbound.Opened(text) {
		if outer == depth && text[at] == '{' {
			places = append(places, at)
		}
	}
	return places
}

// member encodes a name, and a value that is encoded already.
func member(name string, value []byte) []byte {
	return append(append(quoted(name), ':'), value...)
}

func quoted(text string) []byte {
	encoded, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`)
	}
	return encoded
}

// addToPayload gives what the answer is about a further member.
func (e *exchange) addToPayload(name string, value []byte) {
	if e.status < 300 {
		e.text = insert(e.text, 1, true, member(name, value))
	}
}

// change passes every value of the answer through a function, from the inside out; the name is that of the member, where it is one.
func (e *exchange) change(with func(name string, value any) any) {
	decoder := json.NewDecoder(bytes.NewReader(e.text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return
	}
	var made bytes.Buffer
	encoder := json.NewEncoder(&made)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(walk("", value, with)) == nil {
		e.text = made.Bytes()
	}
}

func walk(name string, value any, with func(string, any) any) any {
	switch value := value.(type) {
	case map[string]any:
		for inner, one := range value {
			value[inner] = walk(inner, one, with)
		}
	case []any:
		for i, one := range value {
			value[i] = walk(name, one, with)
		}
	}
	return with(name, value)
}

// changeTexts passes every string of the answer through a function.
func (e *exchange) changeTexts(with func(name, text string) string) {
	e.change(func(name string, value any) any {
		if text, isText := value.(string); isText {
			return with(name, text)
		}
		return value
	})
}

// operation returns the document's operation of the request, or nil.
func (e *exchange) operation() *credmock.Operation {
	for _, one := range e.spec.Operations {
		if _, fits := pathtemplate.Match(one.Prefix+one.Path, e.request.URL.EscapedPath()); fits && one.Method == e.request.Method {
			return one
		}
	}
	return nil
}

// secretName is the name of a secret of the document: a member of this name that an answer holds is a finding.
func (s *Server) secretName() string { return s.spec.Secrets()[0] }

// idName is what the document calls the id of a credential.
func (s *Server) idName() string {
	return s.spec.Strategies[0].Shown.Role(credmock.RoleID).Name
}
