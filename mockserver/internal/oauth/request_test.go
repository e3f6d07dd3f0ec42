package oauth_test

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
	"strconv"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/installed"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

const masked = "[masked]"

// describedRequests are credentials with the requests that they describe.
var describedRequests = []struct {
	name   string
	fields mocktest.Members
	query  string
	body   mocktest.Members // masked
	basic  bool
}{
	{"nothing but what is required", nil, "", mocktest.Members{"grant_type": "client_credentials"}, false},
	{"everything", mocktest.Everything, "", mocktest.Members{"grant_type": "client_credentials", "client_id": "lab", "client_secret": masked,
		"username": "ann", "password": masked, "scope": "a b", "audience": "https://aud.example.com",
		"resource": "https://res.example.com", "tenant": "t=1"}, true},
	{"other names", mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "grantTypeName": "grantType",
		"clientIdName": "appId", "clientSecretName": "appKey"}, "",
		mocktest.Members{"grantType": "client_credentials", "appId": "lab", "appKey": masked}, true},
	{"no Basic", mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "noBasic": "true"}, "",
		mocktest.Members{"grant_type": "client_credentials", "client_id": "lab", "client_secret": masked}, false},
	{"noBasic is another word", mocktest.Members{"clientId": "lab", "noBasic": "yes"}, "",
		mocktest.Members{"grant_type": "client_credentials", "client_id": "lab"}, true},
	{"no identity in the form",
		mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "basicNoForm": true, "scopes": "a"}, "",
		mocktest.Members{"grant_type": "client_credentials", "scope": "a"}, true},
	{"a custom value without a name", mocktest.Members{"customFieldValue": "v"}, "", mocktest.Members{"grant_type": "client_credentials"},
		false},
	{"refresh", mocktest.Everything, "?grant=refresh",
		mocktest.Members{"grant_type": "refresh_token", "refresh_token": masked, "client_id": "lab", "client_secret": masked,
			"scope": "a b", "audience": "https://aud.example.com", "resource": "https://res.example.com", "tenant": "t=1"}, true},
	{"refresh, other names", mocktest.Members{"refreshGrantType": "refresh", "refreshTokenName": "refreshToken"}, "?grant=refresh",
		mocktest.Members{"grant_type": "refresh", "refreshToken": masked}, false},
}

func TestTokenRequestOfCredential(t *testing.T) {
	mock := mocktest.Start(t)
	for _, row := range describedRequests {
		for _, media := range []string{"", "application/json", "application/x-www-form-urlencoded; charset=utf-8"} {
			t.Run(row.name+" "+media, func(t *testing.T) {
				part := mocktest.Members{}
				if media != "" {
					part["contentType"] = media
				}
				_, got := mock.Describe(row.query, row.fields, part)
				headers, body := got.Described(t)
				if fmt.Sprint(body) != fmt.Sprint(row.body) {
					t.Errorf("the body is %v, want %v", body, row.body)
				}
				if headers["Authorization"] != nil != row.basic {
					t.Errorf("the headers are %v", headers)
				}
				if want := part["contentType"]; want != nil && headers["Content-Type"] != want {
					t.Errorf("the headers are %v", headers)
				}
				mocktest.HidesSecrets(t, got.Text)
			})
		}
	}
}

// The line for curl sends the same request as the mock.
func TestCurlLineSendsSameRequest(t *testing.T) {
	installed.Program(t, "curl", "the line for curl is run")
	mock := mocktest.Start(t)
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
		to := mocktest.Members{"url": endpoint.URL + "/t?x=1&y=it's&z[k]={a,b}", "contentType": media}
		_, got := mock.Describe("?send=true", mocktest.Everything, to)
		got.Described(t)
		shell := exec.Command("bash", "-c", got.Body["curl"].(string))
		shell.Env = append(os.Environ(), "CLIENT_SECRET="+mocktest.ClientSecret, "PASSWORD="+mocktest.Password)
		if output, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		if len(seen) != 2 || seen[0] != seen[1] || !strings.Contains(seen[0], mocktest.ClientSecret) {
			t.Errorf("the mock and curl sent\n%s", strings.Join(seen, "\n"))
		}
	}
}

