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
		"code=503": 503, "code=429": 429, "respond-async; code=404": 404, "code=401": 401, "wait=3": 200, "": 200, "colour=x": 200,
		"delay=200": 200, "Code = 500 , delay=100": 500,
	} {
		got, text, err := mocktest.Answered(t, mock, http.Header{"Prefer": {prefer}})
		if err != nil || got.StatusCode != want || (got.Header.Get("Retry-After") == "1") != (want == 429) {
			t.Errorf("%q: %v %v", prefer, got, err)
		}
		if marked := got.Header.Get("X-Credmock-Fault") != ""; marked != (want != 200 || prefer == "delay=200") {
			t.Errorf("%q: %s", prefer, got.Header)
		}
		if want != 200 && want != 401 && !strings.Contains(text, `"code":"injected-fault"`) {
			t.Errorf("%q: %s", prefer, text)
		}
	}
	for _, prefer := range []string{
		"code=302", "code=201", "examples=x", "example=x", "example=", "dynamic=true", "code=503, code=504", "delay=60001", "code=x",
		"code=700, wait=3", "code=", "code=99", "delay=1s", "delay=-1", "code=503, delay=x"} {
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

// A request can ask for the document's own example of an answer. What the document does not have is refused.
func TestPreferredExamples(t *testing.T) {
	mock := mocktest.Start(t)
	ask := func(method, path, prefer string) (int, string) {
		body := mocktest.Object(mocktest.OAuthBody)
		header := http.Header{"Prefer": {prefer}, "Authorization": {"Bearer dev-token"}, "Content-Type": {"application/json"}}
		if method == "GET" {
			body = ""
		}
		got := mock.Obtain(method, mock.URL+path, header, body)
		return got.Status, got.Text
	}
	for _, row := range []struct {
		method, path, prefer string
		status               int
		want                 string
	}{
		{"POST", "/v1/authcredentials", "example=oauth", 201, `"hasClientSecret":true`},
		{"POST", "/v1/authcredentials", `code=201, example="oauth"`, 201, `"hasClientSecret":true`},
		{"GET", "/v1/authcredentials/any", "code=200", 200, `"hasClientSecret":true`},
		{"GET", mocktest.StrategiesPath, "code=200", 200, `"availableFields"`},
		{"GET", mocktest.StrategiesPath, "code=401", 401, `"errors"`},
		{"GET", mocktest.StrategiesPath, "code=502", 502, "injected-fault"},
		{"POST", "/v1/authcredentials", "code=200, example=oauth", 200, `"hasClientSecret":true`},
		{"POST", "/v1/authcredentials", "code=400, example=oauth", 400, "known are oauth with code=201, oauth with code=200."},
		{"POST", "/v1/authcredentials", "example=oatuh", 400, "known are oauth with code=201, oauth with code=200."},
		{"GET", mocktest.StrategiesPath, "example=oauth", 400, "none has a name."},
		{"GET", mocktest.StrategiesPath, "code=204", 400, "no answer with this status"},
	} {
		status, text := ask(row.method, row.path, row.prefer)
		if status != row.status || !strings.Contains(text, row.want) {
			t.Errorf("%s %s with %s: %d %s", row.method, row.path, row.prefer, status, text)
		}
	}
	list := mock.Journal("?status=201")
	if kept := list[0]["request"].(mocktest.Members)["headers"].(mocktest.Members)["Prefer"]; kept != "example=oauth" {
		t.Errorf("the journal keeps %v", kept)
	}
	status, text := ask("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", "")
	if status != 200 || !strings.Contains(text, `[]`) {
		t.Errorf("an example was stored: %s", text)
	}
}

// A fault selects requests by path, caller, text of the body, number and chance, and has a body and headers of its own.
func TestFaultsSelectRequests(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Seed: 9})
	created := mock.Create(mocktest.Object(mocktest.OAuthBody))
	statuses := func(fault string, requests ...func() mocktest.Result) (seen []int) {
		if got := mock.Operate("POST", "faults", fault); got.Status != 201 {
			t.Fatalf("%s: %s", fault, got.Text)
		}
		for _, request := range requests {
			seen = append(seen, request().Status)
		}
		mock.Operate("DELETE", "faults", "")
		return seen
	}
	send := func(token, method, path, body string) func() mocktest.Result {
		header := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
		return func() mocktest.Result { return mock.Obtain(method, mock.URL+path, header, body) }
	}
	get, view := send("dev-token", "GET", "/v1/authcredentials/"+created, ""), send("viewer-token", "GET", "/v1/authcredentials/"+created, "")
	nobody, list := send("wrong", "GET", "/v1/authcredentials/"+created, ""), send("dev-token", "GET", mocktest.StrategiesPath, "")
	post := func(name string) func() mocktest.Result {
		return send("dev-token", "POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": name}))
	}
	for fault, want := range map[string][]int{
		`{"status":503,"paths":["/v1/authcredentials/*"]}`:                        {503, 503, 503, 503, 201, 201},
		`{"status":503,"paths":["/platform/v1/authcredentials/` + created + `"]}`: {503, 503, 503, 200, 201, 201},
		`{"status":503,"callers":["viewer","none"]}`:                              {200, 503, 503, 200, 201, 201},
		`{"status":202,"bodyContains":"needle"}`:                                  {200, 200, 401, 200, 202, 201},
		`{"status":503,"after":1,"times":1}`:                                      {200, 503, 401, 200, 201, 201},
		`{"status":503,"after":2,"paths":["/v1/authcredentials"]}`:                {200, 200, 401, 200, 201, 201},
		`{"status":304,"headers":{"etag":"x"},"methods":["POST"]}`:                {200, 200, 401, 200, 304, 304},
	} {
		if seen := statuses(fault, get, view, nobody, list, post("a needle"), post("hay")); !slices.Equal(seen, want) {
			t.Errorf("%s: %v, not %v", fault, seen, want)
		}
	}
	mock.Operate("POST", "reset", "")
	var some []int
	for range 40 {
		some = append(some, statuses(`{"status":503,"chance":0.5}`, list)...)
	}
	if !slices.Contains(some, 503) || !slices.Contains(some, 200) {
		t.Errorf("a chance of a half: %v", some)
	}
}

