package har

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract/traffic"
)

const (
	// sizeLimit bounds a recording.
	sizeLimit = 512 << 20
	// decodedLimit bounds a body that is decompressed here.
	decodedLimit = 8 << 20
)

// Read reads the exchanges of a recording, in the order of time. The error says what is wrong with the recording, without a part of
// it.
func Read(from io.Reader) ([]traffic.Exchange, error) {
	text, err := io.ReadAll(io.LimitReader(from, sizeLimit+1))
	switch {
	case err != nil:
		return nil, errors.New("it cannot be read to its end")
	case len(text) > sizeLimit:
		return nil, errors.New("it is larger than 512 MiB; record less, or leave out other sites")
	}
	text = bytes.TrimSpace(cli.WithoutMark(text))
	var file struct {
		Log *struct {
			Entries *[]Entry `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, wrongForm(err)
	}
	if file.Log == nil || file.Log.Entries == nil {
		return nil, errors.New("it is no HAR: one has log.entries")
	}
	return exchanges(*file.Log.Entries), nil
}

// wrongForm says in words why JSON is no recording.
func wrongForm(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return errors.New("it is no HAR: " + wrong.Field + " has the wrong type")
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end"):
		return errors.New("it is no HAR: its JSON is cut off")
	}
	return errors.New("it is no HAR: it is not the JSON of one")
}

// exchanges returns the entries in the order of time. Entries of one moment keep their order.
func exchanges(entries []Entry) []traffic.Exchange {
	list := make([]traffic.Exchange, len(entries))
	order := make([]int, len(entries))
	for i, entry := range entries {
		list[i], order[i] = exchangeOf(entry), i
		list[i].Number = i + 1
	}
	slices.SortStableFunc(order, func(a, b int) int { return entries[a].Started.Compare(entries[b].Started) })
	sorted := make([]traffic.Exchange, len(entries))
	for i, from := range order {
		sorted[i] = list[from]
	}
	return sorted
}

func exchangeOf(entry Entry) traffic.Exchange {
	request, response := entry.Request, entry.Response
	made := traffic.Exchange{
		Method: strings.ToUpper(request.Method), URL: request.URL, RequestHeader: headerOf(request.Headers), Status: response.Status,
		ResponseHeader: headerOf(response.Headers),
	}
	if body := request.Body; body != nil {
		made.RequestBody = []byte(body.Text)
		if decoded, err := base64.StdEncoding.DecodeString(body.Text); body.Encoding == "base64" && err == nil {
			made.RequestBody = decoded
		}
	}
	if made.ResponseHeader.Get("Content-Type") == "" && response.Content.MimeType != "" && len(response.Headers) == 0 {
		made.ResponseHeader.Set("Content-Type", response.Content.MimeType)
	}
	made.ResponseBody, made.Missing = bodyOf(made, response)
	return made
}

// bodyOf returns the body of an answer, or why it is not there.
func bodyOf(made traffic.Exchange, response Response) (body []byte, missing string) {
	content := response.Content
	empty := made.Method == http.MethodHead || response.Status == http.StatusNoContent || response.Status == http.StatusNotModified
	switch {
	case empty || response.Status == 0:
		return nil, ""
	case content.Text == nil && content.Size > 0, content.Text != nil && *content.Text == "" && content.Size > 0:
		return nil, "its body was not recorded"
	case content.Text == nil && response.BodySize == 0:
		return nil, ""
	case content.Text == nil:
		return nil, "its body was not recorded"
	case *content.Text == hidden:
		return nil, "its body was masked"
	}
	body = []byte(*content.Text)
	if content.Encoding == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(*content.Text)
		if err != nil {
			return nil, "its body is said to be base64, and is not"
		}
		body = decoded
	}
	return decompressed(body)
}

// decompressed undoes gzip: some recorders keep what went over the wire.
func decompressed(body []byte) ([]byte, string) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, ""
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body, ""
	}
	plain, err := io.ReadAll(io.LimitReader(reader, decodedLimit+1))
	if err != nil || len(plain) > decodedLimit {
		return nil, "its body cannot be decompressed"
	}
	return plain, ""
}

// headerOf returns headers without the pseudo headers of HTTP/2.
func headerOf(pairs []Pair) http.Header {
	header := http.Header{}
	for _, pair := range pairs {
		if !strings.HasPrefix(pair.Name, ":") {
			header.Add(pair.Name, pair.Value)
		}
	}
	return header
}
