package oauth_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// percentEncoded encodes every character but letters and digits, as some clients do.
func percentEncoded(text string) string {
	return strings.NewReplacer("-", "%2D", "_", "%5F", ".", "%2E", "~", "%7E", "+", "%20").Replace(url.QueryEscape(text))
}

// The halves of Basic may be form-encoded or not, whatever they hold.
func TestBasicIsReadBothWays(t *testing.T) {
	mock := mocktest.Start(t)
	plain := func(text string) string { return text }
	for _, row := range []struct{ id, secret string }{
		{"lab", "letters"}, {"0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11", "q+7/8w==ab+c"}, {"a b", "s=cr%t +/&:"}, {"ü", "%41%zz"}, {"x.y", "100%"},
	} {
		mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientId": row.id, "clientSecret": row.secret, "basicNoForm": true}))
		for name, encode := range map[string]func(string) string{"raw": plain, "form": url.QueryEscape, "percent": percentEncoded} {
			request, err := http.NewRequestWithContext(t.Context(), "POST", mock.OAuth(), strings.NewReader("grant_type=client_credentials&scope="))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.SetBasicAuth(encode(row.id), encode(row.secret))
			got := mock.Raw("POST", mock.OAuth(), request.Header, request.Body)
			want := "as it stands"
			if encode(row.id+row.secret) != row.id+row.secret {
				want = "form-decoded"
			}
			if got.Status != 200 || got.Body["basic"] != want || got.Body["identity"] != "basic" {
				t.Errorf("%s, %s: %d %s, want %s", row.id, name, got.Status, got.Text, want)
			}
		}
	}
}

// A refresh is compared with the latest refresh token, and a client learns why it is refused.
func TestRefreshIsRefusedByCode(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody,
		mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "noBasic": "true", "refreshTokenName": "refresh_token"}))
	ask := func(form string) mocktest.Result {
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		identity := "client_id=lab&client_secret=" + url.QueryEscape(mocktest.ClientSecret)
		return mock.Raw("POST", mock.OAuth(), header, strings.NewReader(identity+form))
	}
	if got := ask("&grant_type=refresh_token&refresh_token=x"); got.Status != 400 || got.Body["error"] != "invalid_grant" {
		t.Errorf("before the first token: %d %s", got.Status, got.Text)
	}
	token := ask("&grant_type=client_credentials").Body["refresh_token"].(string)
	if got := ask("&grant_type=refresh_token&refresh_token=x"); got.Status != 400 || got.Body["error"] != "invalid_grant" {
		t.Errorf("another token: %d %s", got.Status, got.Text)
	}
	if got := ask("&grant_type=refresh_token"); got.Status != 400 || got.Body["error"] != "invalid_request" {
		t.Errorf("no token: %d %s", got.Status, got.Text)
	}
	if got := ask("&grant_type=refresh_token&refresh_token=" + token); got.Status != 200 {
		t.Errorf("the right token: %d %s", got.Status, got.Text)
	}
}

// A refresh may leave out scopes and target, which stay those of the first request; another one of them is refused.
func TestRefreshLeavesOut(t *testing.T) {
	mock := mocktest.Start(t)
	mock.Create(mocktest.Object(mocktest.OAuthBody, mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret,
		"noBasic": "true", "refreshTokenName": "refresh_token", "scopes": "a b", "audience": "u", "resource": "r"}))
	ask := func(more string) mocktest.Result {
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		identity := "client_id=lab&client_secret=" + url.QueryEscape(mocktest.ClientSecret)
		return mock.Raw("POST", mock.OAuth(), header, strings.NewReader(identity+more))
	}
	const whole = "&scope=a+b&audience=u&resource=r"
	if got := ask("&grant_type=client_credentials&scope=a+b"); got.Status != 400 {
		t.Errorf("the first request: %d %s", got.Status, got.Text)
	}
	token, _ := ask("&grant_type=client_credentials" + whole).Body["refresh_token"].(string)
	for _, row := range []struct {
		more string
		code any
	}{
		{"", nil}, {"&scope=b+a", nil}, {whole, nil}, {"&scope=a+z", "invalid_scope"}, {"&audience=other", "invalid_target"},
	} {
		got := ask("&grant_type=refresh_token&refresh_token=" + token + row.more)
		if got.Body["error"] != row.code || (got.Status == 200) != (row.code == nil) {
			t.Errorf("%q: %d %s", row.more, got.Status, got.Text)
		}
		if got.Status == 200 {
			token, _ = got.Body["refresh_token"].(string)
		}
	}
}

