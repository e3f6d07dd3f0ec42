package admin

import (
	"bytes"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/journal"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// These types hold the members of an HTTP archive (HAR 1.2) that are required or that this mock can fill.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitzero"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harMessage struct {
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		QueryString []harPair `json:"queryString"`
		PostData    *harBody  `json:"postData,omitzero"`
		harMessage
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		harMessage
	}
	harBody struct {
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	harContent struct {
		Size int `json:"size"`
		harBody
	}
)

// adminRequestsAsHAR answers with the journal as an HTTP archive, filtered like the journal.
func adminRequestsAsHAR(c *serve.Call) *serve.Reply {
	from, wanted, refusal := filter(c)
	if refusal != nil {
		return refusal
	}
	limit, refusal := c.Number("limit", math.MaxInt64)
	if refusal != nil {
		return refusal
	}
	host := "http://" + c.Host
	if c.TLS != nil {
		host = "https://" + c.Host
	}
	page := PageOf(from, c, wanted, limit)
	text := serve.JSON(http.StatusOK,
		harFile{harLog{Version: "1.2", Creator: harCreator{"credmock", credmock.ToolVersion}, Entries: []harEntry{}}}).Text
	before, after, _ := bytes.Cut(text, []byte("[]"))
	return &serve.Reply{Status: http.StatusOK, Text: append(before, '['), Stream: serve.InChunks(c.Session.Ended, func(w io.Writer) error {
		err := page.writeEach(w, "      ", func(e *journal.Exchange) any { return archived(Show(from, e), host+from.Base) })
		if err == nil {
			_, err = w.Write(append([]byte("]"), after...))
		}
		return err
	})}
}

func archived(e Exchange, base string) harEntry {
	milliseconds := float64(e.Duration) * float64(time.Microsecond) / float64(time.Millisecond)
	entry := harEntry{
		Started: e.Time, Time: milliseconds, Timings: harTimings{Wait: milliseconds}, Comment: e.Injected,
		Request: harRequest{Method: e.Method, URL: base + e.Path, QueryString: []harPair{}, harMessage: archivedMessage(e.Request)},
		Response: harResponse{
			Status: e.Status, StatusText: http.StatusText(e.Status), RedirectURL: e.Response.Headers["Location"],
			Content:    harContent{e.Response.Bytes, harBody{e.Response.Headers["Content-Type"], string(e.Response.Body)}},
			harMessage: archivedMessage(e.Response),
		},
	}
	if e.Request.Body != nil {
		entry.Request.PostData = &harBody{e.Request.Headers["Content-Type"], string(e.Request.Body)}
	}
	return entry
}

func archivedMessage(message Message) harMessage {
	made := harMessage{HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: message.Bytes}
	for _, name := range slices.Sorted(maps.Keys(message.Headers)) {
		made.Headers = append(made.Headers, harPair{name, message.Headers[name]})
	}
	return made
}