func TestFaultsWithTheirOwnAnswer(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientSecret": "hush-hush"}))
	jsonType := "application/json"
	for fault, want := range map[string]struct{ text, media, header string }{
		`{"status":422,"body":{"title":"no"},"headers":{"x-shape":"problem"}}`:  {`{"title":"no"}`, jsonType, "problem"},
		`{"status":502,"body":"<b>bad","headers":{"Content-Type":"text/html"}}`: {"<b>bad", "text/html", ""},
		`{"status":200,"body":"plain"}`:                                         {"plain", "text/plain; charset=utf-8", ""},
		`{"headers":{"X-Shape":"added"}}`:                                       {`"availableFields"`, jsonType, "added"},
		`{"status":500,"body":["hush-hush"],"breakage":"slow","delay":"1ms"}`:   {"hush-hush", jsonType, ""},
	} {
		added := mock.Operate("POST", "faults", fault)
		got, text, err := mocktest.Answered(t, mock, http.Header{})
		if err != nil || !strings.Contains(text, want.text) || got.Header.Get("Content-Type") != want.media ||
			got.Header.Get("X-Shape") != want.header {
			t.Errorf("%s: %v %s %v", fault, got, text, err)
		}
		listed := mock.Operate("GET", "faults", "")
		if strings.Contains(added.Text+listed.Text, "hush-hush") || strings.Contains(mock.Operate("GET", "requests", "").Text, "hush-hush") {
			t.Errorf("%s: a secret is shown", fault)
		}
		mock.Operate("DELETE", "faults", "")
	}
}

// A fault that no request can get is refused.
func TestFaultsThatCannotMatch(t *testing.T) {
	mock := mocktest.Start(t)
	for fault, want := range map[string]string{
		`"paths":["/v1/authcredentals"]`:                                      "/paths/0 This must be a path of the document",
		`"paths":["/v1/authcredentials?x=1"]`:                                 "/paths/0 ",
		`"paths":["/v1/authcredentials/a/b"]`:                                 "/paths/0 ",
		`"methods":["PUT"]`:                                                   " No request can get this fault",
		`"operations":["listAuthStrategies"],"methods":["POST"]`:              " No request can get this fault",
		`"operations":["listAuthStrategies"],"bodyContains":"x"`:              " No request can get this fault",
		`"operations":["listAuthStrategies"],"paths":["/v1/authcredentials"]`: " No request can get this fault",
		`"callers":["nobody"]`:                                                "/callers/0 This must be the name of a principal",
		`"chance":0`:                                                          "/chance ",
		`"chance":1.1`:                                                        "/chance ",
		`"after":-1`:                                                          "/after ",
		`"headers":{"Content-Length":"3"}`:                                    "/headers/Content-Length The mock sets this header itself",
		`"headers":{"transfer-encoding":"chunked"}`:                           "/headers/Transfer-Encoding ",
		`"headers":{"X":"a\nb"}`:                                              "/headers/X ",
		`"headers":{"a b":"c"}`:                                               "/headers ",
		`"body":"` + strings.Repeat("x", 20_000) + `"`:                        "/body body may have",
	} {
		got := mock.Operate("POST", "faults", `{"status":503,`+fault+`}`)
		var places []string
		for _, one := range got.Body["errors"].([]any) {
			pointer, _ := one.(mocktest.Members)["pointer"].(string)
			places = append(places, pointer+" "+one.(mocktest.Members)["message"].(string))
		}
		if found := strings.Join(places, "\n"); got.Status != 400 || len(places) != 1 || !strings.HasPrefix(found, want) {
			t.Errorf("%s: %d %s", fault, got.Status, found)
		}
	}
	for _, fault := range []string{`{"body":"x"}`, `{"status":204,"body":"x"}`} {
		if got := mock.Operate("POST", "faults", fault); got.Status != 400 || !strings.Contains(got.Text, "/body") {
			t.Errorf("%s: %d %s", fault, got.Status, got.Text)
		}
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
	if got := mock.Operate("POST", "faults", `{"status":500,"times":1}`); got.Status != 409 ||
		!slices.Equal(got.Violations(), []string{"shadowed-fault"}) || !strings.Contains(got.Text, "this fault: fault 2 gets") {
		t.Errorf("behind an endless one: %d %s", got.Status, got.Text)
	}
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
		`{"status":199,"delay":"1y","breakage":"x","operations":["x"],"methods":["get"],"times":-1,"mutant":"x"}`: {
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
