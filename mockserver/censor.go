package mockserver

import (
	"fmt"
	"slices"
	"strings"
)

// withheld stands where a value was that is not kept. It tells the type of the value and nothing else of it.
type withheld string

const (
	withheldText    withheld = "[masked]"
	withheldNumber  withheld = "[masked number]"
	withheldBoolean withheld = "[masked boolean]"
	withheldArray   withheld = "[masked array]"
	withheldObject  withheld = "[masked object]"
)

// censor takes out of one exchange whatever must not be kept of it: what is secret by its name, what equals a secret that
// the mock has met, what holds one that this very exchange brought, and all that is not in the document's words.
type censor struct {
	words vocabulary
	known *knownSecrets
	sent  []string // the secrets that the exchange brought, and those of the record that it shows
}

// body censors a decoded body in place. What stands deeper in it is copied where it changes: it may be stored too.
func (c *censor) body(body map[string]any) {
	for name, value := range body {
		c.meet(name, value)
	}
	var unknown []any
	for name, value := range body {
		switch word, known := c.words[name]; {
		case !known:
			delete(body, name)
			unknown = append(unknown, value)
		case word.secret:
			body[name] = withhold(value)
		default:
			if shown, same := c.plain(word, value); !same {
				body[name] = shown
			}
		}
	}
	for i, value := range unknown {
		body[unknownName(i)] = withhold(value)
	}
}

// unknownName stands for the name of a member that the document does not know.
func unknownName(i int) string { return fmt.Sprintf("%s %d]", unknownPrefix, i+1) }

const unknownPrefix = "[unknown"

// meet notes the secrets in a member.
func (c *censor) meet(name string, value any) {
	switch value := value.(type) {
	case string:
		if len(value) >= shortestSecret && c.words[name].secret {
			c.known.learn(value)
			c.sent = append(c.sent, value)
		}
	case []any:
		for _, item := range value {
			c.meet(name, item)
		}
	case map[string]any:
		for inner, item := range value {
			c.meet(inner, item)
		}
	}
}

// meetRecord notes the secrets of a record that the exchange shows.
func (c *censor) meetRecord(shown *record) {
	if shown.variant == nil {
		return
	}
	for _, name := range shown.variant.secrets {
		if secret, isText := shown.values[name].(string); isText && len(secret) >= shortestSecret && !slices.Contains(c.sent, secret) {
			c.sent = append(c.sent, secret)
		}
	}
}

// plain censors the value of a member that is not secret; same tells that it stays what it is.
func (c *censor) plain(word word, value any) (shown any, same bool) {
	switch value := value.(type) {
	case nil:
		return value, true
	case string:
		if word.types&jsonString != 0 && !c.hides(value) {
			return value, true
		}
	case float64:
		if word.types&jsonNumber != 0 {
			return value, true
		}
	case bool:
		if word.types&jsonBoolean != 0 {
			return value, true
		}
	case []any:
		if word.types&jsonArray != 0 {
			return c.items(word, value), false
		}
	case map[string]any:
		if word.types&jsonObject != 0 {
			return c.object(value), false
		}
	}
	return withhold(value), false
}

func (c *censor) items(of word, items []any) []any {
	shown := make([]any, len(items))
	for i, item := range items {
		shown[i], _ = c.plain(word{types: of.types &^ jsonArray}, item)
	}
	return shown
}

// object returns what may be kept of an object within a body. The document names the members of few: what it does not name is
// withheld.
func (c *censor) object(value map[string]any) map[string]any {
	shown := map[string]any{}
	unknown := 0
	for name, item := range value {
		switch word, known := c.words[name]; {
		case !known:
			shown[unknownName(unknown)] = withhold(item)
			unknown++
		case word.secret:
			shown[name] = withhold(item)
		default:
			shown[name], _ = c.plain(word, item)
		}
	}
	return shown
}

// hides tells whether a text holds a secret of this exchange, or is one that the mock has met. A text that holds one is
// itself one from then on: it may come back when the secret has another value.
func (c *censor) hides(text string) bool {
	if holdsPassword(text) {
		return true
	}
	for _, secret := range c.sent {
		if len(text) >= len(secret) && strings.Contains(text, secret) {
			c.known.learn(text)
			return true
		}
	}
	return c.known.holds(text)
}

// holdsPassword tells whether a text has a URL with a password before its host.
func holdsPassword(text string) bool {
	_, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		return false
	}
	if end := strings.IndexAny(rest, "/?# "); end >= 0 {
		rest = rest[:end]
	}
	at := strings.LastIndexByte(rest, '@')
	return at >= 0 && strings.Contains(rest[:at], ":")
}

// withhold returns what stands for a value. Nothing and the empty text are no secrets.
func withhold(value any) any {
	switch value.(type) {
	case nil:
		return nil
	case string:
		if value == "" {
			return value
		}
		return withheldText
	case float64:
		return withheldNumber
	case bool:
		return withheldBoolean
	case []any:
		return withheldArray
	}
	return withheldObject
}
