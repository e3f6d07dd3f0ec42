package source

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/lazy"
)

// named are the words of a message that can name a member: a quoted text, a path, or a word.
var named = lazy.Regexp(`"[^"]*"|[^\s:,()]+`)

// Near returns the line of the member that a message leads to, or 0. A message of a validator names members from the outside in, as in
// `invalid paths: invalid path /v1/things: invalid operation GET`.
func Near(tree *yaml.Node, message string) int {
	line, at := 0, tree
	if at.Kind == yaml.DocumentNode {
		at = at.Content[0]
	}
	var words []string
	for _, word := range named().FindAllString(message, -1) {
		words = append(words, strings.Trim(word, `"'`))
	}
	for {
		key, value := first(at, words)
		if key == nil {
			return line
		}
		line, at = key.Line, value
	}
}

// first returns the member that the first fitting word names: as it is, in lower case as a method is, or as one of several.
func first(at *yaml.Node, words []string) (key, value *yaml.Node) {
	for at.Kind == yaml.AliasNode {
		at = at.Alias
	}
	for i := range words {
		for _, name := range []string{words[i], strings.ToLower(words[i]), words[i] + "s"} {
			if key, value = Member(at, name); key != nil {
				words[i] = "" // a word names one member
				return key, value
			}
		}
	}
	return nil, nil
}
