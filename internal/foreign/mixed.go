package foreign

import "fmt"

// Own is text of this program or of the document that it works by. A string constant is Own by itself; everything else needs a
// conversion, which a reviewer can look for.
type Own string

// Mixed is text of which a part is Own and the rest was chosen by somebody else. The zero value is the empty text.
type Mixed struct{ whole, own string }

// Say formats a text as fmt.Sprintf does. The format is Own, and so are the arguments of type Own and the own parts of a Mixed.
// All other arguments are foreign.
func Say(format Own, arguments ...any) Mixed {
	whole, own := make([]any, len(arguments)), make([]any, len(arguments))
	for i, argument := range arguments {
		switch argument := argument.(type) {
		case Mixed:
			whole[i], own[i] = argument.whole, argument.own
		case Own:
			whole[i], own[i] = string(argument), string(argument)
		case Text:
			whole[i], own[i] = string(argument), blank{}
		default:
			whole[i], own[i] = argument, blank{}
		}
	}
	return Mixed{whole: fmt.Sprintf(string(format), whole...), own: fmt.Sprintf(string(format), own...)}
}

// String returns the whole text.
func (m Mixed) String() string { return m.whole }

// Own returns the text with a dot in place of each foreign part.
func (m Mixed) Own() string { return m.own }

// IsEmpty tells whether there is no text.
func (m Mixed) IsEmpty() bool { return m.whole == "" }

// Short returns the text with its whole and its own part as [Text.Short] has them.
func (m Mixed) Short() Mixed { return Mixed{whole: Text(m.whole).Short(), own: Text(m.own).Short()} }

// With returns the text with another one behind it.
func (m Mixed) With(more Mixed) Mixed {
	return Mixed{whole: m.whole + more.whole, own: m.own + more.own}
}

// blank stands for a foreign argument, whatever the verb.
type blank struct{}

// Format writes a dot.
func (blank) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(".")) }
