package cli

import (
	"strings"

	"github.com/spf13/pflag"
)

// Wanted describes the values of a flag. It never repeats the given value, which may be a token.
func Wanted(flag *pflag.Flag) string {
	words := map[string]string{
		"bool": "true or false", "int": "a whole number", "int64": "a whole number",
		"float64": "a number, such as 5 or 0.5", "duration": "a duration, such as 30s or 2m",
	}
	if choice, isChoice := flag.Value.(*Choice); isChoice {
		return "one of " + strings.Join(choice.Allowed, ", ")
	}
	if word := words[flag.Value.Type()]; word != "" {
		return word
	}
	word, _ := pflag.UnquoteUsage(flag)
	return "a " + word
}
