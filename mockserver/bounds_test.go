package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// edited returns the document with every old replaced.
func edited(t *testing.T, old, replacement string) *credmock.Spec {
	t.Helper()
	text := string(credmock.Document())
	if !strings.Contains(text, old) {
		t.Fatalf("the document has no %q", old)
	}
	spec, err := credmock.Load([]byte(strings.ReplaceAll(text, old, replacement)))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// A body with a million violations uses bounded memory and gets a short answer.
func TestInvalidBodiesUseBoundedMemory(t *testing.T) {
	plainArray := edited(
		t,
		"oneOf:\n            - {type: string, nullable: true, example: builder@project.iam.gserviceaccount.com}\n      "+
			"      - {type: array, items: {type: string}}",
		"type: array\n          items: {type: string}",
	)
	body := func(name, items string) string {
		return `{"name":"n","authStrategy":"GoogleWIF","environmentId":"` + mocktest.Development + `","audience":"a","token_url":"b","` + name +
			`":[` + items + `]}`
	}
	for name, row := range map[string]struct {
		spec *credmock.Spec
		body string
		want string
	}{
		"numbers": {nil, body("delegates", strings.Repeat("1,", 520_000)+"1"), "delegates must be a string or an array of strings."},
		"lists":   {nil, body("delegates", strings.Repeat("[],", 340_000)+"1"), "delegates must be a string or an array of strings."},
		"objects": {nil, body("scope", strings.Repeat("{},", 340_000)+"1"), "scope must be a string or an array of strings."},
		"plain array": {plainArray, body("delegates", strings.Repeat("1,", 520_000)+"1"),
			"Only the first 20 mistakes are listed here; there are 519981 more."},
		"lists in an array": {plainArray, body("delegates", strings.Repeat("[],", 340_000)+"1"),
			"Only the first 20 mistakes are listed here; there are 339981 more."},
		"unknown members": {nil,
			`{"name":"n","environmentId":"` + mocktest.Development + `","grantType":"client_credentials","url":"u",` +
				mocktest.ManyMembers(60_000) + `}`, "members that are not known here"},
		"members in a value": {nil, body("delegates", `{`+mocktest.ManyMembers(60_000)+`}`),
			"delegates must be a string or an array of strings."},
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			allocated := mocktest.Direct(
				t,
				mocktest.New(t, mockserver.Options{Spec: row.spec}),
				answer,
				"POST",
				"/platform/v1/authcredentials",
				row.body,
			)
			if answer.Code != 400 || answer.Body.Len() > 8<<10 || !strings.Contains(answer.Body.String(), row.want) {
				t.Errorf("%d with %d bytes: %.2000s", answer.Code, answer.Body.Len(), answer.Body)
			}
			if allocated > 128<<20 {
				t.Errorf("allocated %d bytes", allocated)
			}
		})
	}
}

func TestUnshowableRecordsAreNotStored(t *testing.T) {
	shown := edited(
		t,
		"    CredentialShown:\n      x-evidence: documented\n      allOf:\n        - $ref: "+
			"'#/components/schemas/CredentialMetadata'\n",
		"    CredentialShown:\n      x-evidence: documented\n      allOf:\n        - $ref: '#/components/schemas/CredentialMetadata'\n      "+
			"properties:\n        name: {type: string, x-role: name, maxLength: 20}\n",
	)
	listed := edited(
		t,
		"    CredentialListItem:\n      x-evidence: documented\n      allOf:\n        - $ref: "+
			"'#/components/schemas/CredentialMetadata'\n",
		"    CredentialListItem:\n      x-evidence: documented\n      allOf:\n        - $ref: '#/components/schemas/CredentialMetadata'\n     "+
			" properties:\n        name: {type: string, x-role: name, maxLength: 20}\n",
	)
	for name, spec := range map[string]*credmock.Spec{"shown": shown, "listed": listed} {
		t.Run(name, func(t *testing.T) { rejectsUnshowable(t, spec) })
	}
}

