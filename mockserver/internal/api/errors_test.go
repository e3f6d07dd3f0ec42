package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

func TestMalformedBodies(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	deep := func(depth int) string {
		return `{"name":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
	}
	for _, row := range []struct {
		name, body, fault string
		status            int
	}{
		{"empty", "", "empty-body", 400},
		{"blank", " \n\t ", "empty-body", 400},
		{"not JSON", "{name}", "malformed-json", 400},
		{"cut off", `{"name":"n"`, "malformed-json", 400},
		{"trailing data", mocktest.Object(mocktest.PatchBody) + ` {}`, "malformed-json", 400},
		{"trailing comma", `{"name":"n",}`, "malformed-json", 400},
		{"comment", `{"name":"n"} // x`, "malformed-json", 400},
		{"duplicate", `{"url":"a","url":"b"}`, "duplicate-member", 400},
		{"duplicate by escape", `{"url":"a","\u0075rl":"b"}`, "duplicate-member", 400},
		{"duplicate within", `{"scope":{"a":1,"a":2}}`, "duplicate-member", 400},
		{"not UTF-8", "{\"name\":\"\xff\"}", "invalid-encoding", 400},
		{"half a surrogate pair", `{"name":"\ud800"}`, "malformed-json", 400},
		{"byte order mark", "\uFEFF{}", "malformed-json", 400},
		{"null", `null`, "not-an-object", 400},
		{"array", `[]`, "not-an-object", 400},
		{"string", `"x"`, "not-an-object", 400},
		{"huge number", `{"organization":1e999}`, "number-out-of-range", 400},
		{"512 deep", deep(512), "required /grantType", 400},
		{"513 deep", deep(513), "nested-too-deep", 400},
		{"very deep", deep(100_000), "nested-too-deep", 400},
		{"at the limit", `{"name":"` + strings.Repeat("x", 1<<20-11) + `"}`, "required /grantType", 400},
		{"over the limit", `{"name":"` + strings.Repeat("x", 1<<20-10) + `"}`, "content-too-large", 413},
		{"many unknown members", `{` + mocktest.ManyMembers(60_000) + `}`, "required /grantType", 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			for method, path := range map[string]string{"PATCH": "/v1/authcredentials/" + id, "POST": "/v1/authcredentials"} {
				header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}}
				got := mock.Raw(method, mock.URL+path, header, strings.NewReader(row.body))
				fault := row.fault
				if method == "POST" && strings.HasPrefix(fault, "required") {
					fault = "required /authStrategy"
				}
				if got.Status != row.status || !slices.Contains(got.Violations(), fault) {
					t.Errorf("%s: %d %q", method, got.Status, got.Violations())
				}
			}
		})
	}
}

func TestMediaTypes(t *testing.T) {
	mock := mocktest.Start(t)
	for kind, status := range map[string]int{
		"application/json": 201, "Application/JSON": 201, "application/json; charset=utf-8": 201, "application/json;": 201,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "application/jsonp": 415, "application/problem+json": 415, "": 415,
	} {
		header := http.Header{"Authorization": {"Bearer " + mock.Token}}
		if kind != "" {
			header.Set("Content-Type", kind)
		}
		got := mock.Raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(mocktest.Object(mocktest.OAuthBody)))
		if got.Status != status {
			t.Errorf("%q: %d", kind, got.Status)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	for _, row := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/v1/nothing", 404, ""},
		{"GET", "/v1/authcredentials/" + id + "/", 404, ""},
		{"GET", "/v1/authcredentials/" + id + "/more", 404, ""},
		{"GET", "//v1/authcredentials/" + id, 404, ""},
		{"GET", "/v1/authcredentials/", 404, ""},
		{"GET", "/v1/authcredentials/..", 404, ""},
		{"GET", "/v1/authcredentials/%2e%2e%2f" + id, 404, ""},
		{"GET", "/v1/authcredentials/" + strings.ToUpper(id), 404, ""},
		{"GET", "/v1/authcredentials/" + strings.Repeat("x", 5000), 404, ""},
		{"GET", "/v1/authcredentials", 405, "POST"},
		{"PUT", "/v1/authcredentials/" + id, 405, "DELETE, GET, PATCH"},
		{"OPTIONS", "/v1/authcredentials/" + id, 405, "DELETE, GET, PATCH"},
		{"HEAD", "/v1/authcredentials/" + id, 405, "DELETE, GET, PATCH"},
		{"PATCH", "/v1/authcredentials/strategies", 405, "GET"},
		{"DELETE", "/v1/authcredentials/strategies", 405, "GET"},
		{"BREW", "/v1/authcredentials", 405, "POST"},
		{"GET", "/v1/organizations/118/environments", 200, ""},
		{"GET", "/v1/organizations/204/environments", 404, ""},
		{"GET", "/v1/organizations/0118/environments", 404, ""},
		{"GET", "/v1/organizations/x/environments", 404, ""},
		{"GET", "/v1/environments/nope/authcredentials", 404, ""},
		{"GET", "/v1/environments/" + mocktest.Elsewhere + "/authcredentials", 404, ""},
		{"GET", "/v1/environments/" + mocktest.Elsewhere + "/destinations", 404, ""},
	} {
		got := mock.Send(row.method, row.path, "")
		if got.Status != row.status || got.Header.Get("Allow") != row.allow {
			t.Errorf("%s %.60s: %d, Allow %q", row.method, row.path, got.Status, got.Header.Get("Allow"))
		}
	}
}

