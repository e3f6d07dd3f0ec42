package cli

import (
	"slices"
	"strings"
)

// CheckTokens checks that no two principals have one token, for they could not be told apart. Its message names flags
// and never a token.
func CheckTokens(tokens []string, viewer, other string) error {
	flagOf := map[string]string{}
	for _, given := range []struct {
		flag   string
		tokens []string
	}{{"--token", tokens}, {"--viewer-token", []string{viewer}}, {"--other-token", []string{other}}} {
		for _, token := range slices.Compact(slices.Clone(given.tokens)) {
			if strings.ContainsAny(token, " \t\r\n,") {
				return Usage("%s has a blank or a comma in it, which no bearer token can have", given.flag)
			}
			if first, taken := flagOf[token]; taken && token != "" && first != given.flag {
				return Usage("%s and %s are the same token; each principal needs its own", first, given.flag)
			} else if taken && token != "" {
				return Usage("%s is given twice with the same token", given.flag)
			}
			flagOf[token] = given.flag
		}
	}
	return nil
}