// A refusal names the credential that it is about, since several may have one client id.
func TestRefusalNamesCredential(t *testing.T) {
	mock := mocktest.Start(t)
	far := mocktest.Members{"clientId": "lab", "clientSecret": mocktest.ClientSecret, "noBasic": "true", "scopes": "a", "audience": "b"}
	mock.Create(mocktest.Object(mocktest.OAuthBody, far))
	near := mock.Create(mocktest.Object(mocktest.OAuthBody, far, mocktest.Members{"scopes": nil, "audience": nil}))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"lab"}, "client_secret": {mocktest.ClientSecret}, "resource": {"r"}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if got := mock.Raw("POST", mock.OAuth(), header, strings.NewReader(form.Encode())); got.Status != 400 || got.Body["credential"] != near {
		t.Errorf("%d %s, want %s", got.Status, got.Text, near)
	}
	mock.Operate("POST", "sessions", `{"name":"mine"}`)
	own := mocktest.Members{"clientId": "own"}
	there := mock.In("mine").Create(mocktest.Object(mocktest.OAuthBody, far, own))
	_, sent := mock.Describe("?send=true", far, own, mocktest.Members{"scopes": "other", "url": mock.At("mine") + "/__oauth/token"})
	sent.Described(t)
	if answer := sent.Body["answer"].(mocktest.Members); answer["credential"] != there || answer["error"] != "invalid_scope" {
		t.Errorf("the sender sees %v, want %s", answer, there)
	}
}

