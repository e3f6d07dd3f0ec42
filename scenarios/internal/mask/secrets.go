package mask

import (
	"encoding/json"
	"slices"

	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// LearnMembers learns the values of the members of those names, and all below them.
func LearnMembers(value any, names []string, learn func(...string)) {
	switch value := value.(type) {
	case ordered.Object:
		for _, member := range value {
			if slices.Contains(names, member.Name) {
				learnAll(member.Value, learn)
			}
			LearnMembers(member.Value, names, learn)
		}
	case []any:
		for _, item := range value {
			LearnMembers(item, names, learn)
		}
	}
}

func learnAll(value any, learn func(...string)) {
	switch value := value.(type) {
	case ordered.Object:
		for _, member := range value {
			learnAll(member.Value, learn)
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

// WithoutSecrets returns a value in which every member that the document calls secret is masked, so that even the
// shortest secret is hidden.
func WithoutSecrets(value any, names []string) any {
	switch value := value.(type) {
	case ordered.Object:
		shown := make(ordered.Object, len(value))
		for i, member := range value {
			shown[i] = member
			if slices.Contains(names, member.Name) && member.Value != nil {
				shown[i].Value = ordered.Masked
			} else {
				shown[i].Value = WithoutSecrets(member.Value, names)
			}
		}
		return shown
	case []any:
		shown := make([]any, len(value))
		for i, item := range value {
			shown[i] = WithoutSecrets(item, names)
		}
		return shown
	}
	return value
}
