package bearer

import (
	"strings"
)

// IsDistinct tells whether a token can be told from other text. A word like "viewer" occurs in many sentences.
func IsDistinct(token string) bool {
	return len(token) >= 8 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
}

// shortest is the length from which the value of a header is a secret, even if it is a word: a text that is hidden in vain harms less
// than one that is shown.
const shortest = 6

// SecretsIn returns the value of a header, unless it is very short, and those of its parts that can be told from other text, such as
// the value of a cookie.
func SecretsIn(value string) []string {
	var secrets []string
	if len(value) >= shortest {
		secrets = append(secrets, value)
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t;,=\"", r) })
	for _, part := range parts {
		if part != value && IsDistinct(part) {
			secrets = append(secrets, part)
		}
	}
	return secrets
}
