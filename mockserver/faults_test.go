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
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestPrefer(t *testing.T) {
	mock := mocktest.Start(t)
	var waited []time.Duration
	mockserver.Pause(mock.Server, func(delay time.Duration) { waited = append(waited, delay) })
	for prefer, want := range map[string]int{
		"code=503": 503, "code=429": 429, "respond-async; code=404": 404, "code=200": 200, "wait=3": 200, "": 200, "colour=x": 200,
		"delay=200": 200, "Code = 500 , delay=100": 500,
	} {
		got, text, err := mocktest.Answered(t, mock, http.Header{"Prefer": {prefer}})
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
		got, text, err := mocktest.Answered(t, mock, http.Header{"Prefer": {prefer}})
		if err != nil || got.StatusCode != 400 || !strings.Contains(text, `"code":"invalid-preference"`) {
			t.Errorf("%q: %v %s %v", prefer, got.StatusCode, text, err)
		}
	}
	for _, prefer := range []string{"hush-hush, delay=100;code=404", "hush-hush"} {
		if _, _, err := mocktest.Answered(t, mock, http.Header{"Prefer": {prefer}}); err != nil {
			t.Error(err)
		}
	}
	list := mock.Journal("")
	for i, want := range []string{"code=404, delay=100", "[masked]"} {
		if kept := list[len(list)-2+i]["request"].(mocktest.Members)["headers"].(mocktest.Members)["Prefer"]; kept != want {
			t.Errorf("the journal keeps %v, not %s", kept, want)
		}
	}
	if slices.Sort(waited); !slices.Equal(waited[len(waited)-3:],
		[]time.Duration{100 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}) {
		t.Errorf("%v", waited)
	}
}

func TestAdminInjectsFaults(t *testing.T) {
	mock := mocktest.Start(t)
	added := mock.Operate("POST", "faults", `{"status":429,"retryAfter":7,"times":2,"operations":["listAuthStrategies"],"methods":["GET"]}`)
	if added.Status != 201 || added.Body["id"] != 1.0 {
		t.Fatal(added.Text)
	}
	mock.Create(mocktest.Object(mocktest.OAuthBody)) // which does not match the fault
	var seen []int
	for range 3 {
		got, _, err := mocktest.Answered(t, mock, http.Header{})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, got.StatusCode)
	}
	if !slices.Equal(seen, []int{429, 429, 200}) {
		t.Errorf("%v", seen)
	}
	listed := mock.Operate("GET", "faults", "").Body["faults"].([]any)[0].(mocktest.Members)
	if listed["matched"] != 2.0 || listed["spent"] != true {
		t.Errorf("%v", listed)
	}
	if found := mock.Journal("?status=429"); len(found) != 2 || found[0]["injected"] != "status 429" {
		t.Errorf("%v", found)
	}
	mock.Operate("POST", "faults", `{"expiredToken":true}`)
	if got, _, _ := mocktest.Answered(t, mock, http.Header{}); got.StatusCode != 401 || got.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%v", got)
	}
	if mock.Operate("DELETE", "faults/2", "").Status != 200 || mock.Operate("DELETE", "faults/2", "").Status != 404 {
		t.Error("removing a fault again succeeded")
	}
	if got, _, _ := mocktest.Answered(t, mock, http.Header{}); got.StatusCode != 200 {
		t.Error("a removed fault is injected")
	}
	mock.Operate("DELETE", "faults", "")
	if left := mock.Operate("GET", "faults", "").Body["faults"].([]any); len(left) != 0 {
		t.Errorf("%v", left)
	}
}

func TestInvalidFaultListsEveryViolation(t *testing.T) {
	mock := mocktest.Start(t)
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
		got := mock.Operate("POST", "faults", body)
		if found := slices.Sorted(slices.Values(got.Violations())); got.Status != 400 || !slices.Equal(found, want) {
			t.Errorf("%s: %d %q", body, got.Status, found)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	mock := mocktest.Start(t)
	var mutex sync.Mutex
	var waited time.Duration
	mockserver.Pause(mock.Server, func(delay time.Duration) { mutex.Lock(); waited += delay; mutex.Unlock() })
	_, sound, _ := mocktest.Answered(t, mock, http.Header{})
	broken := func(fault string) (string, error) {
		mock.Operate("POST", "faults", fault)
		_, text, err := mocktest.Answered(t, mock, http.Header{})
		mock.Operate("DELETE", "faults", "")
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
	if found := mock.Journal("?operation=listAuthStrategies"); len(found) < 5 || found[1]["injected"] != "reset" {
		t.Errorf("%v", found)
	}
}

func TestDelayJitterFollowsSeed(t *testing.T) {
	delays := func() (seen []time.Duration) {
		mock := mocktest.Start(t, mockserver.Options{Seed: 3})
		mockserver.Pause(mock.Server, func(delay time.Duration) { seen = append(seen, delay) })
		mock.Operate("POST", "faults", `{"delay":"100ms","delayMax":"900ms"}`)
		for range 5 {
			mock.Send("GET", mocktest.StrategiesPath, "")
		}
		return seen
	}
	first, second := delays(), delays()
	if !slices.Equal(first, second) || slices.Max(first) == slices.Min(first) || slices.Min(first) < 100*time.Millisecond ||
		slices.Max(first) > 900*time.Millisecond {
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
	mock := mocktest.Start(t, options)
	mock.Operate("POST", "sessions", `{"name":"a"}`)
	own := mock.In("a")
	added := mock.Raw("POST", mock.At("a")+"/__admin/faults", http.Header{}, bytes.NewReader([]byte(`{"mutant":"shouting"}`)))
	if added.Status != 201 {
		t.Fatal(added.Text)
	}
	if own.Send("GET", mocktest.StrategiesPath, "").Header.Get("X-Shout") == "" ||
		mock.Send("GET", mocktest.StrategiesPath, "").Header.Get("X-Shout") != "" {
		t.Error("the mutant serves another session")
	}
	mock.Raw("POST", mock.At("a")+"/__admin/reset", http.Header{}, nil)
	if own.Send("GET", mocktest.StrategiesPath, "").Header.Get("X-Shout") != "" {
		t.Error("a reset keeps the mutant")
	}
}
