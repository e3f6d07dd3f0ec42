package engine

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/scenarios/internal/mask"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// memberPattern finds a name and its value in text that need not be JSON as a whole: YAML, or a broken body.
var memberPattern = lazy.Regexp(`["']?([A-Za-z0-9_-]+)["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)|'([^']*)|([^\s"'{}\[\],]+))`)

// learnSecrets learns the secrets in a body: the values of the members that the document calls secret.
func (s *scene) learnSecrets(body string) {
	names := s.spec.Secrets()
	if value, err := ordered.Decode([]byte(body)); err == nil {
		mask.LearnMembers(value, names, s.learnSent)
		return
	}
	for _, match := range memberPattern().FindAllStringSubmatch(body, -1) {
		if slices.Contains(names, match[1]) {
			s.learnSent(match[2], unquote(match[2]), match[3], match[4])
		}
	}
	if form, err := url.ParseQuery(strings.TrimSpace(body)); err == nil {
		for name, values := range form {
			if slices.Contains(names, name) {
				s.learnSent(values...)
			}
		}
	}
}

// learnSent learns values that a body holds: no answer may have them.
func (s *scene) learnSent(values ...string) {
	s.secrets.Learn(values...)
	s.sent.Learn(values...)
}

// unquote reads the escapes of a JSON string.
func unquote(text string) string {
	var value string
	if json.Unmarshal([]byte(`"`+text+`"`), &value) != nil {
		return text
	}
	return value
}
