package mockserver_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

const (
	clientSecret = "cnry|S3cr'et&1"
	password     = "cnry|P4ss word"
)

// everything is a credential with every field that a token request can have.
var everything = members{
	"clientId": "lab", "clientSecret": clientSecret, "username": "ann", "password": password, "scopes": "a b",
	"audience": "https://aud.example.com", "resource": "https://res.example.com", "customFieldName": "tenant", "customFieldValue": "t=1",
}

// admin asks the mock's own surface.
func (a *api) admin(method, path string) result {
	a.t.Helper()
	return a.raw(method, strings.TrimSuffix(a.URL, "/platform")+"/__admin/"+path, http.Header{}, nil)
}

// describe creates a credential and returns the token request that it describes.
func (a *api) describe(query string, parts ...members) (id string, got result) {
	a.t.Helper()
	id = a.create(object(append([]members{oauthBody}, parts...)...))
	got = a.admin("POST", "credentials/"+id+"/token-request"+query)
	return id, got
}

func (r result) described(t *testing.T) (headers, body members) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("%d: %s", r.status, r.text)
	}
	request := r.body["request"].(members)
	return request["headers"].(members), request["body"].(members)
}

func TestTheTokenRequestThatACredentialDescribes(t *testing.T) {
	mock := start(t)
	const masked = "[masked]"
	for _, row := range []struct {
		name   string
		fields members
		query  string
		body   members // as shown
		basic  bool
	}{
		{"nothing but what is required", nil, "", members{"grant_type": "client_credentials"}, false},
		{"everything", everything, "", members{"grant_type": "client_credentials", "client_id": "lab", "client_secret": masked,
			"username": "ann", "password": masked, "scope": "a b", "audience": "https://aud.example.com",
			"resource": "https://res.example.com", "tenant": "t=1"}, true},
		{"other names", members{"clientId": "lab", "clientSecret": clientSecret, "grantTypeName": "grantType", "clientIdName": "appId", "clientSecretName": "appKey"}, "",
			members{"grantType": "client_credentials", "appId": "lab", "appKey": masked}, true},
		{"no Basic", members{"clientId": "lab", "clientSecret": clientSecret, "noBasic": "true"}, "",
			members{"grant_type": "client_credentials", "client_id": "lab", "client_secret": masked}, false},
		{"noBasic is another word", members{"clientId": "lab", "noBasic": "yes"}, "", members{"grant_type": "client_credentials", "client_id": "lab"}, true},
		{"no identity in the form", members{"clientId": "lab", "clientSecret": clientSecret, "basicNoForm": true, "scopes": "a"}, "",
			members{"grant_type": "client_credentials", "scope": "a"}, true},
		{"a custom value without a name", members{"customFieldValue": "v"}, "", members{"grant_type": "client_credentials"}, false},
		{"refresh", everything, "?grant=refresh", members{"grant_type": "refresh_token", "refresh_token": masked, "client_id": "lab", "client_secret": masked,
			"scope": "a b", "audience": "https://aud.example.com", "resource": "https://res.example.com", "tenant": "t=1"}, true},
		{"refresh, other names", members{"refreshGrantType": "refresh", "refreshTokenName": "refreshToken"}, "?grant=refresh",
			members{"grant_type": "refresh", "refreshToken": masked}, false},
	} {
		for _, media := range []string{"", "application/json", "application/x-www-form-urlencoded; charset=utf-8"} {
			t.Run(row.name+" "+media, func(t *testing.T) {
				part := members{}
				if media != "" {
					part["contentType"] = media
				}
				_, got := mock.describe(row.query, row.fields, part)
				headers, body := got.described(t)
				if fmt.Sprint(body) != fmt.Sprint(row.body) {
					t.Errorf("the body is %v, owed %v", body, row.body)
				}
				if headers["Authorization"] != nil != row.basic {
					t.Errorf("the headers are %v", headers)
				}
				if owed := part["contentType"]; owed != nil && headers["Content-Type"] != owed {
					t.Errorf("the headers are %v", headers)
				}
				hidesSecrets(t, got.text)
			})
		}
	}
}

func hidesSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{clientSecret, password, "S3cr", "P4ss", "bGFiOm"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is shown in %s", secret, text)
		}
	}
}

