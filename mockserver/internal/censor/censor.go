// Package censor decides what may be kept of an exchange: no secret that the mock has met, in any form, and no word that the
// document does not have.
package censor

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

// Withheld stands where a value was that is not kept. It tells the type of the value and nothing else of it.
type Mask string

// Each stands for a value of its type.
const (
	MaskText    Mask = "[masked]"
	MaskNumber  Mask = "[masked number]"
	MaskBoolean Mask = "[masked boolean]"
	MaskArray   Mask = "[masked array]"
	MaskObject  Mask = "[masked object]"
)

// Censor takes out of one exchange whatever must not be kept of it: what is secret by its name, what is or holds a secret that
// the mock has met, in whatever form, and all that is not in the document's words.
type Censor struct {
	Words   Vocabulary
	Secrets *SecretSet
	Sent    []string // the secrets that the exchange brought, and those of the record that it shows
	added   int      // how many members with a secret it brought
}

// Clean censors a decoded body in place. What stands deeper in it is copied where it changes: it may be stored too.
func (c *Censor) Clean(body map[string]any) {
	for name, value := range body {
		c.AddMember(name, value)
	}
	var unknown []any
	for name, value := range body {
		switch word, known := c.Words[name]; {
		case !known:
			delete(body, name)
			unknown = append(unknown, value)
		case word.secret:
			body[name] = mask(value)
		default:
			if shown, same := c.maskValue(word, value); !same {
				body[name] = shown
			}
		}
	}
	for i, value := range unknown {
		body[maskedName(i)] = mask(value)
	}
}

// unknownName stands for the name of a member that the document does not know.
func maskedName(i int) string { return fmt.Sprintf("%s %d]", UnknownPrefix, i+1) }

// UnknownPrefix begins what stands for the name of a member that the document does not know.
const UnknownPrefix = "[unknown"

// Meet notes the secrets in a member.
func (c *Censor) AddMember(name string, value any) {
	switch value := value.(type) {
	case string:
		if len(value) >= minSecret && c.Words[name].secret {
			c.add(value)
		}
	case []any:
		for _, item := range value {
			c.AddMember(name, item)
		}
	case map[string]any:
		for inner, item := range value {
			c.AddMember(inner, item)
		}
	}
}

// mostBrought is how many secrets of one exchange are looked for in every form. A body that has more is made to have more.
const maxAdded = 32

// bring notes a secret that the exchange brought.
func (c *Censor) add(secret string) {
	if c.added++; c.added > maxAdded {
		c.Secrets.addExact(secret)
		return
	}
	c.Secrets.Add(secret)
	c.Sent = append(c.Sent, secret)
}

// MeetAuthorization notes the secrets of the Authorization headers. A short one that opens nothing, such as "test", is only
// looked for in its own exchange.
func (c *Censor) AddAuthorization(values []string) {
	for _, value := range values[:min(len(values), maxAdded)] {
		scheme, secret, _ := strings.Cut(value, " ")
		if secret = strings.TrimLeft(secret, " "); secret == "" {
			secret = scheme
		}
		c.addToken(secret)
		if plain, err := base64.StdEncoding.DecodeString(secret); err == nil && strings.EqualFold(scheme, "Basic") {
			_, password, _ := strings.Cut(string(plain), ":")
			c.addToken(password)
		}
	}
}

func (c *Censor) addToken(secret string) {
	switch {
	case len(secret) < minSecret:
	case len(secret) < windowLength:
		c.Sent = append(c.Sent, secret)
	default:
		c.add(secret)
	}
}

// MeetValues notes the secrets among the values of a record that the exchange shows.
func (c *Censor) AddValues(values map[string]any, secrets []string) {
	for _, name := range secrets {
		if secret, isText := values[name].(string); isText && len(secret) >= minSecret && !slices.Contains(c.Sent, secret) {
			c.add(secret)
		}
	}
}

