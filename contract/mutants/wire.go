package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// decodeObject decodes a text that is one JSON object, with numbers as written, or returns nil.
func decodeObject(text []byte) map[string]any {
	if len(text) > maxDecoded || !utf8.Valid(text) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil // trailing text: the sound server must refuse it
	}
	return object
}

// encode writes JSON without needless escapes.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// recorder records an answer.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func record(handler http.Handler, r *http.Request) *recorder {
	answer := &recorder{header: http.Header{}}
	handler.ServeHTTP(answer, r)
	answer.WriteHeader(http.StatusOK)
	return answer
}

// Header returns the header to fill in.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the first status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write appends text.
func (r *recorder) Write(text []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(text)
}