// The line for curl sends what the mock itself would send.
func TestTheCurlLineSendsTheSame(t *testing.T) {
	needs(t, "curl", "the line for curl is run")
	mock := start(t)
	var seen []string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		id, secret, _ := r.BasicAuth()
		decoded := map[string]any{}
		if r.Header.Get("Content-Type") == "application/json" {
			_ = json.Unmarshal(body, &decoded)
		} else {
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			_ = r.ParseForm()
			for name := range r.PostForm {
				decoded[name] = r.PostForm.Get(name)
			}
		}
		seen = append(seen, fmt.Sprint(r.Method, r.URL, r.Header.Get("Accept"), r.Header.Get("Content-Type"), id, secret, decoded))
	}))
	defer endpoint.Close()
	for _, media := range []string{"application/json", "application/x-www-form-urlencoded"} {
		seen = nil
		_, got := mock.describe("?send=true", everything, members{"url": endpoint.URL + "/t?x=1&y=it's", "contentType": media})
		got.described(t)
		shell := exec.Command("bash", "-c", got.body["curl"].(string))
		shell.Env = append(os.Environ(), "CLIENT_SECRET="+clientSecret, "PASSWORD="+password)
		if output, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		if len(seen) != 2 || seen[0] != seen[1] || !strings.Contains(seen[0], clientSecret) {
			t.Errorf("the mock and curl sent\n%s", strings.Join(seen, "\n"))
		}
	}
}

func TestACredentialThatDescribesNoTokenRequest(t *testing.T) {
	mock := start(t)
	aws := mock.admin("POST", "credentials/"+mock.create(object(awsBody))+"/token-request")
	if aws.status != http.StatusUnprocessableEntity || !strings.Contains(aws.text, "describes no token request") {
		t.Errorf("%d: %s", aws.status, aws.text)
	}
	for _, fields := range []members{{"url": "auth.example.com"}, {"url": "ftp://auth.example.com"}, {"url": "https://u:p@auth.example.com"}, {"contentType": "text/xml"}, {"contentType": "/"}} {
		if _, got := mock.describe("", fields); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d: %s", fields, got.status, got.text)
		}
	}
	if got := mock.admin("POST", "credentials/nobody/token-request"); got.status != http.StatusNotFound {
		t.Errorf("%d: %s", got.status, got.text)
	}
	for _, query := range []string{"?sent=true", "?send=yes", "?send=true&send=true", "?grant=x"} {
		if _, got := mock.describe(query); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d: %s", query, got.status, got.text)
		}
	}
	if _, got := mock.describe("?send=true&grant=refresh"); got.status != http.StatusConflict {
		t.Errorf("%d: %s", got.status, got.text)
	}
}

func TestTheAnswerOfATokenEndpointIsReadByItsNames(t *testing.T) {
	mock := start(t, mockserver.Options{Clock: fixedClock})
	answer, kind, status := "", "application/json", 200
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer endpoint.Close()
	const token = "cnry-token"
	for _, row := range []struct {
		name, answer string
		status       int
		fields       members
		want         string
	}{
		{"usual names", `{"access_token":"cnry-token","expires_in":60}`, 200, nil, `"accessToken":"[masked]","accessTokenFrom":"access_token","expiresFrom":"expires_in","expiresInSeconds":60,"status":200`},
		{"own names", `{"accessToken":"cnry-token","expires":"90"}`, 200, members{"accessTokenName": "accessToken", "expiresFieldName": "expires"}, `"expiresFrom":"expires","expiresInSeconds":90`},
		{"a moment", `{"access_token":"cnry-token","expires_in":1768469460}`, 200, nil, `"expiresInSeconds":60`},
		{"a moment in words", `{"access_token":"cnry-token","expires_in":"2026-01-15T09:31:00Z"}`, 200, nil, `"expiresInSeconds":60`},
		{"the default", `{"access_token":"cnry-token"}`, 200, members{"defaultExpirationSeconds": "3600"}, `"expiresFrom":"defaultExpirationSeconds","expiresInSeconds":3600`},
		{"no life at all", `{"access_token":"cnry-token"}`, 200, nil, `"note":"Nothing says how long`},
		{"another name", `{"token":"cnry-token"}`, 200, nil, `"fault":"The answer has no text under the name that accessTokenName gives`},
		{"refused", `{"error":"invalid_client","error_description":"cnry-token"}`, 401, nil, `"error":"invalid_client","fault":"The endpoint refuses."`},
		{"refused with a secret", `{"error":"cnry-token"}`, 400, nil, `"fault":"The endpoint refuses.","status":400`},
		{"no JSON", `cnry-token`, 200, nil, `"fault":"The answer is no JSON object."`},
		{"an array", `["cnry-token"]`, 200, nil, `"fault":"The answer is no JSON object."`},
		{"too large", `"` + strings.Repeat("x", 65<<10), 200, nil, `"fault":"The answer is too large`},
		{"a redirect", `{}`, 307, nil, `"fault":"The endpoint redirects`},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer, status = row.answer, row.status
			_, got := mock.describe("?send=true", members{"url": endpoint.URL, "clientId": "lab"}, row.fields)
			got.described(t)
			read, err := json.Marshal(got.body["answer"])
			if err != nil || !strings.Contains(string(read), row.want) {
				t.Errorf("read %s, owed %s", read, row.want)
			}
			if strings.Contains(got.text, token) {
				t.Errorf("the token is shown: %s", got.text)
			}
		})
	}
}

