package contract_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// bent serves a mock and changes the wanted answers.
func bent(t *testing.T, wanted func(r *http.Request, status int) bool,
	change func(header http.Header, body []byte) []byte) contract.Target {
	t.Helper()
	return through(t, func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			sound.ServeHTTP(answer, r)
			maps.Copy(w.Header(), answer.Header())
			body := answer.Body.Bytes()
			if wanted(r, answer.Code) {
				w.Header().Del("Content-Length")
				body = change(w.Header(), body)
			}
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body) // the client may have stopped reading
		})
	})
}

// with returns a JSON object with one more member.
func with(body []byte, member string) []byte {
	if !bytes.HasPrefix(body, []byte("{")) {
		return body
	}
	return slices.Concat([]byte("{"), []byte(member), []byte(","), body[1:])
}

func isList(r *http.Request, status int) bool {
	return strings.HasSuffix(r.URL.Path, "/authcredentials") && r.Method == http.MethodGet && status == 200
}

func isGet(r *http.Request, status int) bool {
	return strings.Contains(r.URL.Path, "/authcredentials/") && r.Method == http.MethodGet && status == 200 &&
		!strings.HasSuffix(r.URL.Path, "strategies")
}

func answersTo(method string) func(*http.Request, int) bool {
	return func(r *http.Request, status int) bool {
		return r.Method == method && status < 300 && strings.Contains(r.URL.Path, "/authcredentials")
	}
}

func isRefusal(_ *http.Request, status int) bool { return status >= 400 }

// small are bounds that sound answers keep.
var small = contract.Limits{Answer: 20 << 10, Values: 2_000}

// reading are checks that read much. "cut get" shows for all checks that an answer that cannot be judged is no finding. Other
// answers need only the checks that receive them, and other causes only some checks.
const reading = "^(envelope|lifecycle|flags|update)/"

var unreadable = []struct {
	name   string
	wanted func(*http.Request, int) bool
	change func(http.Header, []byte) []byte
	why    string
	run    string
}{
	{"cut get", isGet, long, "is larger than 20480 bytes and was not read to its end", ""},
	{"cut list", isList, long, "is larger than 20480 bytes and was not read to its end", "(list|^model|^lifecycle)"},
	{"cut create", answersTo(http.MethodPost), long, "is larger than", ""},
	{"cut update", answersTo(http.MethodPatch), long, "is larger than", "(update|^model|^concurrency)"},
	{"cut delete", answersTo(http.MethodDelete), long, "is larger than", ""},
	{"cut refusals", isRefusal, long, "is larger than", "^(required|errors|auth|strategies|update/fixed)"},
	{"deep", isGet, func(_ http.Header, body []byte) []byte {
		return with(body, `"x":`+strings.Repeat("[", 8_000)+strings.Repeat("]", 8_000))
	}, "is nested deeper than anything of this API, beyond 512 levels", reading},
	{"many values", isGet, func(_ http.Header, body []byte) []byte {
		return with(body, `"x":[`+strings.Repeat("[],", 2_000)+"1]")
	}, "has more than 2000 values", reading},
	{"a bomb", isGet, func(header http.Header, body []byte) []byte {
		header.Set("Content-Encoding", "deflate, gzip")
		return bomb
	}, `is said to have the encoding "deflate" and has not`, reading},
	{"an encoding that nobody asked for", isGet, func(header http.Header, body []byte) []byte {
		header.Set("Content-Encoding", "br")
		return body
	}, `has the encoding "br", which was not asked for and cannot be undone`, reading},
	{"a long id", answersTo(http.MethodPost), func(_ http.Header, body []byte) []byte {
		return bytes.Replace(body, []byte(`"id":"`), []byte(`"id":"`+strings.Repeat("i", 3000)), 1)
	}, "has an id of more than 2048 bytes", ""},
}

var bomb = zipped(zipped(make([]byte, 4<<20)))

func long(_ http.Header, body []byte) []byte {
	return with(body, `"x":"`+strings.Repeat("x ", 10_500)+`"`)
}

func zipped(text []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(text)
	_ = writer.Close()
	return packed.Bytes()
}

// An answer that cannot be judged is never a finding, and the run is never green.
func TestUnreadableAnswersAreNoFinding(t *testing.T) {
	for i, row := range unreadable {
		if testing.Short() && i%3 > 0 {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			target := bent(t, row.wanted, row.change)
			target.Strict, target.Run = true, row.run
			report, _, err := contract.JudgeWithin(t.Context(), target, small)
			if err != nil {
				t.Fatal(err)
			}
			if report.Verdict != contract.Inconclusive || !strings.Contains(report.Reason, row.why) {
				t.Errorf("verdict %s: %s\nthe reason should hold %q", report.Verdict, report.Reason, row.why)
			}
			if report.Counts[contract.Fail] > 0 || strings.Contains(text(t, report), "is at fault") {
				t.Error(text(t, report))
			}
		})
	}
}

