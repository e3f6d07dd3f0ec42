package mockserver

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/view"
)

// formsOf returns a secret as it may be written.
func formsOf(secret string) map[string]string {
	reversed := []rune(secret)
	slices.Reverse(reversed)
	sum, sum5 := sha256.Sum256([]byte(secret)), md5.Sum([]byte(secret))
	json := strings.NewReplacer("a", `\u0061`, "e", `\u0065`, "s", `\u0073`, "k", `\u006b`)
	return map[string]string{
		"plain": secret, "upper case": strings.ToUpper(secret), "reversed": string(reversed),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"base64 behind one": base64.StdEncoding.EncodeToString([]byte("x" + secret + "yz")), "base64 behind two": base64.StdEncoding.EncodeToString([]byte("id" + secret)),
		"Basic": base64.StdEncoding.EncodeToString([]byte("me:" + secret)), "hex": hex.EncodeToString([]byte(secret)), "upper hex": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base32": base32.StdEncoding.EncodeToString([]byte("abc" + secret)), "percent": percent(secret), "percent twice": url.QueryEscape(percent(secret)),
		"JSON": json.Replace(secret), "HTML": html.EscapeString(strings.ReplaceAll(secret, "e", "&#101;")), "UTF-16": strings.Join(strings.Split(secret, ""), "\x00"),
		"SHA-256": hex.EncodeToString(sum[:]), "MD5": hex.EncodeToString(sum5[:]), "SHA-256 in base64": base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func percent(text string) string {
	var escaped strings.Builder
	for _, letter := range []byte(text) {
		fmt.Fprintf(&escaped, "%%%02x", letter)
	}
	return escaped.String()
}

// A secret that the mock has met is found in every form within longer text, and texts that have none are left alone.
func TestSecretsAreFoundInEveryForm(t *testing.T) {
	secrets := []string{"dev-token", "s3cr3t-with-digits", "keep this safe please", "Zk9^q|x7^w|p2^", "8f14e45fceea167a5a36dedd4bea2543", strings.Repeat("long secret 7 ", 40)}
	known := newKnownSecrets()
	for _, secret := range secrets {
		known.learn(secret)
	}
	censor := &censor{known: known}
	for _, secret := range secrets {
		for form, text := range formsOf(secret) {
			if len(secret) > mostEncoded && (form == "reversed" || form == "upper case") {
				continue // of a long one the beginning is looked for
			}
			if longer := "see <" + text + "> there"; !censor.holdsAny(longer) {
				t.Errorf("%.20s is not found: %s", secret, form)
			}
		}
	}
	for _, part := range []string{"x " + "s3cr3t-w", "^q|x", "keep this saf", "8f14e45f", "curl/8 dev-token"} {
		if !censor.holdsAny(part) {
			t.Errorf("the part %s is not found", part)
		}
	}
	for _, plain := range []string{
		"Lab results", "https://auth.example.com/oauth/token", "client_credentials", "orders.read orders.write", "curl/7.88.1", "keep this", "dev-tok", "development",
		"application/json", "a31a92e5-43b7-45df-8085-4ac5a746d105", "2026-11-22T23:39:47.256Z", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "secret", "token",
	} {
		if censor.holdsAny(plain) {
			t.Errorf("%s is taken for a secret", plain)
		}
	}
}

// Short secrets are found as words.
func TestShortSecretsAreFoundAsWords(t *testing.T) {
	known := newKnownSecrets()
	known.learn("hush")
	known.learn("k3y!x")
	censor := &censor{known: known}
	for text, hidden := range map[string]bool{
		"a hush b": true, "(HUSH)": true, "hushed": false, "shush": false, "use k3y!x now": true, "hus h": false, base64.StdEncoding.EncodeToString([]byte("hush")): true,
	} {
		if censor.holdsAny(text) != hidden {
			t.Errorf("%s: hidden %v", text, !hidden)
		}
	}
}

// However many secrets come, the latest are known, chance accuses no id, and what is held stays bounded.
func TestTracesStayBounded(t *testing.T) {
	known := newKnownSecrets()
	random := rand.New(rand.NewPCG(1, 2))
	secret := func() string { return fmt.Sprintf("%016x-%016x", random.Uint64(), random.Uint64()) }
	latest := ""
	for range 8000 {
		latest = secret()
		known.learn(latest)
		if size := known.traces.newest.size(); size > traceGeneration+1000 {
			t.Fatalf("%d windows are held", size)
		}
	}
	censor := &censor{known: known}
	if !censor.holdsAny("the latest "+latest) || !censor.holdsAny(base64.StdEncoding.EncodeToString([]byte(latest))) {
		t.Error("the latest secret is not known")
	}
	for range 2000 {
		if id := fmt.Sprintf("%08x-%04x-4000-8000-%012x", random.Uint32(), random.Uint32()&0xffff, random.Uint64()>>16); censor.holdsAny(id) {
			t.Errorf("%s is taken for a secret", id)
		}
	}
}

// A body of very many secrets costs no more than one of a few.
func TestManySecretsOfOneExchange(t *testing.T) {
	known := newKnownSecrets()
	censor := &censor{known: known, words: vocabulary{"password": {secret: true, types: jsonString}}}
	var many []any
	for i := range 10_000 {
		many = append(many, fmt.Sprintf("secret-number-%d", i))
	}
	censor.meet("password", many)
	if got := len(known.traces.newest.secrets); got != mostBrought {
		t.Errorf("%d are looked for in every form", got)
	}
	if !known.holds("secret-number-9999") {
		t.Error("the last is not known as a whole")
	}
}

// Whoever puts a secret where none belongs, in whatever form, does not find it in what is kept: neither the caller's own token, known
// or not, nor a secret of the same body or of an earlier credential.
func TestNothingThatIsKeptHoldsASecret(t *testing.T) {
	const earlier, own, unknown = "earlier-s3cr3t-of-another", "own-s3cr3t-of-this-one", "t0ken-that-nobody-knows"
	server, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	send := func(token, method, path, agent, body string) int {
		request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
		for name, value := range map[string]string{
			"Authorization": "Bearer " + token, "Content-Type": "application/json", "User-Agent": "x " + agent, "Accept": agent, "Prefer": agent,
		} {
			request.Header.Set(name, value)
		}
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		return recorder.Code
	}
	const environment, api = "a31a92e5-43b7-45df-8085-4ac5a746d105", "/platform/v1/authcredentials"
	body := func(secret, text string) string {
		quoted := string(view.AppendValue(nil, text))
		url := string(view.AppendValue(nil, "https://a.example.com/?t="+text))
		return `{"environmentId":"` + environment + `","authStrategy":"OAuth_2.0_2-legged","grantType":"client_credentials","clientSecret":"` + secret +
			`","name":` + quoted + `,"url":` + url + `,"scopes":` + quoted + `,` + quoted + `:1}`
	}
	send(DefaultToken, http.MethodPost, api, "curl", strings.Replace(body(earlier, "n"), `,"n":1`, "", 1))
	var texts []string
	for _, secret := range []string{earlier, own, unknown, DefaultToken} {
		for _, text := range formsOf(secret) {
			texts = append(texts, text)
			token := DefaultToken
			if secret == unknown {
				token = unknown
			}
			send(token, http.MethodPost, api, strings.ReplaceAll(text, "\x00", ""), body(own, text))
			send(token, http.MethodPost, api, strings.ReplaceAll(text, "\x00", ""), strings.Replace(body(own, text), ","+string(view.AppendValue(nil, text))+":1", "", 1))
			send(token, http.MethodGet, api+"/"+url.PathEscape(text)+"?q="+url.QueryEscape(text), "curl", "")
		}
	}
	for _, form := range []string{"requests?limit=1000", "requests.har", "requests.txtar", "ui/"} {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/__admin/"+form, nil))
		seen := recorder.Body.String()
		if recorder.Code != http.StatusOK || len(seen) < 10_000 {
			t.Fatalf("%s: %d, %d bytes", form, recorder.Code, len(seen))
		}
		for _, text := range texts {
			if form == "ui/" {
				text = html.EscapeString(text)
				_, seen, _ = strings.Cut(seen, "exchanges-title") // before that stands what tells which filter was chosen
				seen, _, _ = strings.Cut(seen, "credentials-title")
			}
			if strings.Contains(seen, text) || strings.Contains(seen, strings.Trim(string(view.AppendValue(nil, text)), `"`)) {
				t.Errorf("%s has %q", form, text)
			}
		}
	}
}
