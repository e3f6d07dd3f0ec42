package foreign

import "fmt"

// Own is text of this program or of its document. A string constant converts implicitly; other text needs a conversion, which a
// reviewer can find.
type Own string

// Mixed is text made of own and foreign parts. The zero value is the empty text.
type Mixed struct{ whole, own string }

// Say formats text like fmt.Sprintf. The format, arguments of type Own and the own parts of a Mixed are own; all other
// arguments are foreign.
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

// Own returns the text with a dot for each foreign part.
func (m Mixed) Own() string { return m.own }

// IsEmpty reports whether the text is empty.
func (m Mixed) IsEmpty() bool { return m.whole == "" }

// Short returns the text with its whole and its own part shortened by [Text.Short].
func (m Mixed) Short() Mixed { return Mixed{whole: Text(m.whole).Short(), own: Text(m.own).Short()} }

// With returns the text followed by more.
func (m Mixed) With(more Mixed) Mixed {
	return Mixed{whole: m.whole + more.whole, own: m.own + more.own}
}

// blank stands for a foreign argument, whatever the verb.
type blank struct{}

// Format writes a dot.
func (blank) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(".")) }