// A visible secret is a finding even in an answer that cannot be judged.
func TestLeakInLongAnswerIsFound(t *testing.T) {
	t.Parallel()
	target := through(t, func(sound http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPatch {
				sound.ServeHTTP(w, r)
				return
			}
			var sent bytes.Buffer
			_, _ = sent.ReadFrom(r.Body)
			r.Body = readCloser{bytes.NewReader(sent.Bytes())}
			answer := httptest.NewRecorder()
			sound.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(answer.Code)
			_, _ = fmt.Fprintf(w, `{"x":%q,"y":%q}`, sent.String(), strings.Repeat("y ", 10_500))
		})
	})
	target.Run = "^(redaction|update|flags/update|fields/update|required/update|lifecycle)/"
	report, _, err := contract.JudgeWithin(t.Context(), target, small)
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != contract.Violates {
		t.Error(text(t, report))
	}
	for _, result := range report.Checks {
		if result.Outcome == contract.Fail && !strings.HasPrefix(result.ID, "redaction/") {
			t.Errorf("%s: %+v", result.ID, result.Findings)
		}
	}
}

// A sound server with many credentials is not accused, and does not fill the memory.
func TestManyCredentialsOfOthers(t *testing.T) {
	var others strings.Builder
	for i := range 3_000 {
		fmt.Fprintf(&others, `{"organization":118,"name":"Credential %d of others","environmentId":%q,"id":"%08d-0000-4000-8000-000000000000",`+
			`"createdAt":"2020-01-01T00:00:00.000Z","updatedAt":"2020-01-01T00:00:00.000Z","authStrategy":"OAuth_2.0_2-legged"},`,
			i, contract.DefaultEnvironment, i)
	}
	target := bent(t, isList, func(_ http.Header, body []byte) []byte {
		return bytes.Replace(body, []byte(`"credentials":[`), []byte(`"credentials":[`+strings.TrimSuffix(others.String(), ",")+comma(body)), 1)
	})
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // only a collection tells how much is held
	most, held := uint64(0), []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	target.Progress = func(int, int, contract.Result) {
		metrics.Read(held)
		most = max(most, held[0].Value.Uint64())
	}
	target.Timeout, target.Run = 10*time.Minute, "^(lifecycle|model)/" // they read lists
	if report := judge(t, target); report.Verdict != contract.Conforms {
		t.Error(text(t, report))
	}
	if most > 120<<20 {
		t.Errorf("%d MiB are held", most>>20)
	}
}

// comma returns the separator before the items of a list.
func comma(body []byte) string {
	if bytes.Contains(body, []byte(`"credentials":[]`)) {
		return ""
	}
	return ","
}

// A run keeps its budget of memory, and reports what it could not keep.
func TestRunKeepsItsMemoryBudget(t *testing.T) {
	t.Parallel()
	limits := contract.Limits{Kept: 64 << 10}
	target := targetOf(mockserver.Start(t))
	target.Run = "^(lifecycle|fields|flags)/"
	report, held, err := contract.JudgeWithin(t.Context(), target, limits)
	if err != nil {
		t.Fatal(err)
	}
	if held.Counted != held.There || held.Counted > limits.Kept {
		t.Errorf("%d bytes are counted and %d are there; the budget is %d", held.Counted, held.There, limits.Kept)
	}
	if report.Verdict != contract.Inconclusive || !strings.Contains(report.Reason, "more memory than it may have") ||
		report.Counts[contract.Fail] > 0 {
		t.Error(text(t, report))
	}
}

// A large undescribed member is not kept, and accuses nobody.
func TestLargeMemberIsNotKept(t *testing.T) {
	t.Parallel()
	target := bent(t, isGet, func(_ http.Header, body []byte) []byte {
		return with(body, `"x":[`+strings.Repeat(`{"a":1},`, 1_000)+"1]")
	})
	target.Run = "^(lifecycle|fields|flags|update|redaction)/"
	report, held, err := contract.JudgeWithin(t.Context(), target, contract.Limits{Kept: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if report.Counts[contract.Fail] > 0 || held.Counted != held.There {
		t.Errorf("%d bytes are counted and %d are there\n%s", held.Counted, held.There, text(t, report))
	}
	for _, result := range report.Checks {
		if result.Outcome == contract.Trouble && !strings.Contains(result.Reason, "too large to be written back") {
			t.Errorf("%s: %s", result.ID, result.Reason)
		}
	}
}

// A review that comes too late says so, and names the flag.
func TestLateReviewIsReported(t *testing.T) {
	t.Parallel()
	target := targetOf(mockserver.Start(t))
	for _, run := range []string{"^redaction/get/", "^strategies/listed$"} {
		reviewTooLate(t, target, run)
	}
}

func reviewTooLate(t *testing.T, target contract.Target, run string) {
	t.Helper()
	target.Run = run
	report, _, err := contract.JudgeWithin(t.Context(), target, contract.Limits{NoReview: true})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != contract.Inconclusive || report.Counts[contract.Trouble] == 0 || !strings.Contains(text(t, report), "--timeout") {
		t.Error(text(t, report))
	}
}
