package mockserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/credmock/credmock/mockserver"
)

const strategiesPath = "/v1/authcredentials/strategies"

// answered asks for the strategies and returns what came: the body may be cut off.
func answered(t *testing.T, mock *api, header http.Header) (*http.Response, string, error) {
	t.Helper()
	request, _ := http.NewRequest("GET", mock.URL+strategiesPath, nil)
	request.Header = header
	request.Header.Set("Authorization", "Bearer "+mock.Token)
	response, err := mock.Client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err
}

func TestPrefer(t *testing.T) {
	mock := start(t)
	var waited []time.Duration
	mockserver.Pause(mock.Server, func(delay time.Duration) { waited = append(waited, delay) })
	for prefer, want := range map[string]int{
		"code=503": 503, "code=429": 429, "respond-async; code=404": 404, "code=200": 200, "wait=3": 200, "": 200, "colour=x": 200,
		"delay=200": 200, "Code = 500 , delay=100": 500,
	} {
		got, text, err := answered(t, mock, http.Header{"Prefer": {prefer}})
		if err != nil || got.StatusCode != want || (got.Header.Get("Retry-After") == "1") != (want == 429) {
			t.Errorf("%q: %v %v", prefer, got, err)
		}
		if marked := got.Header.Get("X-Credmock-Fault") != ""; marked != (want != 200 || prefer == "delay=200") {
			t.Errorf("%q: %s", prefer, got.Header)
		}
		if want != 200 && !strings.Contains(text, `"code":"injected-fault"`) {
			t.Errorf("%q: %s", prefer, text)
		}
	}
	for _, prefer := range []string{"code=x", "code=700, wait=3", "code=", "code=99", "delay=1s", "delay=-1", "code=503, delay=x"} {
		got, text, err := answered(t, mock, http.Header{"Prefer": {prefer}})
		if err != nil || got.StatusCode != 400 || !strings.Contains(text, `"code":"invalid-preference"`) {
			t.Errorf("%q: %v %s %v", prefer, got.StatusCode, text, err)
		}
	}
	for _, prefer := range []string{"hush-hush, delay=100;code=404", "hush-hush"} {
		if _, _, err := answered(t, mock, http.Header{"Prefer": {prefer}}); err != nil {
			t.Error(err)
		}
	}
	list := mock.journal("")
	for i, want := range []string{"code=404, delay=100", "[masked]"} {
		if kept := list[len(list)-2+i]["request"].(members)["headers"].(members)["Prefer"]; kept != want {
			t.Errorf("the journal keeps %v, not %s", kept, want)
		}
	}
	if slices.Sort(waited); !slices.Equal(waited[len(waited)-3:], []time.Duration{100 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}) {
		t.Errorf("%v", waited)
	}
}

func TestFaultsByTheAdminSurface(t *testing.T) {
	mock := start(t)
	added := mock.operate("POST", "faults", `{"status":429,"retryAfter":7,"times":2,"operations":["listAuthStrategies"],"methods":["GET"]}`)
	if added.status != 201 || added.body["id"] != 1.0 {
		t.Fatal(added.text)
	}
	mock.create(object(oauthBody)) // which it does not meet
	var seen []int
	for range 3 {
		got, _, err := answered(t, mock, http.Header{})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, got.StatusCode)
	}
	if !slices.Equal(seen, []int{429, 429, 200}) {
		t.Errorf("%v", seen)
	}
	listed := mock.operate("GET", "faults", "").body["faults"].([]any)[0].(members)
	if listed["matched"] != 2.0 || listed["spent"] != true {
		t.Errorf("%v", listed)
	}
	if found := mock.journal("?status=429"); len(found) != 2 || found[0]["injected"] != "status 429" {
		t.Errorf("%v", found)
	}
	mock.operate("POST", "faults", `{"expiredToken":true}`)
	if got, _, _ := answered(t, mock, http.Header{}); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%v", got)
	}
	if mock.operate("DELETE", "faults/2", "").status != 200 || mock.operate("DELETE", "faults/2", "").status != 404 {
		t.Error("a fault is removed once")
	}
	if got, _, _ := answered(t, mock, http.Header{}); got.StatusCode != 200 {
		t.Error("a removed fault is at work")
	}
	mock.operate("DELETE", "faults", "")
	if left := mock.operate("GET", "faults", "").body["faults"].([]any); len(left) != 0 {
		t.Errorf("%v", left)
	}
}

