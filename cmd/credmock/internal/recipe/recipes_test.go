package recipe

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
)

// recorder is a token endpoint that keeps the latest request as a recipe writes it.
type recorder struct {
	*httptest.Server
	answer string
	got    string
}

func startRecorder(t *testing.T) *recorder {
	made := &recorder{}
	made.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		made.got = written(r, string(body))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, made.answer)
	}))
	t.Cleanup(made.Close)
	return made
}

// written returns a request as a recipe writes it: without the headers that every request of the mock has.
func written(r *http.Request, body string) string {
	text := r.Method + " " + r.RequestURI + " " + r.Proto + "\nHost: " + r.Host + "\n"
	var others []string
	for name, values := range r.Header {
		line := name + ": " + strings.Join(values, ", ")
		switch {
		case name == "Content-Type", name == "Authorization":
		case line == "Accept: application/json", slices.Contains([]string{"User-Agent", "Content-Length", "Accept-Encoding", "Connection"}, name):
		default:
			others = append(others, line)
		}
	}
	for _, name := range []string{"Content-Type", "Authorization"} {
		for _, value := range r.Header.Values(name) {
			text += name + ": " + value + "\n"
		}
	}
	return text + strings.Join(others, "\n") + "\n" + body
}

var (
	encoded = regexp.MustCompile(`base64\(([^)]*)\)`)
	// shownSecret is a secret of a recipe, and no variable of a shell.
	shownSecret = regexp.MustCompile(`[=":](?:CLIENT_SECRET|PASSWORD|APP_PASSWORD|API_KEY)\b`)
	assertion   = regexp.MustCompile(`client_assertion=[\w-]+\.[\w-]+\.[\w-]+`)
)

// wanted returns the request of a recipe, as it arrives at a host.
func (r *recipe) wanted(host, own string) string {
	text := strings.Replace(r.Request, "\nHost: "+own+"\n", "\nHost: "+host+"\n", 1)
	return encoded.ReplaceAllStringFunc(text, func(found string) string {
		return base64.StdEncoding.EncodeToString([]byte(encoded.FindStringSubmatch(found)[1]))
	})
}

// The credential of each recipe sends the request of the recipe, byte for byte, and its fields read the answer.
func TestRecipes(t *testing.T) {
	recipes, err := all()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := newBuilder(t.Context(), credmock.Default())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, sent := startRecorder(t), 0
	for _, one := range recipes {
		if one.Missing != "" {
			continue
		}
		sent++
		t.Run(one.Name, func(t *testing.T) { one.check(t, asked, endpoint) })
	}
	if sent < 25 {
		t.Errorf("only %d recipes", sent)
	}
}

func (r *recipe) check(t *testing.T, asked *builder, endpoint *recorder) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(r.credential()), &body); err != nil {
		t.Fatal(err)
	}
	own, err := url.Parse(body["url"].(string))
	if err != nil || own.Scheme != "https" {
		t.Fatalf("%s: %v", own, err)
	}
	body["url"] = strings.Replace(own.String(), "https://"+own.Host, endpoint.URL, 1)
	life := 3600
	endpoint.answer, endpoint.got = `{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600}`, ""
	if r.Answer != "" {
		endpoint.answer, life = r.Answer, r.Life
	}
	found, reasons, err := asked.describe(t.Context(), body, "?send=true")
	if err != nil || reasons != nil {
		t.Fatal(reasons, err)
	}
	got := assertion.ReplaceAllString(endpoint.got, "client_assertion=ASSERTION")
	if want := r.wanted(strings.TrimPrefix(endpoint.URL, "http://"), own.Host); got != want {
		t.Errorf("sent:\n%s\nwant:\n%s", got, want)
	}
	if found.Answer["accessToken"] != "[masked]" || found.Answer["expiresInSeconds"] != float64(life) {
		t.Errorf("read: %v", found.Answer)
	}
	if text := found.text(); shownSecret.MatchString(text) {
		t.Errorf("a secret is shown:\n%s", text)
	}
}

// The file of recipes is in order, and each entry has either a credential or what is missing.
func TestFileOfRecipes(t *testing.T) {
	recipes, err := all()
	if err != nil {
		t.Fatal(err)
	}
	before := ""
	for _, one := range recipes {
		if one.Name <= before || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(one.Name) || one.Server == "" {
			t.Errorf("%s comes after %s, or is no name, or names no server", one.Name, before)
		}
		if said := len(one.Fields.Content) > 0 && one.Request != ""; said == (one.Missing != "") || (one.Answer == "") != (one.Life == 0) {
			t.Errorf("%s has fields without a request, or fields and what is missing, or an answer without a life", one.Name)
		}
		before = one.Name
	}
}