// rejectsUnshowable checks that no write stores a name that the document cannot show.
func rejectsUnshowable(t *testing.T, spec *credmock.Spec) {
	t.Helper()
	mock := mocktest.New(t, mockserver.Options{Spec: spec})
	ask := func(method, path, body string) (int, string) {
		answer := httptest.NewRecorder()
		mocktest.Direct(t, mock, answer, method, path, body)
		return answer.Code, answer.Body.String()
	}
	list := "/platform/v1/environments/" + mocktest.Development + "/authcredentials"
	_, empty := ask("GET", list, "")
	if status, text := ask("POST", "/platform/v1/authcredentials",
		mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "a name that is far too long"})); status != 500 ||
		!strings.Contains(text, "/payload/name") {
		t.Errorf("create: %d %s", status, text)
	}
	if status, text := ask("GET", list, ""); status != 200 || text != empty {
		t.Errorf("failed create stored a record: %d %s", status, text)
	}
	ask("POST", "/platform/v1/authcredentials", mocktest.Object(mocktest.OAuthBody, mocktest.Members{"name": "n"}))
	_, one := ask("GET", list, "")
	id := one[strings.Index(one, `"id":"`)+6:][:36]
	if status, _ := ask("PATCH", "/platform/v1/authcredentials/"+id,
		mocktest.Object(mocktest.PatchBody, mocktest.Members{"name": "a name that is far too long"})); status != 500 {
		t.Errorf("update: %d", status)
	}
	if status, text := ask("GET", list, ""); status != 200 || text != one {
		t.Errorf("failed update changed the record: %d %s", status, text)
	}
	_, state := ask("GET", "/__admin/state?secrets=true", "")
	if status, text := ask("PUT", "/__admin/state",
		strings.Replace(state, `"name": "n"`, `"name": "a name that is far too long"`, 1)); status != 400 ||
		!strings.Contains(text, "/credentials/0/name") {
		t.Errorf("import: %d %s", status, text)
	}
	_, err := mockserver.New(mockserver.Options{Spec: spec,
		Fixtures: []byte(strings.Replace(mocktest.OwnFixtures, "name: c,", "name: a name that is far too long,", 1))})
	if err == nil || !strings.Contains(err.Error(), "line 9: /organizations/0/environments/0/credentials/0/name") {
		t.Errorf("fixtures: %v", err)
	}
}

func TestClockRejectsTimesOutOfRange(t *testing.T) {
	mock := mocktest.Start(t)
	for _, row := range []struct{ body, violation string }{
		{`{"set":"0001-01-01T00:00:00Z","frozen":true}`, "time-out-of-range /set"},
		{`{"set":"1969-12-31T23:59:59Z"}`, "time-out-of-range /set"},
		{`{"set":"1970-01-01T00:00:00+00:01"}`, "time-out-of-range /set"},
		{`{"set":"9999-12-31T23:59:59-00:01"}`, "time-out-of-range /set"},
		{`{"set":"0000-01-01T00:00:00Z","advance":"-1h"}`, "time-out-of-range /set"},
		{`{"set":"9999-12-31T23:59:59Z","advance":"1h"}`, "time-out-of-range /advance"},
		{`{"set":"9999-12-31T23:59:59Z","advance":"1s","frozen":true}`, "time-out-of-range /advance"},
		{`{"set":"1970-01-01T00:00:00Z","advance":"-1ns"}`, "time-out-of-range /advance"},
		{`{"advance":"2562047h"}`, ""}, {`{"advance":"-2562047h"}`, ""},
		{`{"advance":"-2562047h"}`, "time-out-of-range /advance"},
		{`{"advance":"2562048h"}`, "invalid-duration /advance"},
		{`{"set":""}`, "invalid-time /set"}, {`{"advance":""}`, "invalid-duration /advance"},
		{`{"frozen":"yes"}`, "type /frozen"}, {`{"forzen":true}`, "unknown-member"}, {`null`, "type"}, {`[]`, "type"},
		{`{"frozen":true,"frozen":false}`, "duplicate-member"},
	} {
		before := mock.Operate("GET", "clock", "").Body["frozen"]
		got := mock.Operate("POST", "clock", row.body)
		if row.violation == "" && got.Status != 200 || row.violation != "" && !slices.Equal(got.Violations(), []string{row.violation}) {
			t.Errorf("%s: %d %s", row.body, got.Status, got.Text)
		}
		if after := mock.Operate("GET", "clock", "").Body["frozen"]; after != before {
			t.Errorf("%s changed the clock", row.body)
		}
	}
}

