package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// A mistake of the caller accuses nobody: one sentence says what to look at, after few requests.
func TestMistakesOfTheCallerAccuseNobody(t *testing.T) {
	for name, one := range map[string]struct {
		change func(*contract.Target)
		hint   string
	}{
		"viewer token": {func(target *contract.Target) { target.ViewerToken = "stale-viewer-token-1" }, "--viewer-token"},
		"swapped": {func(target *contract.Target) {
			target.ViewerToken, target.OtherToken = target.OtherToken, target.ViewerToken
		}, "--viewer-token"},
		"other token":   {func(target *contract.Target) { target.OtherToken = "stale-other-token-1" }, "--other-token"},
		"token":         {func(target *contract.Target) { target.Token = "stale-token-1" }, "refuses the token"},
		"path":          {func(target *contract.Target) { target.URL = strings.TrimSuffix(target.URL, "/platform") }, "--url"},
		"environment":   {func(target *contract.Target) { target.Environment = "8d1e8a52-0000-4000-8000-00000000000b" }, "--environment"},
		"organization":  {func(target *contract.Target) { target.Organization = 119 }, "--organization"},
		"viewer writes": {func(target *contract.Target) { target.Token, target.ViewerToken = target.ViewerToken, "" }, "may not write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := targetOf(mockserver.Start(t))
			one.change(&target)
			report := judge(t, target)
			if report.ExitCode() != contract.ExitInconclusive || !strings.Contains(report.Reason, one.hint) || report.Requests > 25 ||
				report.Counts[contract.Trouble] != len(report.Checks) {
				t.Errorf("exit %d, %d requests, %v: %s", report.ExitCode(), report.Requests, report.Counts, report.Reason)
			}
		})
	}
}

// Run fails once, and with no subtest, if nothing can be judged.
func TestRunFailsOnceIfNothingIsMet(t *testing.T) {
	if url := os.Getenv("CREDMOCK_TEST_PAGE"); url != "" {
		contract.Run(t, contract.Target{URL: url, Token: "dev-token"})
		return
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<h1>Welcome</h1>"))
	}))
	defer page.Close()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunFailsOnceIfNothingIsMet$", "-test.v")
	command.Env = append(os.Environ(), "CREDMOCK_TEST_PAGE="+page.URL)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strings.Count(string(output), "--- FAIL") != 1 || strings.Contains(string(output), "    --- ") ||
		!strings.Contains(string(output), "no implementation answers there") {
		t.Errorf("%v\n%.2000s", err, output)
	}
}

// A required capability that has vanished is a failure, whatever is selected, and the verdict says what was not looked at.
func TestRequiredCapabilities(t *testing.T) {
	for name, one := range map[string]struct {
		require, strategies []string
		viewer              bool
		exit                int
	}{
		"there":    {[]string{"destinations", "environments", "second", "strategies"}, nil, true, contract.ExitConforms},
		"vanished": {[]string{"viewer"}, nil, false, contract.ExitViolates},
		"strategy": {nil, []string{"AwsSigv4"}, false, contract.ExitConforms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := targetOf(mockserver.Start(t))
			target.Require, target.Strategies, target.Run = one.require, one.strategies, "^strategies/route$"
			if !one.viewer {
				target.ViewerToken = ""
			}
			report := judge(t, target)
			page := text(t, report)
			if report.ExitCode() != one.exit || strings.Contains(page, ", without viewer: ") == one.viewer {
				t.Errorf("exit %d\n%s", report.ExitCode(), page)
			}
		})
	}
}

// TestLagOfSlowReadsIsWaitedFor has reads that take nearly as long as they lag: few of them go out while the lag is measured.
func TestLagOfSlowReadsIsWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("slow reads are waited for: make proof does")
	}
	t.Parallel()
	lagging, _ := mutants.Find("sound/lag-steady")
	target := serve(t, string(mockserver.DefaultFixtures()), func(mock http.Handler) http.Handler {
		handler := lagging.Wrap(mock)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			if r.Method == http.MethodGet {
				<-time.After(280 * time.Millisecond)
			}
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		})
	})
	target.Run = "^fields/lists/GoogleWIF$"
	found := judge(t, target)
	if found.Verdict != contract.Conforms {
		t.Errorf("verdict %s: %s", found.Verdict, found.Reason)
	}
}

// TestBusyMomentIsNoLag has slow reads for a moment, while the lag is measured.
func TestBusyMomentIsNoLag(t *testing.T) {
	t.Parallel()
	const slow = 1500 * time.Millisecond
	var creations, deletions atomic.Int64
	target := through(t, func(mock http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.Method {
			case http.MethodPost:
				creations.Add(1)
			case http.MethodDelete:
				deletions.Add(1)
			case http.MethodGet:
				if creations.Load() > 2 && deletions.Load() < 2 {
					<-time.After(slow)
				}
			}
			mock.ServeHTTP(w, r)
		})
	})
	lag, err := contract.MeasureLag(t.Context(), target)
	if err != nil || lag >= slow {
		t.Errorf("the lag is %s: %v", lag, err)
	}
}

// TestGatewayThatFailsForAMomentAccusesNobody has a gateway that fails for the first request to each path that the document does not have.
// Two checks share those answers.
func TestGatewayThatFailsForAMomentAccusesNobody(t *testing.T) {
	t.Parallel()
	var met sync.Map
	target := through(t, func(mock http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, again := met.LoadOrStore(r.Method+r.URL.Path, true)
			if !again && strings.Contains(r.URL.Path, "unknown") {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			mock.ServeHTTP(w, r)
		})
	})
	target.Run = "^(errors|redaction)/paths$"
	if found := judge(t, target); found.Verdict != contract.Conforms || found.Counts[contract.Pass] != 2 {
		t.Errorf("verdict %s: %s", found.Verdict, found.Reason)
	}
}

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
	for i, place := range slices.Sorted(maps.Keys(leakPlaces)) {
		if testing.Short() && i%3 != 0 {
			continue
		}
		plant := leakPlaces[place]
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
