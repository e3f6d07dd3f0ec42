package mockserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestMalformedBodies(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody))
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
		{"trailing data", object(patchBody) + ` {}`, "malformed-json", 400},
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
		{"many unknown members", `{` + manyMembers(60_000) + `}`, "required /grantType", 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			for method, path := range map[string]string{"PATCH": "/v1/authcredentials/" + id, "POST": "/v1/authcredentials"} {
				header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}}
				got := mock.raw(method, mock.URL+path, header, strings.NewReader(row.body))
				fault := row.fault
				if method == "POST" && strings.HasPrefix(fault, "required") {
					fault = "required /authStrategy"
				}
				if got.status != row.status || !slices.Contains(got.faults(), fault) {
					t.Errorf("%s: %d %q", method, got.status, got.faults())
				}
			}
		})
	}
}

func manyMembers(number int) string {
	members := make([]string, number)
	for i := range members {
		members[i] = `"k` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/700) + `":1`
	}
	slices.Sort(members)
	return strings.Join(slices.Compact(members), ",")
}

func TestMediaTypes(t *testing.T) {
	mock := start(t)
	for kind, status := range map[string]int{
		"application/json": 201, "Application/JSON": 201, "application/json; charset=utf-8": 201, "application/json;": 201,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "application/jsonp": 415, "application/problem+json": 415, "": 415,
	} {
		header := http.Header{"Authorization": {"Bearer " + mock.Token}}
		if kind != "" {
			header.Set("Content-Type", kind)
		}
		got := mock.raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(object(oauthBody)))
		if got.status != status {
			t.Errorf("%q: %d", kind, got.status)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody))
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
		{"GET", "/v1/environments/" + elsewhere + "/authcredentials", 404, ""},
		{"GET", "/v1/environments/" + elsewhere + "/destinations", 404, ""},
	} {
		got := mock.send(row.method, row.path, "")
		if got.status != row.status || got.header.Get("Allow") != row.allow {
			t.Errorf("%s %.60s: %d, Allow %q", row.method, row.path, got.status, got.header.Get("Allow"))
		}
	}
}

// Each refusal comes before the next one is looked for, in the order of the contract.
func TestOrderOfRefusals(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody))
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
		if got := mock.raw(row.method, mock.URL+row.path, row.header, strings.NewReader(row.body)); got.status != row.status {
			t.Errorf("%s: %d", row.name, got.status)
		}
	}
}

func TestAuthentication(t *testing.T) {
	mock := start(t)
	for sent, status := range map[string]int{
		"Bearer dev-token": 200, "bearer dev-token": 200, "BEARER  dev-token": 200,
		"": 401, "Bearer": 401, "Bearer ": 401, "dev-token": 401, "Basic dev-token": 401, "Bearer dev-toke": 401, "Bearer dev-token ": 200, "Bearer dev-token x": 401, "Bearer DEV-TOKEN": 401,
	} {
		header := http.Header{}
		if sent != "" {
			header.Set("Authorization", sent)
		}
		got := mock.raw("GET", mock.URL+"/v1/authcredentials/strategies", header, nil)
		if got.status != status {
			t.Errorf("%q: %d", sent, got.status)
		}
		if status == 401 && (got.header.Get("WWW-Authenticate") != "Bearer" || !slices.Equal(got.faults(), []string{"unauthorized"})) {
			t.Errorf("%q: %v", sent, got.text)
		}
	}
	twice := http.Header{"Authorization": {"Bearer dev-token", "Bearer other"}}
	if got := mock.raw("GET", mock.URL+"/v1/authcredentials/strategies", twice, nil); got.status != 401 {
		t.Errorf("two headers: %d", got.status)
	}
	// A refused caller learns nothing of the body.
	a := mock.as("nope", "POST", "/v1/authcredentials", object(oauthBody))
	b := mock.as("nope", "POST", "/v1/authcredentials", `{`)
	if a.text != b.text || a.status != 401 {
		t.Error("a 401 depends on the body")
	}
}

func TestPrincipals(t *testing.T) {
	mock := start(t)
	id := mock.create(object(oauthBody))
	paths := []string{"/v1/authcredentials/" + id, "/v1/destinations/" + inbox, "/v1/environments/" + development + "/authcredentials",
		"/v1/environments/" + development + "/destinations", "/v1/organizations/118/environments"}
	for _, path := range paths {
		if got := mock.as(mock.ViewerToken, "GET", path, ""); got.status != 200 {
			t.Errorf("the viewer cannot read %s: %d", path, got.status)
		}
		if got := mock.as(mock.OtherToken, "GET", path, ""); got.status != 404 {
			t.Errorf("another organization reads %s: %d", path, got.status)
		}
	}
	writes := []struct{ method, path, body string }{
		{"POST", "/v1/authcredentials", object(oauthBody)},
		{"PATCH", "/v1/authcredentials/" + id, object(patchBody)},
		{"POST", "/v1/environments/" + development + "/destinations", `{"name":"d"}`},
		{"PATCH", "/v1/destinations/" + inbox, `{}`},
		{"POST", "/v1/destinations/" + inbox + "/verify", ""},
		{"DELETE", "/v1/destinations/" + inbox, ""},
		{"DELETE", "/v1/authcredentials/" + id, ""},
	}
	for _, write := range writes {
		if got := mock.as(mock.ViewerToken, write.method, write.path, write.body); got.status != 403 || !slices.Equal(got.faults(), []string{"forbidden"}) {
			t.Errorf("the viewer: %s %s: %d", write.method, write.path, got.status)
		}
		want := 404
		if write.path == "/v1/authcredentials" {
			want = 400
		}
		if got := mock.as(mock.OtherToken, write.method, write.path, write.body); got.status != want {
			t.Errorf("another organization: %s %s: %d", write.method, write.path, got.status)
		}
	}
	mine := object(oauthBody, members{"environmentId": elsewhere, "organization": 204})
	if got := mock.as(mock.OtherToken, "POST", "/v1/authcredentials", mine); got.status != 201 || got.payload()["organization"] != 204.0 {
		t.Errorf("another organization at home: %d %s", got.status, got.text)
	}
	mock.get(id)
}

func TestHealth(t *testing.T) {
	mock := start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := mock.raw("GET", strings.TrimSuffix(mock.URL, "/platform")+path, nil, nil); got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// Where JSON goes wrong is told as an editor tells it, and without lines by the byte.
func TestWhereJSONGoesWrong(t *testing.T) {
	mock := start(t)
	for body, want := range map[string]string{
		"{name}":                             "at byte 2.",
		"{\n  \"name\": \"n\",\n  url: 1\n}": "at line 3, column 3.",
		"{\n  \"name\": 1,\n  \"name\": 2}":  "at line 3, column 3;",
		"{\"name\": 1e999}\n":                "at byte 9 ",
	} {
		got := mock.send("POST", "/v1/authcredentials", body)
		if got.status != 400 || !strings.Contains(got.text, want) {
			t.Errorf("%q: %d %s", body, got.status, got.text)
		}
	}
}