// Checks run in the order of the contract: a request that fails several is rejected by the first.
func TestOrderOfRefusals(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	text := http.Header{"Content-Type": {"text/plain"}}
	with := func(token string) http.Header {
		header := text.Clone()
		header.Set("Authorization", "Bearer "+token)
		return header
	}
	huge := strings.Repeat("x", 1<<20+1)
	for _, row := range []struct {
		name, method, path, body string
		header                   http.Header
		status                   int
	}{
		{"path before token", "PATCH", "/v1/nothing", "", nil, 404},
		{"method before token", "PUT", "/v1/authcredentials/" + id, "", nil, 405},
		{"token before id", "PATCH", "/v1/authcredentials/nope", huge, text, 401},
		{"role before id", "PATCH", "/v1/authcredentials/nope", huge, with(mock.ViewerToken), 403},
		{"id before media type", "PATCH", "/v1/authcredentials/nope", huge, with(mock.Token), 404},
		{"media type before size", "PATCH", "/v1/authcredentials/" + id, huge, with(mock.Token), 415},
	} {
		if got := mock.Raw(row.method, mock.URL+row.path, row.header, strings.NewReader(row.body)); got.Status != row.status {
			t.Errorf("%s: %d", row.name, got.Status)
		}
	}
}

func TestAuthentication(t *testing.T) {
	mock := mocktest.Start(t)
	for sent, status := range map[string]int{
		"Bearer dev-token": 200, "bearer dev-token": 200, "BEARER  dev-token": 200,
		"": 401, "Bearer": 401, "Bearer ": 401, "dev-token": 401, "Basic dev-token": 401, "Bearer dev-toke": 401, "Bearer dev-token ": 200,
		"Bearer dev-token x": 401, "Bearer DEV-TOKEN": 401,
	} {
		header := http.Header{}
		if sent != "" {
			header.Set("Authorization", sent)
		}
		got := mock.Raw("GET", mock.URL+"/v1/authcredentials/strategies", header, nil)
		if got.Status != status {
			t.Errorf("%q: %d", sent, got.Status)
		}
		if status == 401 && (got.Header.Get("WWW-Authenticate") != "Bearer" || !slices.Equal(got.Violations(), []string{"unauthorized"})) {
			t.Errorf("%q: %v", sent, got.Text)
		}
	}
	twice := http.Header{"Authorization": {"Bearer dev-token", "Bearer other"}}
	if got := mock.Raw("GET", mock.URL+"/v1/authcredentials/strategies", twice, nil); got.Status != 401 {
		t.Errorf("two headers: %d", got.Status)
	}
	// The answer to an unauthenticated request does not depend on the body.
	a := mock.As("nope", "POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody))
	b := mock.As("nope", "POST", "/v1/authcredentials", `{`)
	if a.Text != b.Text || a.Status != 401 {
		t.Error("a 401 depends on the body")
	}
}

func TestPrincipals(t *testing.T) {
	mock := mocktest.Start(t)
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	paths := []string{"/v1/authcredentials/" + id, "/v1/destinations/" + mocktest.Inbox,
		"/v1/environments/" + mocktest.Development + "/authcredentials",
		"/v1/environments/" + mocktest.Development + "/destinations", "/v1/organizations/118/environments"}
	for _, path := range paths {
		if got := mock.As(mock.ViewerToken, "GET", path, ""); got.Status != 200 {
			t.Errorf("the viewer cannot read %s: %d", path, got.Status)
		}
		if got := mock.As(mock.OtherToken, "GET", path, ""); got.Status != 404 {
			t.Errorf("another organization reads %s: %d", path, got.Status)
		}
	}
	writes := []struct{ method, path, body string }{
		{"POST", "/v1/authcredentials", mocktest.Object(mocktest.OAuthBody)},
		{"PATCH", "/v1/authcredentials/" + id, mocktest.Object(mocktest.PatchBody)},
		{"POST", "/v1/environments/" + mocktest.Development + "/destinations", `{"name":"d"}`},
		{"PATCH", "/v1/destinations/" + mocktest.Inbox, `{}`},
		{"POST", "/v1/destinations/" + mocktest.Inbox + "/verify", ""},
		{"DELETE", "/v1/destinations/" + mocktest.Inbox, ""},
		{"DELETE", "/v1/authcredentials/" + id, ""},
	}
	for _, write := range writes {
		if got := mock.As(mock.ViewerToken, write.method, write.path, write.body); got.Status != 403 ||
			!slices.Equal(got.Violations(), []string{"forbidden"}) {
			t.Errorf("the viewer: %s %s: %d", write.method, write.path, got.Status)
		}
		want := 404
		if write.path == "/v1/authcredentials" {
			want = 400
		}
		if got := mock.As(mock.OtherToken, write.method, write.path, write.body); got.Status != want {
			t.Errorf("another organization: %s %s: %d", write.method, write.path, got.Status)
		}
	}
	mine := mocktest.Object(mocktest.OAuthBody, mocktest.Members{"environmentId": mocktest.Elsewhere, "organization": 204})
	if got := mock.As(mock.OtherToken, "POST", "/v1/authcredentials", mine); got.Status != 201 || got.Payload()["organization"] != 204.0 {
		t.Errorf("another organization at home: %d %s", got.Status, got.Text)
	}
	mock.Get(id)
}

func TestHealth(t *testing.T) {
	mock := mocktest.Start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := mock.Raw("GET", strings.TrimSuffix(mock.URL, "/platform")+path, nil, nil); got.Status != 200 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}

// A syntax error is located by line and column, or by offset in a body of one line.
func TestJSONSyntaxErrorsAreLocated(t *testing.T) {
	mock := mocktest.Start(t)
	for body, want := range map[string]string{
		"{name}":                             "at byte 2.",
		"{\n  \"name\": \"n\",\n  url: 1\n}": "at line 3, column 3.",
		"{\n  \"name\": 1,\n  \"name\": 2}":  "at line 3, column 3;",
		"{\"name\": 1e999}\n":                "at byte 9 ",
	} {
		got := mock.Send("POST", "/v1/authcredentials", body)
		if got.Status != 400 || !strings.Contains(got.Text, want) {
			t.Errorf("%q: %d %s", body, got.Status, got.Text)
		}
	}
}

// A byte order mark is invisible, so the refusal names it, wherever the mock reads JSON.
func TestByteOrderMarkIsNamed(t *testing.T) {
	mock := mocktest.Start(t)
	for name, got := range map[string]mocktest.Result{
		"body":         mock.Send("POST", "/v1/authcredentials", "\ufeff"+mocktest.Object(mocktest.OAuthBody)),
		"instructions": mock.Operate("POST", "faults", "\ufeff{}"),
		"state":        mock.Operate("PUT", "state", "\ufeff"+mock.Operate("GET", "state", "").Text),
	} {
		if got.Status != 400 || !strings.Contains(got.Text, "begins with a byte order mark") {
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		}
	}
}