func TestTheMockCallsLoopbackAlone(t *testing.T) {
	called := false
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { called = true }))
	defer endpoint.Close()
	mock := start(t)
	t.Setenv("HTTP_PROXY", endpoint.URL)
	for _, address := range []string{"http://192.0.2.7:1/t", "http://0.0.0.0" + endpoint.URL[strings.LastIndex(endpoint.URL, ":"):], "http://169.254.169.254/t", "http://[fe80::1]/t", "http://[2001:db8::1]/t"} {
		_, got := mock.describe("?send=true", members{"url": address})
		if got.status != http.StatusForbidden || !strings.Contains(got.text, "--allow-outbound") {
			t.Errorf("%s: %d: %s", address, got.status, got.text)
		}
	}
	allowing := start(t, mockserver.Options{AllowOutbound: []string{"169.254.169.254", "0.0.0.0"}})
	for _, host := range []string{"169.254.169.254", "0.0.0.0"} {
		if _, got := allowing.describe("?send=true", members{"url": "http://" + host + ":9/t"}); got.status != http.StatusForbidden {
			t.Errorf("%s, although allowed: %d: %s", host, got.status, got.text)
		}
	}
	if called {
		t.Error("the mock used a proxy, or an address that is none")
	}
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	if _, got := mock.describe("?send=true", members{"url": refused.URL}); got.status != 200 || fmt.Sprint(got.body["answer"]) != "map[fault:Nobody listens at the token endpoint.]" {
		t.Errorf("nobody listens: %d %s", got.status, got.text)
	}
}

// What the mock's own authorization server finds to differ is told to who sent the request; of another one nothing is repeated.
func TestWhatDiffersIsTold(t *testing.T) {
	mock := start(t)
	own := strings.TrimSuffix(mock.URL, "/platform") + "/__sessions/nobodys/__oauth/token"
	if _, got := mock.describe("?send=true", members{"url": own}); strings.Contains(got.text, "differences") {
		t.Errorf("there is no such session: %s", got.text)
	}
	mock.operate("POST", "sessions", `{"name":"mine"}`) // which has no credential
	own = mock.at("mine") + "/__oauth/token"
	if _, got := mock.describe("?send=true", members{"url": own}); !strings.Contains(got.text, `"differences"`) || !strings.Contains(got.text, "client id") {
		t.Errorf("nothing says what differs: %s", got.text)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client","differences":["cnry-token"]}`))
	}))
	defer other.Close()
	if _, got := mock.describe("?send=true", members{"url": other.URL + "/__oauth/token"}); strings.Contains(got.text, "cnry-token") {
		t.Errorf("the answer of another server is repeated: %s", got.text)
	}
}

// echoes answers a token request with whatever came in, in every place and form that an answer has.
func echoes(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	_, word, _ := r.BasicAuth()
	all := []any{string(body), r.Header.Get("Authorization"), form.Get("client_secret"), word, url.QueryEscape(word), base64.StdEncoding.EncodeToString([]byte(word)), hex.EncodeToString([]byte(word))}
	w.Header().Set("Content-Type", "application/json; secret="+url.QueryEscape(word))
	w.Header().Set("X-Echo", word)
	w.Header().Set("Location", "/"+url.QueryEscape(word))
	status, _ := strconv.Atoi(r.URL.Query().Get("status"))
	var life any = word
	if number, err := strconv.ParseFloat(word, 64); err == nil && r.URL.Query().Get("number") != "" {
		life = number
	}
	answer, _ := json.Marshal(members{"error": word, "error_description": word, "differences": all, "access_token": word, "expires_in": life,
		"refresh_token": word, "note": word, "fault": word, word: word})
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// An endpoint that stands elsewhere at the mock's own port, or looks like the mock's, shows nothing of what was sent to it.
func TestAnEchoingEndpointShowsNothing(t *testing.T) {
	mock := start(t)
	port := mock.URL[strings.LastIndex(mock.URL, ":")+1:]
	port, _, _ = strings.Cut(port, "/")
	for _, at := range []string{"[::1]:" + port, "127.0.0.2:" + port, "127.0.0.1:0"} {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			t.Logf("%s cannot be listened on here: %v", at, err)
			continue
		}
		server := &http.Server{Handler: http.HandlerFunc(echoes)}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		for _, secret := range []string{clientSecret, "1234567", "1768469460", "2031-01-15T09:31:00Z", "not-a-real-secret"} {
			for _, query := range []string{"?status=200", "?status=200&number=1", "?status=400", "?status=401", "?status=302", "?status=500"} {
				_, got := mock.describe("?send=true", members{"url": "http://" + listener.Addr().String() + "/__oauth/token" + query, "clientId": "c", "clientSecret": secret})
				got.described(t)
				answer, err := json.Marshal(got.body["answer"])
				if err != nil || strings.Contains(got.text, secret) || strings.Contains(got.text, "differences") || strings.Contains(string(answer), "expiresInSeconds") {
					t.Errorf("%s%s: %s", at, query, answer)
				}
			}
		}
	}
}

