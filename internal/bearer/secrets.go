package bearer

import (
	"strings"
)

// IsDistinct tells whether a token can be told from other text. A word like "viewer" occurs in many sentences.
func IsDistinct(token string) bool {
	return len(token) >= 8 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
}

// SecretsIn returns the value of a header and those of its parts that can be told from other text, such as the value of a cookie.
func SecretsIn(value string) []string {
	var secrets []string
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t;,=\"", r) })
	for _, part := range append([]string{value}, parts...) {
		if IsDistinct(part) {
			secrets = append(secrets, part)
		}
	}
	return secrets
}
