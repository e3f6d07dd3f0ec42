package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/credmock/credmock/mockserver/internal/jsonbody"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// presented is a received token request. A parameter without a value is treated as omitted (RFC 6749, section 3.2).
type presented struct {
	mediaType  string
	json       bool
	parameters map[string]string
	repeated   bool  // a parameter is repeated or its value is not a text
	user, word *half // the two halves of the Basic header; nil if there is none
	other      bool  // the Authorization header has another scheme
}

// half is one half of a Basic header. Clients send it as it is (RFC 7617) or form-encoded (RFC 6749, section 2.3.1), and the
// header does not say which.
type half struct {
	raw, decoded string // equal if the text cannot be decoded
}

func newHalf(text string) *half {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		decoded = text
	}
	return &half{raw: text, decoded: decoded}
}

// is reports whether either reading is a value.
func (h *half) is(value string) bool {
	return h != nil && (same(h.raw, value) || same(h.decoded, value))
}

// authenticate reads the Authorization header.
func (p *presented) authenticate(c *serve.Call) {
	user, word, basic := c.BasicAuth()
	if basic {
		p.user, p.word = newHalf(user), newHalf(word)
	}
	p.other = c.Header.Get("Authorization") != "" && !basic
}

// readRequest parses a request.
func readRequest(c *serve.Call) (*presented, *serve.Reply) {
	got := &presented{parameters: map[string]string{}}
	kind, _, _ := strings.Cut(c.Header.Get("Content-Type"), ";")
	got.mediaType = strings.ToLower(strings.TrimSpace(kind))
	got.json = got.mediaType == serve.MediaTypeJSON || strings.HasSuffix(got.mediaType, "+json")
	got.authenticate(c)
	read := serve.Borrow()
	defer read.Release()
	if refusal := read.Fill(c, serve.BodyLimit); refusal != nil {
		return nil, refuseGrant(refusal.Status, invalidRequest, []string{refusal.Violations[0].Message})
	}
	if got.json {
		return got, got.takeJSON(read.Text)
	}
	values, err := url.ParseQuery(string(read.Text))
	if err != nil {
		return nil, refuseGrant(http.StatusBadRequest, invalidRequest, []string{"The body is not a form."})
	}
	for name, sent := range values {
		sent = slices.DeleteFunc(sent, func(value string) bool { return value == "" })
		if len(sent) > 0 {
			got.parameters[name] = sent[0]
		}
		got.repeated = got.repeated || len(sent) > 1
	}
	return got, nil
}

func (p *presented) takeJSON(text []byte) *serve.Reply {
	members, mistake := jsonbody.DecodeObject(text)
	if mistake != nil {
		return refuseGrant(http.StatusBadRequest, invalidRequest, []string{mistake.Message})
	}
	for name, value := range members {
		sent, isText := value.(string)
		if sent != "" {
			p.parameters[strings.Clone(name)] = strings.Clone(sent)
		}
		p.repeated = p.repeated || !isText
	}
	return nil
}
