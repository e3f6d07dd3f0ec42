package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/leak"
)

// Masker hides secrets in a recording.
type Masker struct {
	// Detector knows the secrets of the run.
	Detector *leak.Detector
	// Members are the names of secrets in bodies.
	Members []string
	// Headers are the names of headers whose values are secret.
	Headers []string

	deep bool // each text is searched, and not only the entry
}

const (
	masked    = "[masked]"
	hidden    = "[masked: it holds a secret]"
	tooLarge  = "the body is left out, for it is too large"
	notUTF8   = "base64"
	milli     = float64(time.Millisecond)
	noVersion = "HTTP/1.1"
)

// secretHeaders always have secret values.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// Write returns the recording as JSON. No text of it holds a secret: one that would is left out.
func (r *Recorder) Write(m *Masker) ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	file := File{Log{Version: "1.2", Creator: Creator{"credmock", credmock.ToolVersion}, Entries: make([]Entry, len(r.taken))}}
	if r.dropped > 0 {
		file.Log.Comment = fmt.Sprintf("%d further requests are left out", r.dropped)
	}
	var workers sync.WaitGroup
	for first := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := first; i < len(r.taken); i += runtime.GOMAXPROCS(0) {
				file.Log.Entries[i] = m.entry(r.taken[i])
			}
		})
	}
	workers.Wait()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(file)
	return text.Bytes(), err
}

func (m *Masker) entry(one *exchange) Entry {
	wait, receive := one.answered.Sub(one.started), one.ended.Sub(one.answered)
	entry := m.whole(one, wait, receive)
	if text, err := json.Marshal(entry); err == nil && utf8.Valid(one.received) && len(m.Detector.ScanEscaped(string(text))) == 0 {
		return entry
	}
	deep := *m
	deep.deep = true
	return deep.guarded(deep.whole(one, wait, receive))
}

// whole returns the entry of an exchange.
func (m *Masker) whole(one *exchange, wait, receive time.Duration) Entry {
	return Entry{
		Started: one.started.UTC(), Time: float64(wait+receive) / milli,
		Timings: Timings{Wait: float64(wait) / milli, Receive: float64(receive) / milli},
		Request: m.request(one), Response: m.response(one),
	}
}

// guarded returns the entry, or only its frame if a secret stands in it nevertheless.
func (m *Masker) guarded(entry Entry) Entry {
	text, err := json.Marshal(entry)
	if err == nil && len(m.Detector.ScanEscaped(string(text))) == 0 {
		return entry
	}
	entry.Request.URL, entry.Request.Query, entry.Request.Headers, entry.Request.Body = hidden, []Pair{}, []Pair{}, nil
	entry.Response.Headers, entry.Response.StatusText = []Pair{}, ""
	entry.Response.Content = Content{Comment: hidden}
	return entry
}

func (m *Masker) request(one *exchange) Request {
	address := *one.request.URL
	address.User = nil
	request := Request{
		Method: one.request.Method, URL: m.text(address.String()), HTTPVersion: noVersion, Cookies: []Pair{},
		Headers: m.headers(one.request.Header), Query: []Pair{}, HeadersSize: -1, BodySize: len(one.sent),
	}
	for name, values := range address.Query() {
		for _, value := range values {
			request.Query = append(request.Query, Pair{m.text(name), m.text(value)})
		}
	}
	if len(one.sent) > 0 || one.cutSent {
		request.Body = &PostData{MimeType: m.text(one.request.Header.Get("Content-Type"))}
		if request.Body.Text, request.Body.Encoding = m.body(one.sent); one.cutSent {
			request.Body.Comment, request.BodySize = tooLarge, -1
		}
	}
	return request
}

func (m *Masker) response(one *exchange) Response {
	response := Response{Cookies: []Pair{}, Headers: []Pair{}, HeadersSize: -1, BodySize: -1, HTTPVersion: noVersion}
	if one.response == nil {
		response.Comment = "no answer came"
		return response
	}
	response.Status, response.HTTPVersion = one.response.StatusCode, one.response.Proto
	_, phrase, _ := strings.Cut(one.response.Status, " ")
	response.StatusText, response.Headers = m.text(phrase), m.headers(one.response.Header)
	response.RedirectURL = m.text(one.response.Header.Get("Location"))
	response.Content = Content{Size: one.size, MimeType: m.text(one.response.Header.Get("Content-Type"))}
	switch {
	case one.cutReceived:
		response.Content.Comment = tooLarge
	default:
		text, encoding := m.body(one.received)
		response.Content.Text, response.Content.Encoding = &text, encoding
	}
	if one.failed {
		response.Comment = "the answer broke off"
	}
	return response
}

// headers returns headers in the order of their names.
func (m *Masker) headers(header http.Header) []Pair {
	list := []Pair{}
	for name, values := range header {
		for _, value := range values {
			list = append(list, Pair{m.text(name), m.header(name, value)})
		}
	}
	slices.SortFunc(list, func(a, b Pair) int { return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value) })
	return list
}

func (m *Masker) header(name, value string) string {
	switch {
	case slices.Contains(secretHeaders, name):
		if scheme, _, found := strings.Cut(value, " "); found && schemeForm().MatchString(scheme) {
			return scheme + " " + masked
		}
		return masked
	case slices.Contains(m.Headers, name):
		return masked
	}
	return m.text(value)
}

// schemeForm matches the usual names of schemes.
var schemeForm = lazy.Regexp(`^(?i:bearer|basic)$`)

// text returns a text, or that it holds a secret.
func (m *Masker) text(text string) string {
	if m.deep && len(m.Detector.ScanEscaped(text)) > 0 {
		return hidden
	}
	return text
}

// body returns a body with its secrets masked, and its encoding if it is no text.
func (m *Masker) body(body []byte) (text, encoding string) {
	if !utf8.Valid(body) {
		if len(m.Detector.ScanEscaped(strings.ToValidUTF8(string(body), "\ufffd"))) > 0 || len(m.Detector.Scan(string(body))) > 0 {
			return hidden, ""
		}
		return base64.StdEncoding.EncodeToString(body), notUTF8
	}
	return m.text(m.members(string(body))), ""
}

// stringForm matches a member of an object, or a string.
var stringForm = lazy.Regexp(`"(?:[^"\\]|\\.)*"(\s*:\s*)?`)

// members masks the values of members with the name of a secret, and each string that holds a secret. The text need not be JSON.
func (m *Masker) members(body string) string {
	name := "" // of the member whose value comes next
	var out strings.Builder
	at := 0
	for _, found := range stringForm().FindAllStringSubmatchIndex(body, -1) {
		between := body[at:found[0]]
		out.WriteString(between)
		literal := body[found[0]:found[1]]
		at = found[1]
		if strings.TrimSpace(between) != "" {
			name = ""
		}
		switch {
		case found[2] >= 0:
			name = literal[1:strings.LastIndexByte(literal, '"')]
			out.WriteString(literal)
			continue
		case slices.Contains(m.Members, name) && literal != `""` || m.deep && len(m.Detector.ScanEscaped(literal)) > 0:
			out.WriteString(`"` + masked + `"`)
		default:
			out.WriteString(literal)
		}
		name = ""
	}
	return out.String() + body[at:]
}