func TestCredentialWithoutTokenRequest(t *testing.T) {
	mock := mocktest.Start(t)
	aws := mock.Admin("POST", "credentials/"+mock.Create(mocktest.Object(mocktest.AwsBody))+"/token-request")
	if aws.Status != http.StatusUnprocessableEntity || !strings.Contains(aws.Text, "describes no token request") {
		t.Errorf("%d: %s", aws.Status, aws.Text)
	}
	smart := mocktest.Members{"authStrategy": "SMART_Backend", "url": mock.OAuth(), "clientId": "smart"}
	mock.Describe("", smart)
	form := strings.NewReader("client_id=smart&grant_type=client_credentials")
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if got := mock.Raw("POST", mock.OAuth(), header, form); got.Status != 401 {
		t.Errorf("a client that proves nothing gets %d: %s", got.Status, got.Text)
	}
	for _, fields := range []mocktest.Members{{"url": "auth.example.com"}, {"url": "ftp://auth.example.com"},
		{"url": "https://u:p@auth.example.com"}, {"contentType": "text/xml"}, {"contentType": "/"}} {
		if _, got := mock.Describe("", fields); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d: %s", fields, got.Status, got.Text)
		}
	}
	if got := mock.Admin("POST", "credentials/nobody/token-request"); got.Status != http.StatusNotFound {
		t.Errorf("%d: %s", got.Status, got.Text)
	}
	for _, query := range []string{"?sent=true", "?send=yes", "?send=true&send=true", "?grant=x"} {
		if _, got := mock.Describe(query); got.Status != http.StatusBadRequest {
			t.Errorf("%s: %d: %s", query, got.Status, got.Text)
		}
	}
	if _, got := mock.Describe("?send=true&grant=refresh"); got.Status != http.StatusConflict {
		t.Errorf("%d: %s", got.Status, got.Text)
	}
}

func TestTokenAnswerIsReadByFieldNames(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock})
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
		fields       mocktest.Members
		want         string
	}{
		{"usual names", `{"access_token":"cnry-token","token_type":"bearer","expires_in":60}`, 200, nil,
			`"accessToken":"[masked]","accessTokenFrom":"access_token","expiresFrom":"expires_in","expiresInSeconds":60,"status":200`},
		{"own names", `{"accessToken":"cnry-token","expires":"90"}`, 200,
			mocktest.Members{"accessTokenName": "accessToken", "expiresFieldName": "expires"}, `"expiresFrom":"expires","expiresInSeconds":90`},
		{"a moment", `{"access_token":"cnry-token","expires_in":1768469460}`, 200, nil, `"expiresInSeconds":60`},
		{"a moment in words", `{"access_token":"cnry-token","expires_in":"2026-01-15T09:31:00Z"}`, 200, nil, `"expiresInSeconds":60`},
		{"the default", `{"access_token":"cnry-token"}`, 200, mocktest.Members{"defaultExpirationSeconds": "3600"},
			`"expiresFrom":"defaultExpirationSeconds","expiresInSeconds":3600`},
		{"no life at all", `{"access_token":"cnry-token"}`, 200, nil, `"Nothing says how long`},
		{"another name", `{"token":"cnry-token"}`, 200, nil, `"fault":"The answer has no text under the name that accessTokenName gives`},
		{"refused", `{"error":"invalid_client","error_description":"cnry-token"}`, 401, nil,
			`"error":"invalid_client","fault":"The endpoint refuses."`},
		{"refused with a secret", `{"error":"cnry-token"}`, 400, nil, `"fault":"The endpoint refuses.","status":400`},
		{"no JSON", `cnry-token`, 200, nil, `"fault":"The answer is no JSON object."`},
		{"a byte order mark", "\ufeff" + `{"access_token":"cnry-token"}`, 200, nil, `"The answer begins with a byte order mark,`},
		{"a page", "<html>cnry-token</html>", 200, nil, `"fault":"The answer is a page or XML, and no JSON object."`},
		{"UTF-16", "\xff\xfe{\x00", 200, nil, `"fault":"The answer is not UTF-8, as JSON must be."`},
		{"an array", `["cnry-token"]`, 200, nil, `"fault":"The answer is no JSON object."`},
		{"too large", `"` + strings.Repeat("x", 65<<10), 200, nil, `"fault":"The answer is too large`},
		{"a redirect", `{}`, 307, nil, `"fault":"The endpoint redirects`},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer, status = row.answer, row.status
			_, got := mock.Describe("?send=true", mocktest.Members{"url": endpoint.URL, "clientId": "lab"}, row.fields)
			got.Described(t)
			read, err := json.Marshal(got.Body["answer"])
			if err != nil || !strings.Contains(string(read), row.want) {
				t.Errorf("read %s, want %s", read, row.want)
			}
			if strings.Contains(got.Text, token) {
				t.Errorf("the token is shown: %s", got.Text)
			}
		})
	}
}