// A program between the mock and its own authorization server is another endpoint: what it passes on is not shown.
func TestWhatAMiddlemanPassesOnIsNotShown(t *testing.T) {
	mock := start(t)
	target, err := url.Parse(mock.at(""))
	if err != nil {
		t.Fatal(err)
	}
	between := httptest.NewServer(httputil.NewSingleHostReverseProxy(target))
	defer between.Close()
	mock.operate("POST", "sessions", `{"name":"mine"}`) // which has no credential, so every request differs
	for base, told := range map[string]bool{mock.at(""): true, between.URL: false} {
		_, got := mock.describe("?send=true", members{"clientId": "lab", "clientSecret": clientSecret, "url": base + "/__sessions/mine/__oauth/token"})
		if strings.Contains(got.text, "differences") != told || !strings.Contains(got.text, "invalid_client") {
			t.Errorf("%s: %s", base, got.text)
		}
	}
}

func TestAnswersThatHurtAreBounded(t *testing.T) {
	mock := start(t)
	for name, row := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   string
	}{
		"deep":         {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("[", 600)) }, "nested deeper"},
		"large header": {func(w http.ResponseWriter) { w.Header().Set("X", strings.Repeat("x", 100<<10)) }, "no answer over HTTP that can be read"},
		"breaks off":   {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "no answer over HTTP that can be read"},
		"endless life": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"access_token":"t","expires_in":1e300}`) }, "Nothing says how long"},
		"no number":    {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"access_token":"t","expires_in":"NaN"}`) }, "Nothing says how long"},
	} {
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			row.answer(w)
		}))
		defer endpoint.Close()
		if _, got := mock.describe("?send=true", members{"url": endpoint.URL}); got.status != 200 || !strings.Contains(got.text, row.want) {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	for _, address := range []string{"http://nobody.invalid/t"} {
		_, got := start(t, mockserver.Options{AllowOutbound: []string{"nobody.invalid"}}).describe("?send=true", members{"url": address})
		if got.status != 200 || !strings.Contains(got.text, `"fault":`) && !strings.Contains(got.text, `"fault": `) {
			t.Errorf("%s: %d %s", address, got.status, got.text)
		}
	}
}

func TestTokenRequestsAreForOperators(t *testing.T) {
	mock := start(t, mockserver.Options{AdminToken: "operators-only"})
	id := mock.create(object(oauthBody))
	if got := mock.admin("POST", "credentials/"+id+"/token-request"); got.status != http.StatusUnauthorized {
		t.Errorf("without the admin token: %d", got.status)
	}
	host := strings.TrimSuffix(mock.URL, "/platform")
	header := http.Header{"Authorization": {"Bearer operators-only"}}
	if got := mock.raw("POST", host+"/__admin/credentials/"+id+"/token-request", header, nil); got.status != http.StatusOK {
		t.Errorf("with it: %d %s", got.status, got.text)
	}
}

// Only the table names fields of a credential, and the files that it serves.
func TestFieldNamesStandInOnePlace(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") || path == "oauth_fields.go" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{`"grantType"`, `"clientId"`, `"clientSecret"`, `"scopes"`, `"noBasic"`, `"basicNoForm"`, `"customFieldName"`, `"accessTokenName"`} {
			if strings.Contains(string(text), name) {
				t.Errorf("%s names the field %s", path, name)
			}
		}
	}
}
