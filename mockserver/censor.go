package mockserver

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/credmock/credmock/internal/view"
)

// What stands where a value was that is not kept. It tells the type of the value and nothing else of it.
const (
	withheldText    = "[masked]"
	withheldNumber  = "[masked number]"
	withheldBoolean = "[masked boolean]"
	withheldArray   = "[masked array]"
	withheldObject  = "[masked object]"
)

// censor takes out of one exchange whatever must not be kept of it: what is secret by its name, what equals a secret that
// the mock has met, what holds one that this very exchange brought, and all that is not in the document's words.
type censor struct {
	words   vocabulary
	known   *knownSecrets
	sent    []string // the secrets that the exchange brought, and those of the record that it shows
	members []sentMember
	judge   func(string) bool // hides
}

// sentMember is a member of a body.
type sentMember struct {
	word  word
	value any
}

var censors = sync.Pool{New: func() any {
	made := &censor{}
	made.judge = made.hides
	return made
}}

// borrowCensor returns a censor for one exchange.
func (s *Server) borrowCensor() *censor {
	lent := censors.Get().(*censor)
	lent.words, lent.known = s.words, s.known
	return lent
}

// giveBack empties the censor, for it holds secrets, and lets others use it.
func (c *censor) giveBack() {
	clear(c.sent)
	clear(c.members)
	c.sent, c.members = c.sent[:0], c.members[:0]
	censors.Put(c)
}

// appendBody encodes what may be kept of a decoded body. It runs for every request that changes something.
func (c *censor) appendBody(text []byte, body map[string]any) []byte {
	for name, value := range body {
		word := c.words[name]
		c.members = append(c.members, sentMember{word, value})
		c.meet(word, value)
	}
	unknown := 0
	text = append(text, '{')
	for i := range c.members {
		word, value := c.members[i].word, c.members[i].value
		if i > 0 {
			text = append(text, ',')
		}
		switch {
		case word.quoted == nil:
			text = append(view.AppendValue(text, unknownName(unknown)), ':')
			unknown++
			value = withhold(value)
		case word.secret:
			text = append(text, word.quoted...)
			value = withhold(value)
		default:
			text = append(text, word.quoted...)
			value = c.plain(word, value)
		}
		text = view.AppendValue(text, value)
	}
	return append(text, '}')
}

// unknownName stands for the name of a member that the document does not know.
func unknownName(i int) string { return fmt.Sprintf("%s %d]", unknownPrefix, i+1) }

const unknownPrefix = "[unknown"

// meet notes the secrets in a member.
func (c *censor) meet(of word, value any) {
	switch value := value.(type) {
	case string:
		if of.secret && len(value) >= shortestSecret {
			c.known.learn(value)
			c.sent = append(c.sent, value)
		}
	case []any:
		for _, item := range value {
			c.meet(of, item)
		}
	case map[string]any:
		for inner, item := range value {
			c.meet(c.words[inner], item)
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

// plain returns what may be kept of the value of a member that is not secret.
func (c *censor) plain(word word, value any) any {
	switch of := value.(type) {
	case nil:
		return value
	case string:
		if word.types&jsonString != 0 && !c.hides(of) {
			return value
		}
	case float64:
		if word.types&jsonNumber != 0 {
			return value
		}
	case bool:
		if word.types&jsonBoolean != 0 {
			return value
		}
	case []any:
		if word.types&jsonArray != 0 {
			return c.items(word, of)
		}
	case map[string]any:
		if word.types&jsonObject != 0 {
			return c.object(of)
		}
	}
	return withhold(value)
}

func (c *censor) items(of word, items []any) []any {
	shown := make([]any, len(items))
	for i, item := range items {
		shown[i] = c.plain(word{types: of.types &^ jsonArray}, item)
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
			shown[name] = c.plain(word, item)
		}
	}
	return shown
}

// hides tells whether a text holds a secret of this exchange, or is one that the mock has met. A text that holds one is
// itself one from then on: it may come back when the secret has another value.
func (c *censor) hides(text string) bool {
	for _, secret := range c.sent {
		if len(text) >= len(secret) && strings.Contains(text, secret) {
			c.known.learn(text)
			return true
		}
	}
	return c.known.holds(text)
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
