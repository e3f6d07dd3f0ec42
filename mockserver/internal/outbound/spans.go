package outbound

import (
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/view"
)

// Span is a piece of a request as it is shown: without secrets.
type Span struct {
	Text   string
	Place  string   // where it stands, such as "parameter scope"; empty for a piece that no field decides
	Fields []string // names of the fields of the credential that it comes from; none for a piece that no field decides
}

// Plain returns a piece that no field decides.
func Plain(text string) Span { return Span{Text: text} }

// From returns a piece that comes from fields. Empty names are left out.
func From(place, text string, fields ...string) Span {
	fields = slices.DeleteFunc(fields, func(name string) bool { return name == "" })
	if len(fields) == 0 {
		return Plain(text)
	}
	return Span{Text: text, Place: place, Fields: fields}
}

// Header is a header of a request as it is shown.
type Header struct {
	Name  string
	Value []Span
}

// Line returns a header that no field decides.
func Line(name, value string) Header { return Header{name, []Span{Plain(value)}} }

// Joined returns the text of pieces.
func Joined(spans []Span) string {
	var text strings.Builder
	for _, one := range spans {
		text.WriteString(one.Text)
	}
	return text.String()
}

// Part is a text of a request in pieces, such as the request itself or the claims of a token in it.
type Part struct {
	Name string
	At   string // step of the exchange where it is made: one of the steps
	Text []Span
}

// The steps of an exchange.
const (
	AtPlatform      = "platform"
	AtTokenEndpoint = "token endpoint"
	AtDestination   = "destination"
)

func (p *Part) shown() map[string]any {
	pieces := make([]any, len(p.Text))
	for i, one := range p.Text {
		piece := map[string]any{"text": one.Text}
		if len(one.Fields) > 0 {
			piece["fields"], piece["place"] = Texts(one.Fields), one.Place
		}
		pieces[i] = piece
	}
	return map[string]any{"name": p.Name, "at": p.At, "text": pieces}
}

// Members returns the members of an object as lines of JSON. The fields of each member are given by its name.
func Members(kind string, members map[string]any, fields map[string][]string) []Span {
	spans := []Span{Plain("{\n")}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		end := ",\n"
		if i == len(names)-1 {
			end = "\n"
		}
		spans = append(spans, Plain("  "+string(view.AppendValue(nil, name))+": "),
			From(kind+" "+name, string(view.AppendValue(nil, members[name])), fields[name]...), Plain(end))
	}
	return append(spans, Plain("}"))
}

// Signed returns the parts of a token that the platform signs. The fields of each claim are given by its name.
func Signed(token string, header, claims map[string]any, fields map[string][]string) []Part {
	return []Part{{"header of " + token, AtPlatform, Members("header", header, nil)},
		{"claims of " + token, AtPlatform, Members("claim", claims, fields)}}
}