// plain censors the value of a member that is not secret; same tells that it stays what it is.
func (c *Censor) maskValue(word word, value any) (shown any, same bool) {
	switch one := value.(type) {
	case nil:
		return value, true
	case string:
		if word.types&jsonString != 0 && !c.Hides(one) {
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
			return c.maskItems(word, one), false
		}
	case map[string]any:
		if word.types&jsonObject != 0 {
			return c.maskObject(one), false
		}
	}
	return mask(value), false
}

func (c *Censor) maskItems(of word, items []any) []any {
	shown := make([]any, len(items))
	for i, item := range items {
		shown[i], _ = c.maskValue(word{types: of.types &^ jsonArray}, item)
	}
	return shown
}

// object returns what may be kept of an object within a body. The document names the members of few: what it does not name is
// withheld.
func (c *Censor) maskObject(value map[string]any) map[string]any {
	shown := map[string]any{}
	unknown := 0
	for name, item := range value {
		switch word, known := c.Words[name]; {
		case !known:
			shown[maskedName(unknown)] = mask(item)
			unknown++
		case word.secret:
			shown[name] = mask(item)
		default:
			shown[name], _ = c.maskValue(word, item)
		}
	}
	return shown
}

// Hides tells whether a text holds a secret, as it stands or escaped. A text that holds one is itself one from then on: it may
// come back when the secret has another value.
func (c *Censor) Hides(text string) bool {
	if hasURLPassword(text) || c.Secrets.contains(text) {
		return true
	}
	if c.containsAny(text) {
		c.Secrets.addExact(text)
		return true
	}
	return false
}

// escapeSigns are what an escape begins with, of JSON, URLs or HTML, and what stands between the letters in UTF-16.
const escapeSigns = "\\%&\x00"

func (c *Censor) containsAny(text string) bool {
	if c.containsSent(text) || c.Secrets.traces.contains([]byte(text)) {
		return true
	}
	if !strings.ContainsAny(text, escapeSigns) {
		return false
	}
	for _, plain := range leak.Unescaped(text) {
		if c.containsSent(plain) || c.Secrets.traces.contains([]byte(plain)) || c.Secrets.contains(plain) {
			return true
		}
	}
	return false
}

// holdsSent tells whether a text holds a secret of this exchange as it stands.
func (c *Censor) containsSent(text string) bool {
	for _, secret := range c.Sent {
		if len(text) >= len(secret) && strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// Rewrite returns an answer with a mask for each text that is to be hidden; nil where it is no JSON.
func (c *Censor) Rewrite(text []byte) []byte {
	var masked bytes.Buffer
	from, to := jsontext.NewDecoder(bytes.NewReader(text)), jsontext.NewEncoder(&masked, jsontext.AllowDuplicateNames(true))
	for {
		token, err := from.ReadToken()
		if errors.Is(err, io.EOF) {
			return masked.Bytes()
		}
		if err == nil && token.Kind() == jsontext.KindString && c.hidesToken(from, token.String()) {
			token = jsontext.String(string(MaskText))
		}
		if err != nil || to.WriteToken(token) != nil {
			return nil
		}
	}
}

// hidesToken tells whether a text that was just read is to be hidden. The document's names are not.
func (c *Censor) hidesToken(from *jsontext.Decoder, text string) bool {
	kind, count := from.StackIndex(from.StackDepth())
	if _, known := c.Words[text]; known && kind == jsontext.KindBeginObject && count%2 == 1 {
		return false
	}
	return c.Hides(text)
}

// holdsPassword tells whether a text has a URL with a password before its host.
func hasURLPassword(text string) bool {
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
func mask(value any) any {
	switch value.(type) {
	case nil:
		return nil
	case string:
		if value == "" {
			return value
		}
		return string(MaskText)
	case float64:
		return string(MaskNumber)
	case bool:
		return string(MaskBoolean)
	case []any:
		return string(MaskArray)
	}
	return string(MaskObject)
}