// A refresh token goes only to the server and client that it came for, and is forgotten when it is refused.
func TestRefreshTokenBelongsToServer(t *testing.T) {
	mock := mocktest.Start(t)
	answer, bodies := "", []string{}
	serve := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}
	one, other := httptest.NewServer(http.HandlerFunc(serve)), httptest.NewServer(http.HandlerFunc(serve))
	defer one.Close()
	defer other.Close()
	const token = `{"access_token":"t","token_type":"Bearer","expires_in":60,"refresh_token":"cnry-refresh"}`
	for name, row := range map[string]struct {
		change mocktest.Members
		answer string // to a refresh before the change
		kept   bool
	}{
		"nothing":        {nil, token, true},
		"the path":       {mocktest.Members{"url": one.URL + "/elsewhere"}, token, true},
		"the host":       {mocktest.Members{"url": other.URL}, token, false},
		"the client":     {mocktest.Members{"clientId": "another"}, token, false},
		"a refused one":  {nil, `{"error":"invalid_grant"}`, false},
		"another answer": {nil, `{"error":"server_error"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			answer = token
			id, got := mock.Describe("?send=true", mocktest.Members{"url": one.URL, "clientId": "lab"})
			got.Described(t)
			answer = row.answer
			refresh := "credentials/" + id + "/token-request?send=true&grant=refresh"
			mock.Admin("POST", refresh)
			change := mocktest.Object(mocktest.PatchBody, mocktest.Members{"url": one.URL}, row.change)
			if changed := mock.Send("PATCH", "/v1/authcredentials/"+id, change); changed.Status != 200 {
				t.Fatalf("%d %s", changed.Status, changed.Text)
			}
			bodies = nil
			if got := mock.Admin("POST", refresh); (got.Status == 200) != row.kept || len(bodies) > 0 != row.kept {
				t.Errorf("%d %s: %d requests", got.Status, got.Text, len(bodies))
			}
		})
	}
}

// noteRows are fields with a note that must stand, or must not.
var noteRows = []struct {
	name      string
	fields    mocktest.Members
	note, not string
}{
	{"both switches", mocktest.Members{"clientId": "lab", "noBasic": "true", "basicNoForm": true}, "noBasic and basicNoForm together", ""},
	{"two names alike",
		mocktest.Members{"clientId": "lab", "clientSecret": "s", "noBasic": "true", "clientIdName": "x", "clientSecretName": "x"},
		"clientSecret takes the place of clientId", "basicNoForm together"},
	{"neither switch", mocktest.Members{"clientId": "lab", "clientSecret": "s"}, "strict servers refuse", ""},
	{"a blank behind the URL", mocktest.Members{"url": "http://127.0.0.1:1/t "}, "url begins or ends with a blank", ""},
	{"a blank in the client id", mocktest.Members{"clientId": "lab\n", "basicNoForm": true}, "clientId begins or ends with a blank", ""},
	{"a blank in a name", mocktest.Members{"clientId": "lab", "accessTokenName": " token"}, "accessTokenName begins or ends with a blank", ""},
	{"a blank in the secret", mocktest.Members{"clientId": "lab", "clientSecret": "s "}, "", "begins or ends"},
	{"a switch that is no switch", mocktest.Members{"noBasic": "yes"}, "noBasic is neither true nor false", ""},
	{"a switch in digits", mocktest.Members{"noBasic": "1"}, "noBasic is neither true nor false", ""},
	{"a switch that is off", mocktest.Members{"noBasic": "False", "basicNoForm": false}, "", "neither true nor false"},
	{"a user alone", mocktest.Members{"username": "ann"}, "names a user and no client", "nothing says who asks"},
	{"nobody", nil, "nothing says who asks", ""},
	{"Basic, a plain secret", mocktest.Members{"clientId": "lab", "clientSecret": "s", "basicNoForm": true}, "RFC 6749 section 2.3.1", ""},
	{"no Basic", mocktest.Members{"clientId": "lab", "clientSecret": "s", "noBasic": "true"}, "", "RFC 6749"},
	{"JSON", mocktest.Members{"contentType": "application/json"}, "few servers take JSON", ""},
	{"a server of its own kind", mocktest.Members{"accessTokenName": "token"}, "grantType is always sent", ""},
}

// The notes name fields that may not do as intended, and tell nothing about a secret.
func TestNotes(t *testing.T) {
	mock := mocktest.Start(t)
	for _, row := range noteRows {
		_, got := mock.Describe("", row.fields)
		got.Described(t)
		notes := fmt.Sprint(got.Body["notes"])
		if !strings.Contains(notes, row.note) || row.not != "" && strings.Contains(notes, row.not) {
			t.Errorf("%s: %s", row.name, notes)
		}
	}
	notesOf := func(secret string) string {
		_, got := mock.Describe("", mocktest.Members{"clientId": "lab", "clientSecret": secret})
		return fmt.Sprint(got.Body["notes"])
	}
	if plain := notesOf("letters"); plain != notesOf("q+7/8%= :") {
		t.Errorf("the notes depend on the secret: %s", plain)
	}
}

// The headers that are shown are those that are sent; only the length of a body with a secret is hidden.
func TestShownHeadersAreSent(t *testing.T) {
	mock, endpoint := mocktest.Start(t), startRecorder(t)
	for _, fields := range []mocktest.Members{{"basicNoForm": true}, {"noBasic": "true"}} {
		_, got := mock.Describe("?send=true",
			mocktest.Members{"url": endpoint.URL, "clientId": "lab", "clientSecret": mocktest.ClientSecret}, fields)
		shown, _ := got.Described(t)
		sent := map[string]string{"Connection": "close", "Content-Length": strconv.FormatInt(endpoint.request.ContentLength, 10)}
		for name := range endpoint.request.Header {
			sent[name] = endpoint.request.Header.Get(name)
		}
		if len(shown) != len(sent) {
			t.Errorf("%v is shown, %v is sent", shown, sent)
		}
		for name, value := range shown {
			hidden := name == "Authorization" || name == "Content-Length" && fields["noBasic"] != nil
			if text := value.(string); hidden != strings.Contains(text, masked) || !hidden && text != sent[name] {
				t.Errorf("%s: %s is shown, %s is sent", name, text, sent[name])
			}
			if !strings.Contains(got.Body["http"].(string), name+": "+value.(string)+"\r\n") {
				t.Errorf("http lacks %s", name)
			}
		}
	}
}
