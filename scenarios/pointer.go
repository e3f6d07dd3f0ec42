package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parsePointer splits a JSON pointer (RFC 6901) into its tokens.
func parsePointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if !strings.HasPrefix(pointer, "/") {
		return nil, fmt.Errorf("%s is not a JSON pointer: one begins with /, such as /payload/id", brief(pointer))
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(token), "~") {
			return nil, fmt.Errorf("%s is not a JSON pointer: ~ is written ~0, and / in a name ~1", brief(pointer))
		}
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return tokens, nil
}

// resolve returns what a pointer points at. The error says how far it led.
func resolve(value any, pointer string) (any, error) {
	tokens, err := parsePointer(pointer)
	if err != nil {
		return nil, err
	}
	at := ""
	for _, token := range tokens {
		next, err := step(value, token)
		if err != nil {
			return nil, &absentError{fmt.Sprintf("nothing is at %s: %s %v", brief(pointer), brief(orTop(at)), err)}
		}
		value, at = next, at+"/"+escapeToken(token)
	}
	return value, nil
}

// absentError says that a pointer is right and points at nothing.
type absentError struct{ message string }

func (e *absentError) Error() string { return e.message }

func step(value any, token string) (any, error) {
	switch value := value.(type) {
	case object:
		if next, there := value.lookup(token); there {
			return next, nil
		}
		return nil, fmt.Errorf("has only {%s}", strings.Join(value.names(), ", "))
	case []any:
		index, err := strconv.Atoi(token)
		if err != nil || strconv.Itoa(index) != token || index < 0 {
			return nil, errors.New("is an array, which wants an index")
		}
		if index >= len(value) {
			return nil, fmt.Errorf("is an array of %s", count(len(value), "item"))
		}
		return value[index], nil
	}
	return nil, fmt.Errorf("is %s", kind(value))
}

var tokenEscape = strings.NewReplacer("~", "~0", "/", "~1")

func escapeToken(token string) string { return tokenEscape.Replace(token) }

func orTop(pointer string) string {
	if pointer == "" {
		return "the body"
	}
	return pointer
}
