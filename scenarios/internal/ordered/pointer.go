package ordered

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/scenarios/internal/bound"
)

// At returns the JSON pointer that follows the names in turn.
func At(names ...string) string {
	var pointer jsontext.Pointer
	for _, name := range names {
		pointer = pointer.AppendToken(name)
	}
	return string(pointer)
}

// checkPointer returns the mistake in a JSON pointer (RFC 6901), or nil.
func checkPointer(pointer jsontext.Pointer) error {
	switch {
	case pointer != "" && !strings.HasPrefix(string(pointer), "/"):
		return fmt.Errorf("%s is not a JSON pointer: one begins with /, such as /payload/id", bound.Brief(string(pointer)))
	case !pointer.IsValid():
		return fmt.Errorf("%s is not a JSON pointer: ~ is written ~0, and / in a name ~1", bound.Brief(string(pointer)))
	}
	return nil
}

// Resolve returns the value at a pointer. The error says how far the pointer leads.
func Resolve(value any, pointer string) (any, error) {
	if err := checkPointer(jsontext.Pointer(pointer)); err != nil {
		return nil, err
	}
	var reached jsontext.Pointer
	for token := range jsontext.Pointer(pointer).Tokens() {
		next, err := step(value, token)
		if err != nil {
			return nil, &AbsentError{fmt.Sprintf("nothing is at %s: %s %v", bound.Brief(pointer), bound.Brief(OrTop(string(reached))), err)}
		}
		value, reached = next, reached.AppendToken(token)
	}
	return value, nil
}

// AbsentError says that a pointer is right and points at nothing.
type AbsentError struct{ message string }

func (e *AbsentError) Error() string { return e.message }

func step(value any, token string) (any, error) {
	switch value := value.(type) {
	case Object:
		if next, there := value.Lookup(token); there {
			return next, nil
		}
		return nil, fmt.Errorf("has only {%s}", strings.Join(value.names(), ", "))
	case []any:
		index, err := strconv.Atoi(token)
		if err != nil || strconv.Itoa(index) != token || index < 0 {
			return nil, errors.New("is an array, which wants an index")
		}
		if index >= len(value) {
			return nil, fmt.Errorf("is an array of %s", bound.Count(len(value), "item"))
		}
		return value[index], nil
	}
	return nil, fmt.Errorf("is %s", kind(value))
}

// OrTop returns the pointer as a message shows it: "the body" if it is empty.
func OrTop(pointer string) string {
	if pointer == "" {
		return "the body"
	}
	return pointer
}
