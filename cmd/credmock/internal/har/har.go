// Package har writes and reads recordings of requests and answers in the form HAR 1.2.
package har

import (
	"time"
)

// File is a recording. Members that nothing here needs are left out.
type File struct {
	Log Log `json:"log"`
}

// Log is the content of a recording.
type Log struct {
	Version string  `json:"version"`
	Creator Creator `json:"creator"`
	Entries []Entry `json:"entries"`
	Comment string  `json:"comment,omitempty"`
}

// Creator is the program that wrote a recording.
type Creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Entry is a request and its answer.
type Entry struct {
	Started  time.Time `json:"startedDateTime"`
	Time     float64   `json:"time"` // in milliseconds
	Request  Request   `json:"request"`
	Response Response  `json:"response"`
	Cache    struct{}  `json:"cache"`
	Timings  Timings   `json:"timings"`
	Comment  string    `json:"comment,omitempty"`
}

// Timings are the parts of the time of an entry, in milliseconds.
type Timings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// Pair is a header, a cookie or a parameter.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Request is a request.
type Request struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []Pair    `json:"cookies"`
	Headers     []Pair    `json:"headers"`
	Query       []Pair    `json:"queryString"`
	Body        *PostData `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
}

// PostData is the body of a request.
type PostData struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"` // as some writers have it
	Params   []Pair `json:"params,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// Response is an answer. Its status is 0 if none came.
type Response struct {
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []Pair  `json:"cookies"`
	Headers     []Pair  `json:"headers"`
	Content     Content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int     `json:"headersSize"`
	BodySize    int     `json:"bodySize"`
	Comment     string  `json:"comment,omitempty"`
}

// Content is the body of an answer.
type Content struct {
	Size     int     `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"` // nil if the body was not recorded
	Encoding string  `json:"encoding,omitempty"`
	Comment  string  `json:"comment,omitempty"`
}
