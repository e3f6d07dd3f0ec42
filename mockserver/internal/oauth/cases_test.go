package oauth_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/credmock/credmock/mockserver"
	"github.com/credmock/credmock/mockserver/internal/mocktest"
)

// cases are the requests and answers of testdata/token-cases.yaml.
type cases struct {
	Cases []struct {
		Name, Path, Authorization, Body string
		Query, Assertion                string // of the admin request; algorithm of a signed assertion
		ContentType                     string `yaml:"contentType"`
		Credential                      mocktest.Members
		Also                            map[string]string
		Answer                          *caseAnswer
		Read                            mocktest.Members
	}
	Answers []struct {
		Name       string
		Credential mocktest.Members
		Answer     *caseAnswer
		Read       mocktest.Members
	}
}

type caseAnswer struct {
	Status      int
	ContentType string `yaml:"contentType"`
	RetryAfter  string `yaml:"retryAfter"`
	Body        string
}

func readCases(t *testing.T) *cases {
	t.Helper()
	text, err := os.ReadFile("testdata/token-cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := &cases{}
	if err := yaml.Unmarshal(text, found); err != nil || len(found.Cases) == 0 || len(found.Answers) == 0 {
		t.Fatal(len(found.Cases), len(found.Answers), err)
	}
	return found
}

var aheadBy = regexp.MustCompile(`\$(NOWMS|NOW|RFC3339ms|RFC3339|HTTPDATE)\+(\d+)`)

// timed replaces the times in an answer.
func timed(text string) string {
	return aheadBy.ReplaceAllStringFunc(text, func(found string) string {
		parts := aheadBy.FindStringSubmatch(found)
		seconds, _ := strconv.Atoi(parts[2])
		moment := mocktest.FixedClock().Add(time.Duration(seconds) * time.Second)
		return map[string]string{
			"NOW": strconv.FormatInt(moment.Unix(), 10), "NOWMS": strconv.FormatInt(moment.UnixMilli(), 10),
			"RFC3339": moment.Format(time.RFC3339), "RFC3339ms": moment.Format("2006-01-02T15:04:05.000Z07:00"),
			"HTTPDATE": moment.Format(http.TimeFormat),
		}[parts[1]]
	})
}

// recorder is a token endpoint that keeps the latest request.
type recorder struct {
	*httptest.Server
	answer  *caseAnswer
	request *http.Request
	body    string
}

func startRecorder(t *testing.T) *recorder {
	made := &recorder{}
	made.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		made.request, made.body = r, string(body)
		if made.answer == nil {
			return
		}
		w.Header().Set("Content-Type", made.answer.ContentType)
		if made.answer.RetryAfter != "" {
			w.Header().Set("Retry-After", timed(made.answer.RetryAfter))
		}
		w.WriteHeader(made.answer.Status)
		_, _ = io.WriteString(w, timed(made.answer.Body))
	}))
	t.Cleanup(made.Close)
	return made
}

// parameters reads a body of either form, together with further parameters.
func parameters(t *testing.T, body string, also map[string]string) map[string]string {
	t.Helper()
	read := map[string]string{}
	maps.Copy(read, also)
	if strings.HasPrefix(body, "{") {
		if err := json.Unmarshal([]byte(body), &read); err != nil {
			t.Fatal(err)
		}
		return read
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	for name := range form {
		read[name] = form.Get(name)
	}
	return read
}

// A credential that describes the request of a real server sends exactly this request, and reads the server's answer.
func TestRequestsOfRealServers(t *testing.T) {
	mock, endpoint := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock}), startRecorder(t)
	for _, one := range readCases(t).Cases {
		t.Run(one.Name, func(t *testing.T) {
			endpoint.answer, endpoint.request = one.Answer, nil
			one.Credential["url"] = strings.Replace(one.Credential["url"].(string), "$BASE", endpoint.URL, 1)
			_, got := mock.Describe("?send=true&"+one.Query, one.Credential)
			got.Described(t)
			if endpoint.request == nil {
				t.Fatal(got.Text)
			}
			header := endpoint.request.Header
			for name, want := range map[string]string{"Accept": "application/json", "Authorization": one.Authorization} {
				if header.Get(name) != want {
					t.Errorf("%s: %q, want %q", name, header.Get(name), want)
				}
			}
			if one.ContentType != "" && header.Get("Content-Type") != one.ContentType || endpoint.request.RequestURI != one.Path {
				t.Errorf("%s, Content-Type: %s", endpoint.request.RequestURI, header.Get("Content-Type"))
			}
			want := parameters(t, one.Body, one.Also)
			sent := parameters(t, endpoint.body, nil)
			if one.Assertion != "" {
				checkAssertion(t, mock, sent, one.Assertion, one.Credential)
			}
			if !maps.Equal(sent, want) {
				t.Errorf("sent %v, want %v", sent, want)
			}
			if one.Answer != nil {
				checkRead(t, got.Body["answer"].(mocktest.Members), one.Read)
			}
			for _, secret := range []string{"s3cr3t-value", "TOKEN-1", "REFRESH-1", "pass word", "pass+word"} {
				if strings.Contains(got.Text, secret) {
					t.Errorf("%s is shown in %s", secret, got.Text)
				}
			}
		})
	}
}