func TestTokenRequestsGoToLoopbackOnly(t *testing.T) {
	called := false
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { called = true }))
	defer endpoint.Close()
	mock := mocktest.Start(t)
	t.Setenv("HTTP_PROXY", endpoint.URL)
	for _, address := range []string{"http://192.0.2.7:1/t", "http://0.0.0.0" + endpoint.URL[strings.LastIndex(endpoint.URL, ":"):],
		"http://169.254.169.254/t", "http://[fe80::1]/t", "http://[2001:db8::1]/t"} {
		_, got := mock.Describe("?send=true", mocktest.Members{"url": address})
		if got.Status != http.StatusForbidden || !strings.Contains(got.Text, "--allow-outbound") {
			t.Errorf("%s: %d: %s", address, got.Status, got.Text)
		}
	}
	allowing := mocktest.Start(t, mockserver.Options{AllowOutbound: []string{"169.254.169.254", "0.0.0.0"}})
	for _, host := range []string{"169.254.169.254", "0.0.0.0"} {
		if _, got := allowing.Describe("?send=true", mocktest.Members{"url": "http://" + host + ":9/t"}); got.Status != http.StatusForbidden {
			t.Errorf("%s, although allowed: %d: %s", host, got.Status, got.Text)
		}
	}
	if called {
		t.Error("the mock connected to a proxy or an invalid address")
	}
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	if _, got := mock.Describe("?send=true", mocktest.Members{"url": refused.URL}); got.Status != 200 ||
		fmt.Sprint(got.Body["answer"]) != "map[fault:Nobody listens at the token endpoint.]" {
		t.Errorf("closed port: %d %s", got.Status, got.Text)
	}
}

// The differences that the mock's own authorization server finds are shown to the sender. No answer of another server is
// repeated.
func TestDifferencesAreShown(t *testing.T) {
	mock := mocktest.Start(t)
	own := strings.TrimSuffix(mock.URL, "/platform") + "/__sessions/nobodys/__oauth/token"
	if _, got := mock.Describe("?send=true", mocktest.Members{"url": own}); strings.Contains(got.Text, "differences") {
		t.Errorf("unknown session: %s", got.Text)
	}
	mock.Operate("POST", "sessions", `{"name":"mine"}`) // without a credential
	own = mock.At("mine") + "/__oauth/token"
	if _, got := mock.Describe("?send=true", mocktest.Members{"url": own}); !strings.Contains(got.Text, `"differences"`) ||
		!strings.Contains(got.Text, "client id") {
		t.Errorf("the differences are missing: %s", got.Text)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client","differences":["cnry-token"]}`))
	}))
	defer other.Close()
	if _, got := mock.Describe("?send=true", mocktest.Members{"url": other.URL + "/__oauth/token"}); strings.Contains(got.Text, "cnry-token") {
		t.Errorf("the answer of another server is repeated: %s", got.Text)
	}
}

