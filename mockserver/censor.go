package mockserver

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock/internal/leak"
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

// censor takes out of one exchange whatever must not be kept of it: what is secret by its name, what is or holds a secret that
// the mock has met, in whatever form, and all that is not in the document's words.
type censor struct {
	words vocabulary
	known *knownSecrets
	sent  []string // the secrets that the exchange brought, and those of the record that it shows
	met   int      // how many members with a secret it brought
}

// clean censors a decoded body in place. What stands deeper in it is copied where it changes: it may be stored too.
func (c *censor) clean(body map[string]any) {
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
			c.bring(value)
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

// mostBrought is how many secrets of one exchange are looked for in every form. A body that has more is made to have more.
const mostBrought = 32

// bring notes a secret that the exchange brought.
func (c *censor) bring(secret string) {
	if c.met++; c.met > mostBrought {
		c.known.learnWhole(secret)
		return
	}
	c.known.learn(secret)
	c.sent = append(c.sent, secret)
}

// meetAuthorization notes the secrets of the Authorization headers. A short one that opens nothing, such as "test", is only
// looked for in its own exchange.
func (c *censor) meetAuthorization(values []string) {
	for _, value := range values[:min(len(values), mostBrought)] {
		scheme, secret, _ := strings.Cut(value, " ")
		if secret = strings.TrimLeft(secret, " "); secret == "" {
			secret = scheme
		}
		c.meetToken(secret)
		if plain, err := base64.StdEncoding.DecodeString(secret); err == nil && strings.EqualFold(scheme, "Basic") {
			_, password, _ := strings.Cut(string(plain), ":")
			c.meetToken(password)
		}
	}
}

func (c *censor) meetToken(secret string) {
	switch {
	case len(secret) < shortestSecret:
	case len(secret) < windowLength:
		c.sent = append(c.sent, secret)
	default:
		c.bring(secret)
	}
}

// meetValues notes the secrets among the values of a record that the exchange shows.
func (c *censor) meetValues(values map[string]any, secrets []string) {
	for _, name := range secrets {
		if secret, isText := values[name].(string); isText && len(secret) >= shortestSecret && !slices.Contains(c.sent, secret) {
			c.bring(secret)
		}
	}
}

// plain censors the value of a member that is not secret; same tells that it stays what it is.
func (c *censor) plain(word word, value any) (shown any, same bool) {
	switch one := value.(type) {
	case nil:
		return value, true
	case string:
		if word.types&jsonString != 0 && !c.hides(one) {
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
			return c.items(word, one), false
		}
	case map[string]any:
		if word.types&jsonObject != 0 {
			return c.object(one), false
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

// hides tells whether a text holds a secret, as it stands or escaped. A text that holds one is itself one from then on: it may
// come back when the secret has another value.
func (c *censor) hides(text string) bool {
	if holdsPassword(text) || c.known.holds(text) {
		return true
	}
	if c.holdsAny(text) {
		c.known.learnWhole(text)
		return true
	}
	return false
}

// escapeSigns are what an escape begins with, of JSON, URLs or HTML, and what stands between the letters in UTF-16.
const escapeSigns = "\\%&\x00"

func (c *censor) holdsAny(text string) bool {
	if c.holdsSent(text) || c.known.traces.in([]byte(text)) {
		return true
	}
	if !strings.ContainsAny(text, escapeSigns) {
		return false
	}
	for _, plain := range leak.Unescaped(text) {
		if c.holdsSent(plain) || c.known.traces.in([]byte(plain)) || c.known.holds(plain) {
			return true
		}
	}
	return false
}

// holdsSent tells whether a text holds a secret of this exchange as it stands.
func (c *censor) holdsSent(text string) bool {
	for _, secret := range c.sent {
		if len(text) >= len(secret) && strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// rewrite returns an answer with a mask for each text that is to be hidden; nil where it is no JSON.
func (c *censor) rewrite(text []byte) []byte {
	var masked bytes.Buffer
	from, to := jsontext.NewDecoder(bytes.NewReader(text)), jsontext.NewEncoder(&masked, jsontext.AllowDuplicateNames(true))
	for {
		token, err := from.ReadToken()
		if errors.Is(err, io.EOF) {
			return masked.Bytes()
		}
		if err == nil && token.Kind() == jsontext.KindString && c.hidesToken(from, token.String()) {
			token = jsontext.String(string(withheldText))
		}
		if err != nil || to.WriteToken(token) != nil {
			return nil
		}
	}
}

// hidesToken tells whether a text that was just read is to be hidden. The document's names are not.
func (c *censor) hidesToken(from *jsontext.Decoder, text string) bool {
	kind, count := from.StackIndex(from.StackDepth())
	if _, known := c.words[text]; known && kind == jsontext.KindBeginObject && count%2 == 1 {
		return false
	}
	return c.hides(text)
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
		return string(withheldText)
	case float64:
		return string(withheldNumber)
	case bool:
		return string(withheldBoolean)
	case []any:
		return string(withheldArray)
	}
	return string(withheldObject)
}