// checkAssertion verifies an assertion with the published keys, and replaces it by $JWT.
func checkAssertion(t *testing.T, mock *mocktest.API, sent map[string]string, algorithm string, credential mocktest.Members) {
	t.Helper()
	keys, err := jwk.ParseString(mock.Raw("GET", mock.At("")+"/__platform/jwks.json", nil, nil).Text)
	if err != nil {
		t.Fatal(err)
	}
	message, err := jws.Parse([]byte(sent["client_assertion"]))
	if err != nil {
		t.Fatal(err)
	}
	headers := message.Signatures()[0].ProtectedHeaders()
	used, _ := headers.Algorithm()
	kid, _ := headers.KeyID()
	kind, _ := headers.Type()
	key, known := keys.LookupKeyID(kid)
	if !known || used.String() != algorithm || kind != "JWT" {
		t.Fatalf("alg %s, typ %s, known kid %t", used, kind, known)
	}
	payload, err := jws.Verify([]byte(sent["client_assertion"]), jws.WithKey(used, key))
	claims := struct {
		Iss, Sub, Aud, Jti string
		Exp                int64
	}{}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		t.Fatal(err)
	}
	ahead := claims.Exp - mocktest.FixedClock().Unix()
	if claims.Iss != credential["clientId"] || claims.Sub != claims.Iss || claims.Aud != credential["url"] || claims.Jti == "" ||
		ahead <= 0 || ahead > 300 {
		t.Errorf("the claims are %+v", claims)
	}
	sent["client_assertion"] = "$JWT"
}

// checkRead compares the reading of an answer.
func checkRead(t *testing.T, got, want mocktest.Members) {
	t.Helper()
	for name, value := range want {
		seen := got[name]
		switch name {
		case "toleranceSeconds":
			continue
		case "token":
			seen = got["accessToken"] == masked
		case "refresh":
			seen = got["refreshToken"] == masked
		case "fault":
			seen = got["fault"] != nil && got["accessToken"] == nil && got["accessTokenFrom"] == nil
		case "note":
			seen = got["notes"]
			if value == "" && got["notes"] == nil || value != "" && strings.Contains(fmt.Sprint(got["notes"]), value.(string)) {
				continue
			}
		}
		if fmt.Sprint(seen) != fmt.Sprint(value) && (value != "" || seen != nil) {
			t.Errorf("%s is %v, want %v: %v", name, seen, value, got)
		}
	}
}

// An answer is read by the fields, whatever the server.
func TestAnswersOfRealServers(t *testing.T) {
	mock, endpoint := mocktest.Start(t, mockserver.Options{Clock: mocktest.FixedClock}), startRecorder(t)
	for _, one := range readCases(t).Answers {
		t.Run(one.Name, func(t *testing.T) {
			endpoint.answer = one.Answer
			_, got := mock.Describe("?send=true",
				mocktest.Members{"url": endpoint.URL, "clientId": "lab", "clientSecret": "cnry|s3cr3t|value"}, one.Credential)
			got.Described(t)
			checkRead(t, got.Body["answer"].(mocktest.Members), one.Read)
			if strings.Contains(got.Text, "TOKEN-1") || strings.Contains(got.Text, "s3cr3t") {
				t.Errorf("a secret is shown: %s", got.Text)
			}
		})
	}
}
