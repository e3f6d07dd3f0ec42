package scenarios

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// memberPattern finds a name and its value in text that need not be JSON as a whole: YAML, or a broken body.
var memberPattern = regexp.MustCompile(`["']?([A-Za-z0-9_-]+)["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)|'([^']*)|([^\s"'{}\[\],]+))`)

// learnSecrets learns the secrets in a body: the values of the members that the document calls secret.
func (s *scene) learnSecrets(body string) {
	names := s.spec.Secrets()
	if value, err := decode([]byte(body)); err == nil {
		learnMembers(value, names, s.learnSent)
		return
	}
	for _, match := range memberPattern.FindAllStringSubmatch(body, -1) {
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
	s.secrets.learn(values...)
	s.sent.learn(values...)
}

// learnMembers learns what stands below each of the names.
func learnMembers(value any, names []string, learn func(...string)) {
	switch value := value.(type) {
	case object:
		for _, member := range value {
			if slices.Contains(names, member.name) {
				learnAll(member.value, learn)
			}
			learnMembers(member.value, names, learn)
		}
	case []any:
		for _, item := range value {
			learnMembers(item, names, learn)
		}
	}
}

func learnAll(value any, learn func(...string)) {
	switch value := value.(type) {
	case object:
		for _, member := range value {
			learnAll(member.value, learn)
		}
	case []any:
		for _, item := range value {
			learnAll(item, learn)
		}
	case string:
		learn(value)
	case json.Number:
		learn(value.String())
	}
}

// withoutSecrets returns a value in which every member that the document calls secret is masked, so that even the
// shortest secret is hidden.
func withoutSecrets(value any, names []string) any {
	switch value := value.(type) {
	case object:
		shown := make(object, len(value))
		for i, member := range value {
			shown[i] = member
			if slices.Contains(names, member.name) && member.value != nil {
				shown[i].value = masked
			} else {
				shown[i].value = withoutSecrets(member.value, names)
			}
		}
		return shown
	case []any:
		shown := make([]any, len(value))
		for i, item := range value {
			shown[i] = withoutSecrets(item, names)
		}
		return shown
	}
	return value
}

// unquote reads the escapes of a JSON string.
func unquote(text string) string {
	var value string
	if json.Unmarshal([]byte(`"`+text+`"`), &value) != nil {
		return text
	}
	return value
}