// A clock that reaches the end of its range stops there, and records created then can be shown.
func TestClockStopsAtEndOfRange(t *testing.T) {
	mock := mocktest.Start(t)
	for _, body := range []string{`{"set":"9999-12-31T23:59:59.998Z"}`, `{"set":"9999-12-31T23:59:59.999Z","frozen":true}`,
		`{"frozen":false}`, `{"set":"1970-01-01T00:00:00Z","frozen":true}`} {
		set := mock.Operate("POST", "clock", body)
		if now, _ := set.Body["now"].(string); set.Status != 200 || !strings.HasPrefix(now, "9999-12-31T23:59:59.99") &&
			!strings.HasPrefix(now, "1970-01-01T00:00:00") {
			t.Errorf("%s: %s", body, set.Text)
		}
		id := mock.Create(mocktest.Object(mocktest.OAuthBody))
		mock.Get(id)
		if got := mock.Send("PATCH", "/v1/authcredentials/"+id, mocktest.Object(mocktest.PatchBody)); got.Status != 200 {
			t.Errorf("%s: %s", body, got.Text)
		}
	}
	if got := mock.Operate("POST", "clock", `{"set":"9000-01-01T00:00:00Z","frozen":false}`); got.Body["frozen"] != false ||
		!strings.HasPrefix(got.Body["now"].(string), "9000-01-01T00:00:0") || !strings.HasPrefix(got.Body["ahead"].(string), "6") {
		t.Error(got.Text)
	}
	if got := mock.Send("GET", "/v1/environments/"+mocktest.Development+"/authcredentials", ""); got.Status != 200 {
		t.Error(got.Text)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	mock := mocktest.Start(t)
	for i := range 1000 {
		if got := mock.Operate("POST", "faults", `{"status":503,"times":1,"operations":["listAuthStrategies"]}`); got.Status != 201 {
			t.Fatalf("fault %d: %d %s", i+1, got.Status, got.Text)
		}
	}
	if got := mock.Operate("POST", "faults", `{"status":503}`); got.Status != 409 ||
		!slices.Equal(got.Violations(), []string{"too-many-faults"}) {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	for range 1000 {
		if got, _, _ := mocktest.Answered(t, mock, http.Header{}); got.StatusCode != 503 {
			t.Fatal("the fault is not injected")
		}
	}
	if got, _, _ := mocktest.Answered(t, mock, http.Header{}); got.StatusCode != 200 {
		t.Error("a used-up fault is injected")
	}
	mock.Operate("DELETE", "faults/500", "")
	if got := mock.Operate("POST", "faults", `{"status":500}`); got.Status != 201 || got.Body["id"] != 1001.0 {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if got, _, _ := mocktest.Answered(t, mock, http.Header{}); got.StatusCode != 500 {
		t.Error("the last fault is not injected")
	}
	for body, want := range map[string]string{
		`{"status":500,"operations":[` + strings.Repeat(`"getAuthCredential",`, 1000) + `"getAuthCredential"]}`: "/operations",
		`{"status":500,"methods":[` + strings.Repeat(`"GET",`, 100_000) + `"GET"]}`:                             "/methods",
		`{"status":500,"times":1000000001}`:           "/times",
		`{"status":500,"times":99999999999999999999}`: "type /times",
		`{"status":429,"retryAfter":31536001}`:        "/retryAfter",
		`{"delay":"9999999h"}`:                        "/delay",
		`{"delay":"1s","delayMax":"61s"}`:             "/delayMax",
	} {
		if got := mock.Operate("POST", "faults", body); got.Status != 400 || len(got.Text) > 4096 ||
			!strings.Contains(strings.Join(got.Violations(), " "), want) {
			t.Errorf("%.60s: %d %.500s", body, got.Status, got.Text)
		}
	}
	text := mocktest.OwnFixtures + "faults:\n" + strings.Repeat("  - {status: 503}\n", 1001)
	if _, err := mockserver.New(mockserver.Options{Fixtures: []byte(text)}); err == nil ||
		!strings.Contains(err.Error(), "/faults/1000: there may be 1000 faults at most") {
		t.Errorf("%v", err)
	}
}

// A long list is streamed record by record in constant memory.
func TestLongListsAreStreamed(t *testing.T) {
	mock := mocktest.New(t, mockserver.Options{})
	for range 10_000 {
		mockserver.Create(mock, mocktest.Object(mocktest.OAuthBody))
	}
	for path, most := range map[string]uint64{
		"/platform/v1/environments/" + mocktest.Development + "/authcredentials": 1 << 20,
	} {
		answer := &mocktest.Discarded{To: io.Discard}
		allocated := mocktest.Direct(t, mock, answer, "GET", path, "")
		if answer.Status != 200 || answer.Length < 2<<20 || allocated > most {
			t.Errorf("%s: status %d, %d bytes, allocated %d", path, answer.Status, answer.Length, allocated)
		}
	}
	answer := &mocktest.Discarded{To: io.Discard}
	if mocktest.Direct(t, mock, answer, "GET", "/__admin/state", ""); answer.Status != 200 || answer.Length < 4<<20 {
		t.Errorf("state: %d with %d bytes", answer.Status, answer.Length)
	}
}

// Lists on both sides of the streaming bound look the same, take the same faults and appear in the journal.
func TestStreamedAndBufferedListsMatch(t *testing.T) {
	mock := mocktest.Start(t)
	list := "/v1/environments/" + mocktest.Development + "/authcredentials"
	for count := range 102 {
		got := mock.Send("GET", list, "")
		items, _ := got.Payload()["credentials"].([]any)
		if got.Status != 200 || len(items) != count {
			t.Fatalf("%d of %d: %.300s", len(items), count, got.Text)
		}
		mock.Create(mocktest.Object(mocktest.OAuthBody))
	}
	sound := mock.Send("GET", list, "").Text
	mockserver.PauseNever(mock.Server)
	for fault, want := range map[string]string{
		`{"breakage":"truncated","times":1}`: sound[:len(sound)/2], `{"breakage":"malformed","times":1}`: sound[:len(sound)*2/3],
		`{"breakage":"slow","times":1}`: sound, `{"delay":"1ms","times":1}`: sound,
	} {
		mock.Operate("POST", "faults", fault)
		if got := mock.CutOff("GET", list); got != want {
			t.Errorf("%s: %d bytes, not %d", fault, len(got), len(want))
		}
	}
	for _, one := range mock.Journal("?operation=listAuthCredentials&limit=1") {
		if bytes := one["response"].(mocktest.Members)["bytes"]; bytes != float64(len(sound)) {
			t.Errorf("the journal says %v bytes, not %d", bytes, len(sound))
		}
	}
}