// echoes answers a token request with its own content, in every place and form of an answer.
func echoes(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	_, word, _ := r.BasicAuth()
	all := []any{string(body), r.Header.Get("Authorization"), form.Get("client_secret"), word, url.QueryEscape(word),
		base64.StdEncoding.EncodeToString([]byte(word)), hex.EncodeToString([]byte(word))}
	w.Header().Set("Content-Type", "application/json; secret="+url.QueryEscape(word))
	w.Header().Set("X-Echo", word)
	w.Header().Set("Location", "/"+url.QueryEscape(word))
	status, _ := strconv.Atoi(r.URL.Query().Get("status"))
	var life any = word
	if number, err := strconv.ParseFloat(word, 64); err == nil && r.URL.Query().Get("number") != "" {
		life = number
	}
	answer, _ := json.Marshal(mocktest.Members{"error": word, "error_description": word, "differences": all, "access_token": word,
		"expires_in":    life,
		"refresh_token": word, "note": word, "fault": word, word: word})
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// Nothing is shown of an endpoint that echoes the request, even on the mock's own port or with a similar URL.
func TestEchoingEndpointShowsNothing(t *testing.T) {
	mock := mocktest.Start(t)
	port := mock.URL[strings.LastIndex(mock.URL, ":")+1:]
	port, _, _ = strings.Cut(port, "/")
	for _, at := range []string{"[::1]:" + port, "127.0.0.2:" + port, "127.0.0.1:0"} {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			t.Logf("cannot listen on %s: %v", at, err)
			continue
		}
		server := &http.Server{Handler: http.HandlerFunc(echoes)}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		for _, secret := range []string{mocktest.ClientSecret, "1234567", "1768469460", "2031-01-15T09:31:00Z", "not-a-real-secret"} {
			for _, query := range []string{"?status=200", "?status=200&number=1", "?status=400", "?status=401", "?status=302", "?status=500"} {
				_, got := mock.Describe("?send=true",
					mocktest.Members{"url": "http://" + listener.Addr().String() + "/__oauth/token" + query, "clientId": "c", "clientSecret": secret})
				got.Described(t)
				answer, err := json.Marshal(got.Body["answer"])
				if err != nil || strings.Contains(got.Text, secret) || strings.Contains(got.Text, "differences") ||
					strings.Contains(string(answer), "expiresInSeconds") {
					t.Errorf("%s%s: %s", at, query, answer)
				}
			}
		}
	}
}

// A proxy between the mock and its own authorization server is another endpoint: its answer is not shown.
func TestProxiedAnswerIsNotShown(t *testing.T) {
	mock := mocktest.Start(t)
	target, err := url.Parse(mock.At(""))
	if err != nil {
		t.Fatal(err)
	}
	between := httptest.NewServer(httputil.NewSingleHostReverseProxy(target))
	defer between.Close()
	mock.Operate("POST", "sessions", `{"name":"mine"}`) // without a credential, so that every request differs
	for base, told := range map[string]bool{mock.At(""): true, between.URL: false} {
		_, got := mock.Describe("?send=true",
			mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "url": base + "/__sessions/mine/__oauth/token"})
		if strings.Contains(got.Text, "differences") != told || !strings.Contains(got.Text, "invalid_client") {
			t.Errorf("%s: %s", base, got.Text)
		}
	}
}

func TestHostileAnswersAreBounded(t *testing.T) {
	mock := mocktest.Start(t)
	for name, row := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   string
	}{
		"deep": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("[", 600)) }, "nested deeper"},
		"large header": {func(w http.ResponseWriter) { w.Header().Set("X", strings.Repeat("x", 100<<10)) },
			"no answer over HTTP that can be read"},
		"breaks off": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "no answer over HTTP that can be read"},
		"endless life": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"access_token":"t","expires_in":1e300}`) },
			"Nothing says how long"},
		"no number": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"access_token":"t","expires_in":"NaN"}`) },
			"Nothing says how long"},
	} {
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			row.answer(w)
		}))
		defer endpoint.Close()
		if _, got := mock.Describe("?send=true", mocktest.Members{"url": endpoint.URL}); got.Status != 200 ||
			!strings.Contains(got.Text, row.want) {
			t.Errorf("%s: %d %s", name, got.Status, got.Text)
		}
	}
	for _, address := range []string{"http://nobody.invalid/t"} {
		_, got := mocktest.Start(t, mockserver.Options{AllowOutbound: []string{"nobody.invalid"}}).Describe("?send=true",
			mocktest.Members{"url": address})
		if got.Status != 200 || !strings.Contains(got.Text, `"fault":`) && !strings.Contains(got.Text, `"fault": `) {
			t.Errorf("%s: %d %s", address, got.Status, got.Text)
		}
	}
}

func TestTokenRequestsNeedAdminToken(t *testing.T) {
	mock := mocktest.Start(t, mockserver.Options{AdminToken: "operators-only"})
	id := mock.Create(mocktest.Object(mocktest.OAuthBody))
	if got := mock.Admin("POST", "credentials/"+id+"/token-request"); got.Status != http.StatusUnauthorized {
		t.Errorf("without the admin token: %d", got.Status)
	}
	host := strings.TrimSuffix(mock.URL, "/platform")
	header := http.Header{"Authorization": {"Bearer operators-only"}}
	if got := mock.Raw("POST", host+"/__admin/credentials/"+id+"/token-request", header, nil); got.Status != http.StatusOK {
		t.Errorf("with it: %d %s", got.Status, got.Text)
	}
}