func TestEveryMistakeInAFaultIsNamed(t *testing.T) {
	mock := start(t)
	for body, want := range map[string][]string{
		`{}`: {"invalid-fault"},
		`{"status":200,"delay":"1y","breakage":"x","operations":["x"],"methods":["get"],"times":-1,"mutant":"x"}`: {
			"invalid-fault /breakage", "invalid-fault /delay", "invalid-fault /methods/0", "invalid-fault /mutant", "invalid-fault /mutant",
			"invalid-fault /operations/0", "invalid-fault /status", "invalid-fault /times"},
		`{"status":500,"expiredToken":true,"delay":"2s","delayMax":"1s"}`: {"invalid-fault /delayMax", "invalid-fault /expiredToken"},
		`{"retryAfter":1,"breakage":"slow"}`:                              {"invalid-fault /retryAfter"},
		`{"state":500}`:                                                   {"unknown-member"},
		`{"status":"500"}`:                                                {"type /status"},
	} {
		got := mock.operate("POST", "faults", body)
		if found := slices.Sorted(slices.Values(got.faults())); got.status != 400 || !slices.Equal(found, want) {
			t.Errorf("%s: %d %q", body, got.status, found)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	mock := start(t)
	var mutex sync.Mutex
	var waited time.Duration
	mockserver.Pause(mock.Server, func(delay time.Duration) { mutex.Lock(); waited += delay; mutex.Unlock() })
	_, sound, _ := answered(t, mock, http.Header{})
	broken := func(fault string) (string, error) {
		mock.operate("POST", "faults", fault)
		_, text, err := answered(t, mock, http.Header{})
		mock.operate("DELETE", "faults", "")
		return text, err
	}
	if _, err := broken(`{"breakage":"reset"}`); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("reset: %v", err)
	}
	if text, err := broken(`{"breakage":"truncated"}`); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(sound, text) {
		t.Errorf("truncated: %v %s", err, text)
	}
	if text, err := broken(`{"breakage":"malformed"}`); err != nil || json.Valid([]byte(text)) {
		t.Errorf("malformed: %v %s", err, text)
	}
	if text, err := broken(`{"breakage":"slow","delay":"800ms"}`); err != nil || text != sound || waited != 800*time.Millisecond {
		t.Errorf("slow: %v %s after %s", err, text, waited)
	}
	if found := mock.journal("?operation=listAuthStrategies"); len(found) < 5 || found[1]["injected"] != "reset" {
		t.Errorf("%v", found)
	}
}

func TestDelaysJitterByTheSeed(t *testing.T) {
	delays := func() (seen []time.Duration) {
		mock := start(t, mockserver.Options{Seed: 3})
		mockserver.Pause(mock.Server, func(delay time.Duration) { seen = append(seen, delay) })
		mock.operate("POST", "faults", `{"delay":"100ms","delayMax":"900ms"}`)
		for range 5 {
			mock.send("GET", strategiesPath, "")
		}
		return seen
	}
	first, second := delays(), delays()
	if !slices.Equal(first, second) || slices.Max(first) == slices.Min(first) || slices.Min(first) < 100*time.Millisecond || slices.Max(first) > 900*time.Millisecond {
		t.Errorf("%v %v", first, second)
	}
}

func TestMutants(t *testing.T) {
	options := mockserver.Options{Mutants: map[string]func(http.Handler) http.Handler{
		"shouting": func(sound http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/platform/") {
					t.Errorf("the path is %s", r.URL.Path)
				}
				w.Header().Set("X-Shout", "yes")
				sound.ServeHTTP(w, r)
			})
		},
	}}
	mock := start(t, options)
	mock.operate("POST", "sessions", `{"name":"a"}`)
	own := mock.in("a")
	added := mock.raw("POST", mock.at("a")+"/__admin/faults", http.Header{}, bytes.NewReader([]byte(`{"mutant":"shouting"}`)))
	if added.status != 201 {
		t.Fatal(added.text)
	}
	if own.send("GET", strategiesPath, "").header.Get("X-Shout") == "" || mock.send("GET", strategiesPath, "").header.Get("X-Shout") != "" {
		t.Error("the mutant does not stand before its session alone")
	}
	mock.raw("POST", mock.at("a")+"/__admin/reset", http.Header{}, nil)
	if own.send("GET", strategiesPath, "").header.Get("X-Shout") != "" {
		t.Error("the mutant outlives a reset")
	}
}
