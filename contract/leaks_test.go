package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// leaky plants the last secret that was sent in one place of each answer.
type leaky struct {
	http.RoundTripper
	plant func(answer *http.Response, secret string) error
	mutex sync.Mutex
	sent  []string
}

func (l *leaky) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := l.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	secret := l.lastSecret(body)
	if secret == "" || !strings.Contains(request.URL.Path, "/v1/authcredentials") {
		return answer, nil
	}
	if err := l.plant(answer, secret); err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// lastSecret returns the last secret that a body has sent.
func (l *leaky) lastSecret(body []byte) string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var object map[string]any
	_ = json.Unmarshal(body, &object) // anything but an object has no secret
	for _, name := range credmock.Default().Secrets() {
		if secret, isText := object[name].(string); isText && len(strings.TrimSpace(secret)) > 20 {
			l.sent = append(l.sent, secret)
		}
	}
	if len(l.sent) == 0 {
		return ""
	}
	return l.sent[len(l.sent)-1]
}

// inBody returns a change of the text of each answer.
func inBody(change func(text, secret string) string) func(*http.Response, string) error {
	return func(answer *http.Response, secret string) error {
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		quoted, _ := json.Marshal(secret) // a text
		changed := change(string(body), string(quoted[1:len(quoted)-1]))
		answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
		answer.Header.Del("Content-Length")
		return err
	}
}

func inHeader(name func(secret string) string) func(*http.Response, string) error {
	return func(answer *http.Response, secret string) error {
		answer.Header[name(secret)] = []string{secret}
		return nil
	}
}

// leakPlaces are the places in which an answer can hold a secret.
var leakPlaces = map[string]func(answer *http.Response, secret string) error{
	"value":       inBody(func(text, secret string) string { return strings.Replace(text, `{"`, `{"note":"`+secret+`","`, 1) }),
	"member":      inBody(func(text, secret string) string { return strings.Replace(text, `{"`, `{"`+secret+`":1,"`, 1) }),
	"id":          inBody(func(text, secret string) string { return strings.Replace(text, `"id":"`, `"id":"`+secret, 1) }),
	"version":     inBody(func(text, secret string) string { return strings.Replace(text, `"1.0.0"`, `"`+secret+`"`, 1) }),
	"no JSON":     inBody(func(_, secret string) string { return "<p>" + secret }),
	"header":      inHeader(func(string) string { return "X-Debug" }),
	"header name": inHeader(func(secret string) string { return secret }),
	"media type":  inHeader(func(string) string { return "Content-Type" }),
	"status line": func(answer *http.Response, secret string) error {
		answer.Status = answer.Status[:3] + " " + secret
		return nil
	},
	"trailer": func(answer *http.Response, secret string) error {
		answer.Trailer = http.Header{"X-Sum": {secret}}
		return nil
	},
	"redirect": func(answer *http.Response, secret string) error {
		answer.StatusCode, answer.Status = http.StatusFound, "302 Found"
		answer.Header.Set("Location", "/elsewhere?secret="+secret)
		return nil
	},
	"error": func(_ *http.Response, secret string) error {
		return errors.New(`malformed HTTP version "` + secret + `"`)
	},
}

// A report is written wherever a target leaks, and no format shows any part of what was leaked.
func TestALeakStopsNoReport(t *testing.T) {
	mock := mockserver.Start(t)
	for place, plant := range leakPlaces {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			target := &leaky{RoundTripper: http.DefaultTransport, plant: plant}
			found, err := contract.Judge(t.Context(), contract.Target{
				URL: mock.URL, Token: mock.Token, Transport: target, Run: "^(redaction/(create|get)/echo|envelope/create/meta)$",
				Timeout: 2 * time.Second,
			})
			if err != nil || found.Verdict == report.Conforms {
				t.Fatalf("the run ended with %v, verdict %s", err, found.Verdict)
			}
			for _, format := range report.Formats() {
				var out strings.Builder
				if err := report.Write(&out, format, found); err != nil || out.Len() == 0 {
					t.Errorf("%s: %d bytes, %v", format, out.Len(), err)
				}
				expectNoPiece(t, format, out.String(), target.sent)
			}
			files := t.TempDir()
			if _, err := found.WriteScenarios(files); err != nil {
				t.Error(err)
			}
		})
	}
}

// expectNoPiece expects no six characters in a row of any secret.
func expectNoPiece(t *testing.T, format, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		for start := 0; start+6 <= len(secret); start++ {
			if piece := secret[start : start+6]; strings.ContainsAny(piece, "^|") && strings.Contains(text, piece) {
				t.Errorf("%s: it shows %d bytes of a secret", format, len(piece))
				return
			}
		}
	}
}
