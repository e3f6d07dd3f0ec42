package principals_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/commandtest"
	"github.com/credmock/credmock/mockserver"
)

// shortLived is a mock whose tokens live two seconds of its own clock. The clock jumps, so that no test waits.
type shortLived struct {
	*httptest.Server
	offset, requests, exchanges atomic.Int64
	since                       atomic.Int64 // requests since the last exchange: a token does not end before it is used
	jump                        int64        // requests with a token until the clock jumps
	mutex                       sync.Mutex
	tokens                      map[string]bool // that were used
}

const life = 2 * time.Second

func startShortLived(t *testing.T) *shortLived {
	t.Helper()
	s := &shortLived{jump: 60, tokens: map[string]bool{}}
	mock, err := mockserver.New(mockserver.Options{TokenLife: life, Clock: func() time.Time {
		return time.Now().Add(time.Duration(s.offset.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v2/") {
			s.exchanges.Add(1)
			s.since.Store(0)
		} else if token, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); isBearer {
			s.mutex.Lock()
			s.tokens[token] = true
			s.mutex.Unlock()
			s.requests.Add(1)
			if s.since.Add(1) == s.jump && s.offset.Load() < int64(20*life) { // an assertion lives a minute
				s.offset.Add(int64(life))
			}
		}
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func developmentKeys(t *testing.T) string {
	return commandtest.Write(t, "keys.json", string(mockserver.DevelopmentKeys()))
}

// A sound server is not accused while the tokens of a run end after two seconds, and no report shows one of them.
func TestVerifyOutlivesItsTokens(t *testing.T) {
	mock := startShortLived(t)
	folder := t.TempDir()
	args := []string{"verify", "--url", mock.URL + "/platform", "--client-id", mockserver.DevelopmentClient, "--key", developmentKeys(t),
		"--viewer-token", mockserver.DefaultViewerToken, "--other-token", mockserver.DefaultOtherToken, "--run", "^(auth|redaction/token|model)"}
	formats := []string{"text", "json", "html", "junit", "sarif", "markdown", "tap"}
	for _, format := range formats {
		args = append(args, "--report", format+"="+filepath.Join(folder, format))
	}
	seen := commandtest.Run(t.Context(), nil, args...)
	if seen.Code != 0 {
		text, _ := os.ReadFile(filepath.Join(folder, "text"))
		t.Fatalf("%d: %s\n%s", seen.Code, seen.Stderr, text)
	}
	if mock.exchanges.Load() < 5 {
		t.Errorf("%d tokens for %d requests, so none was renewed", mock.exchanges.Load(), mock.requests.Load())
	}
	for _, format := range formats {
		text, err := os.ReadFile(filepath.Join(folder, format))
		if err != nil {
			t.Fatal(err)
		}
		for token := range mock.tokens {
			if len(token) > 30 && bytes.Contains(text, []byte(token)) {
				t.Errorf("the %s report shows a token", format)
			}
		}
	}
}

// A scenario outlives its token too, and its transcript shows no token.
func TestRunOutlivesItsTokens(t *testing.T) {
	mock := startShortLived(t)
	mock.jump = 2
	script := commandtest.Write(t, "reads.txtar", strings.Repeat("request GET /v1/authcredentials/strategies\nstatus 200\n", 6))
	seen := commandtest.Run(t.Context(), nil, "run", "--verbose", "--url", mock.URL+"/platform", "--client-id", mockserver.DevelopmentClient,
		"--key", developmentKeys(t), script)
	if seen.Code != 0 || mock.exchanges.Load() < 3 {
		t.Fatalf("%d after %d tokens: %s %s", seen.Code, mock.exchanges.Load(), seen.Stdout, seen.Stderr)
	}
	for token := range mock.tokens {
		if strings.Contains(seen.All(), token) {
			t.Error("the transcript shows a token")
		}
	}
}

// gate is a server that knows one token at a time. Another one takes its place every so many requests.
type gate struct {
	*httptest.Server
	mutex   sync.Mutex
	token   string
	count   int
	every   int
	rotated func(token string)
}

const firstToken = "token-number-0"

func startGate(t *testing.T, every int, rotated func(token string)) *gate {
	t.Helper()
	g := &gate{token: firstToken, every: every, rotated: rotated}
	mock, err := mockserver.New(mockserver.Options{Tokens: []string{"inner-token-1"}})
	if err != nil {
		t.Fatal(err)
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.admits(r.Header.Get("Authorization")) {
			r.Header.Set("Authorization", "Bearer inner-token-1")
		}
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) requests() int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.count
}

func (g *gate) admits(authorization string) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.count++; g.every > 0 && g.count%g.every == 0 {
		g.token = fmt.Sprintf("token-number-%d", g.count)
		g.rotated(g.token)
	}
	return authorization == "Bearer "+g.token
}

// replace writes a file as a whole.
func replace(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		t.Error(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Error(err)
	}
}

func TestATokenFileIsReadAgain(t *testing.T) {
	name := commandtest.Write(t, "token", "\ufeff"+firstToken+"\r\n")
	server := startGate(t, 40, func(token string) { replace(t, name, `{"access_token":"`+token+`"}`) })
	seen := commandtest.Run(t.Context(), map[string]string{"CREDMOCK_TOKEN": "beaten-by-a-flag-1"}, "verify", "--url", server.URL+"/platform",
		"--token-file", name, "--run", "^(envelope|auth/get/)")
	if seen.Code != 0 || server.requests() < 100 {
		t.Fatalf("%d after %d requests: %s\n%s", seen.Code, server.requests(), seen.Stdout, seen.Stderr)
	}
}

func TestATokenCommandRunsAgain(t *testing.T) {
	name := commandtest.Write(t, "token", firstToken)
	server := startGate(t, 40, func(token string) { replace(t, name, token) })
	seen := commandtest.Run(t.Context(), nil, "verify", "--url", server.URL+"/platform", "--token-command", "cat "+name,
		"--run", "^(envelope|auth/get/)")
	if seen.Code != 0 || server.requests() < 100 {
		t.Fatalf("%d after %d requests: %s\n%s", seen.Code, server.requests(), seen.Stdout, seen.Stderr)
	}
}
