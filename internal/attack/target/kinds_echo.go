package target

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// echoKinds give back what they were sent: the bearer and the body, with every secret in it.
func echoKinds() []Kind {
	return []Kind{
		{Name: "echo-member", Does: "answers with what it was sent as a member",
			bend: func(e *exchange) { e.addToPayload("echo", quoted(e.everything())) }},
		{Name: "echo-name", Does: "answers with what it was sent as the name of a member", bend: func(e *exchange) {
			e.addToPayload(e.everything(), []byte(`{`+strconv.Quote(e.secretName())+`:"z"}`))
		}},
		{Name: "echo-body", Does: "answers with the body that it was sent", Hides: true,
			bend: func(e *exchange) { e.text = []byte(e.everything()) }},
		{Name: "echo-base64", Does: "answers with what it was sent in base64", bend: func(e *exchange) {
			e.addToPayload("echo", quoted(base64.StdEncoding.EncodeToString([]byte(e.everything()))))
		}},
		{Name: "echo-header", Does: "answers with what it was sent as headers", bend: func(e *exchange) {
			e.lines = append(e.lines, "X-Echo: "+oneLine(e.everything()), oneWord(e.everything())+": 1", "Location: /"+oneLine(e.everything()))
		}},
		{Name: "echo-reason", Does: "answers with what it was sent in the status line",
			bend: func(e *exchange) { e.reason = oneLine(e.everything()) }},
		{Name: "echo-trailer", Does: "answers with what it was sent as trailers", bend: func(e *exchange) {
			e.trailers = append(e.trailers, "X-Echo: "+oneLine(e.everything()))
		}},
		{Name: "echo-type", Does: "answers with what it was sent as a media type", Hides: true, bend: func(e *exchange) {
			e.header.Set("Content-Type", "text/"+oneLine(e.everything()))
		}},
		{Name: "echo-location", Does: "redirects to what it was sent", Hides: true, bend: func(e *exchange) {
			e.status = 302
			e.header.Set("Location", "/"+oneWord(e.everything()))
		}},
		{Name: "echo-id", Does: "answers with what it was sent as every id", Hides: true, bend: func(e *exchange) {
			e.changeTexts(func(name, text string) string {
				if name == e.idName() {
					return e.everything()
				}
				return text
			})
		}},
		{Name: "echo-error", Does: "breaks the protocol with what it was sent", Hides: true, bend: func(e *exchange) {
			e.write("HTTP/1.1 " + oneLine(e.everything()) + "\r\n" + oneLine(e.everything()) + "\r\n\r\n")
			e.closing = true
		}},
	}
}

// everything is all that the request brought.
func (e *exchange) everything() string {
	return fmt.Sprintf("%s %s %s", e.request.Header.Get("Authorization"), e.request.URL.RequestURI(), e.sent)
}

func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

// oneWord keeps what can stand in the name of a header.
func oneWord(text string) string {
	return strings.Map(func(letter rune) rune {
		if strings.ContainsRune("!#$%&'*+-.^_`|~", letter) || letter >= '0' && letter <= '9' || letter >= 'a' && letter <= 'z' || letter >= 'A' &&
			letter <= 'Z' {
			return letter
		}
		return '-'
	}, text)
}
