package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/spelling"
)

// mostUnknown is the maximum number of unknown members listed one by one; further ones are counted.
const mostUnknown = 20

// unknown returns the violations for members that the form does not describe. It never repeats their names, since a name may be
// a pasted secret. It suggests the known name that each may have meant, and counts the rest.
func (f *Form) unknown(body map[string]any, known int) []Violation {
	if !f.strict || known == len(body) {
		return nil
	}
	var strangers []string
	for name := range body {
		if f.byName[name] == nil {
			strangers = append(strangers, name)
		}
	}
	slices.Sort(strangers)
	var found []Violation
	anonymous := max(0, len(strangers)-mostUnknown)
	for _, name := range strangers[:len(strangers)-anonymous] {
		if violation, recognised := f.recognise(name); recognised {
			found = append(found, violation)
		} else {
			anonymous++
		}
	}
	if anonymous > 0 {
		found = append(found, Violation{Code: CodeUnknownMember, Message: fmt.Sprintf(
			"The body has %s that %s not known here; known are %s.", count(anonymous, "member"), areOrIs(anonymous),
			strings.Join(f.writable(), ", "))})
	}
	return found
}

// recognise returns the violation for an unknown name that is known elsewhere or resembles a known name.
func (f *Form) recognise(name string) (Violation, bool) {
	if owners := f.elsewhere[name]; owners != nil {
		return Violation{Code: CodeUnknownMember, Pointer: string(jsontext.Pointer("").AppendToken(name)), Message: fmt.Sprintf(
			"%s is a member of %s, not of %s; leave it out.", name, strings.Join(owners, ", "), f.title)}, true
	}
	if meant := spelling.Nearest(name, f.writable()); meant != "" {
		return Violation{
			Code:    CodeUnknownMember,
			Message: "The body has a member that is not known here; did you mean " + meant + "?",
		}, true
	}
	return Violation{}, false
}

// writable returns the names that a body may have.
func (f *Form) writable() []string {
	var names []string
	for _, field := range f.fields {
		if !field.ReadOnly {
			names = append(names, field.Name)
		}
	}
	return names
}

func count(number int, noun string) string {
	if number == 1 {
		return "a " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

func areOrIs(number int) string {
	if number == 1 {
		return "is"
	}
	return "are"
}
