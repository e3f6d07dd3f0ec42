// Package censor masks the parts of an exchange that may not be recorded: every secret that the mock has seen, in any
// form, and every name that the document does not have.
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

	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/leak"
)

// Mask replaces a value that is not recorded. It shows only the type of the value.
type Mask string

// One mask for each type.
const (
	MaskText    Mask = "[masked]"
	MaskNumber  Mask = "[masked number]"
	MaskBoolean Mask = "[masked boolean]"
	MaskArray   Mask = "[masked array]"
	MaskObject  Mask = "[masked object]"
)

// Censor masks one exchange: members that are secret by name, texts that are or hold a known secret in any form, and
// everything that the document does not name.
type Censor struct {
	Words   Vocabulary
	Secrets *SecretSet
	Sent    []string // secrets of the exchange and of the record that it shows
	Own     bool     // one of them must be searched for in this exchange alone, or more closely
	added   int      // number of secrets added for the exchange
}

// Clean masks a decoded body in place. It copies nested values before it changes them: they may be stored too.
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

// maskedName replaces the name of a member that the document does not have.
func maskedName(i int) string { return fmt.Sprintf("%s %d]", UnknownPrefix, i+1) }

// UnknownPrefix begins every replaced member name.
const UnknownPrefix = "[unknown"

// AddMember adds the secrets in a member of a body.
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

// maxAdded is the number of secrets of one exchange that are searched for in every form. Only a hostile body has
// more.
const maxAdded = 32

// add adds a secret of the exchange.
func (c *Censor) add(secret string) {
	if c.added++; c.added > maxAdded {
		c.Secrets.addExact(secret)
		return
	}
	c.Secrets.Add(secret)
	c.Sent, c.Own = append(c.Sent, secret), c.Own || len(secret) < windowLength
}

// AddAuthorization adds the secrets of Authorization headers. A short one, such as "test", is only searched for in
// its own exchange.
func (c *Censor) AddAuthorization(values []string) {
	for _, value := range values[:min(len(values), maxAdded)] {
		scheme, secret, _ := strings.Cut(value, " ")
		if secret = strings.TrimLeft(secret, " "); secret == "" {
			secret = scheme
		}
		c.addToken(secret)
		if !strings.EqualFold(scheme, "Basic") {
			continue
		}
		if plain, err := base64.StdEncoding.DecodeString(secret); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			c.addToken(password)
		}
	}
}

func (c *Censor) addToken(secret string) {
	switch {
	case len(secret) < minSecret:
	case len(secret) < windowLength:
		c.Sent, c.Own = append(c.Sent, secret), true
	default:
		c.add(secret)
	}
}

// AddValues adds the named secrets among the values of a record that the exchange shows.
func (c *Censor) AddValues(values map[string]any, secrets []string) {
	for _, name := range secrets {
		if secret, isText := values[name].(string); isText && len(secret) >= minSecret && !slices.Contains(c.Sent, secret) {
			c.add(secret)
		}
	}
}

// maskValue returns the value of a member that is not secret, masked as needed. The second result reports whether the
// value is unchanged.
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

// maskObject returns a masked copy of a nested object. It replaces members that the document does not name.
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

// Hides reports whether a text holds a secret, plain or escaped. It adds such a text to the secrets: the text may
// appear again after the secret has changed.
func (c *Censor) Hides(text string) bool {
	mark, at := c.Secrets.mark(text)
	switch {
	case !c.Own && at.Load() == mark: // most texts are repeated, and no secret is new
		return false
	case hasURLPassword(text) || c.Secrets.contains(text):
		return true
	case c.containsAny(text):
		c.Secrets.addExact(text)
		return true
	}
	at.Store(mark)
	return false
}

// escapeSigns begin the escapes of JSON, URLs and HTML, or separate the letters of UTF-16.
const escapeSigns = "\\%&\x00"

func (c *Censor) containsAny(text string) bool {
	if c.containsSent(text) || c.Secrets.traces.contains(text) {
		return true
	}
	if !hasEscape(text) {
		return false
	}
	for _, plain := range leak.Unescaped(text) {
		if c.containsSent(plain) || c.Secrets.traces.contains(plain) || c.Secrets.contains(plain) {
			return true
		}
	}
	return false
}

// hasEscape reports whether a text has one of the escape signs. Looking for one byte at a time is fastest for a text without any.
func hasEscape(text string) bool {
	for i := range len(escapeSigns) {
		if strings.IndexByte(text, escapeSigns[i]) >= 0 {
			return true
		}
	}
	return false
}

// containsSent reports whether a text holds a secret of this exchange, unescaped.
func (c *Censor) containsSent(text string) bool {
	for _, secret := range c.Sent {
		if len(text) >= len(secret) && strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// Rewrite returns a JSON answer with a mask for each text that holds a secret; nil if the answer is not JSON.
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

// hidesToken reports whether the text just read must be masked. Member names of the document are not.
func (c *Censor) hidesToken(from *jsontext.Decoder, text string) bool {
	kind, count := from.StackIndex(from.StackDepth())
	if _, known := c.Words[text]; known && kind == jsontext.KindBeginObject && count%2 == 1 {
		return false
	}
	return c.Hides(text)
}

// hasURLPassword reports whether a text has a URL with a password.
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

// mask returns the mask of a value. Null and the empty string stay as they are.
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

// sketched matches the parts of a text between the signs of JSON and of forms.
var sketched = lazy.Regexp(`[^\s{}\[\]:,"'=&;<>]+`)

// named matches the end of a name, in JSON and in a form.
var named = lazy.Regexp(`^(?:"\s*:|=)`)

// Sketch returns a text that is no JSON object with a mask for all but its signs, the names of members in the document
// and the literals of JSON. It shows where a body is malformed.
func (c *Censor) Sketch(text []byte) string {
	plain := strings.ToValidUTF8(string(text), "\uFFFD")
	var shown strings.Builder
	end := 0
	for _, at := range sketched().FindAllStringIndex(plain, -1) {
		shown.WriteString(plain[end:at[0]])
		part := plain[at[0]:at[1]]
		end = at[1]
		_, known := c.Words[part]
		isName := known && named().MatchString(plain[end:]) && !c.Hides(part)
		if !isName && part != "true" && part != "false" && part != "null" {
			part = string(MaskText)
		}
		shown.WriteString(part)
	}
	return shown.String() + plain[end:]
}
