package mockserver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/credmock/credmock/mockserver"
)

// vault makes secrets that cannot be mistaken and remembers every byte that came out of a mock.
type vault struct {
	mutex    sync.Mutex
	canaries []string
	seen     bytes.Buffer
}

func (v *vault) canary() string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	made := fmt.Sprintf("cnry^%03d|zQ9\"\\/é", len(v.canaries))
	v.canaries = append(v.canaries, made)
	return made
}

// Write takes what is logged.
func (v *vault) Write(text []byte) (int, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.seen.Write(text)
}

func (v *vault) keep(got result) result {
	fmt.Fprintf(v, "%s\n%v\n", got.text, got.header)
	return got
}

// search looks for every canary in every form and names the forms that were found.
func (v *vault) search(t *testing.T) {
	t.Helper()
	haystack := v.seen.String()
	for i, canary := range v.canaries {
		escaped, _ := json.Marshal(canary)
		for form, needle := range map[string]string{
			"plain": canary, "JSON": strings.Trim(string(escaped), `"`), "percent": url.QueryEscape(canary),
			"head": canary[:9], "tail": canary[5:12],
			"hex": hex.EncodeToString([]byte(canary)), "base64": base64.StdEncoding.EncodeToString([]byte(canary))[:16],
			"base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(canary))[:16],
		} {
			if strings.Contains(haystack, needle) {
				t.Errorf("canary %d came out, as %s", i, form)
			}
		}
	}
}

// Every operation and every kind of refusal meets secrets, in right places and wrong ones; nothing that comes out, the log
// included, holds one.
func TestNoSecretComesOut(t *testing.T) {
	for name, options := range map[string]mockserver.Options{"document": {}, "variant": {Spec: variant(t)}} {
		t.Run(name, func(t *testing.T) {
			kept := &vault{}
			options.Logger = slog.New(slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelDebug}))
			leakEverywhere(t, start(t, options), kept)
			kept.search(t)
			if !strings.Contains(kept.seen.String(), "/platform/v1/authcredentials/{id}") || len(kept.canaries) < 100 {
				t.Error("too little was looked at")
			}
		})
	}
}

func leakEverywhere(t *testing.T, mock *api, kept *vault) {
	oauthSecrets := func() members { return members{"clientSecret": kept.canary(), "password": kept.canary()} }
	awsSecrets := func() members {
		return members{"secretKey": kept.canary(), "sessionToken": kept.canary(), "accountNumber": nil}
	}
	if strategies := mock.send("GET", "/v1/authcredentials/strategies", ""); strings.Contains(strategies.text, "accountNumber") {
		awsBody := awsSecrets
		awsSecrets = func() members { secrets := awsBody(); secrets["accountNumber"] = "1"; return secrets }
	}
	var ids []string
	for _, body := range []string{object(oauthBody, oauthSecrets()), object(awsBody, awsSecrets())} {
		created := kept.keep(mock.send("POST", "/v1/authcredentials", body))
		if created.status != 201 {
			t.Fatalf("%d: %s", created.status, created.text)
		}
		ids = append(ids, created.payload()["id"].(string))
	}
	for i, id := range ids {
		at := "/v1/authcredentials/" + id
		kept.keep(mock.send("GET", at, ""))
		kept.keep(mock.send("PATCH", at, object([]members{patchBody, {}}[i], []members{oauthSecrets(), awsSecrets()}[i])))
		refusals(mock, kept, "PATCH", at)
	}
	refusals(mock, kept, "POST", "/v1/authcredentials")
	refusals(mock, kept, "POST", "/v1/environments/"+development+"/destinations")
	refusals(mock, kept, "PATCH", "/v1/destinations/"+inbox)
	kept.keep(mock.send("POST", "/v1/environments/"+development+"/destinations", object(members{"name": "d", "verificationToken": kept.canary()})))
	kept.keep(mock.send("PATCH", "/v1/destinations/"+inbox, object(members{"authCredential": ids[0], "verificationToken": kept.canary()})))
	for _, path := range []string{"/v1/environments/" + development + "/authcredentials", "/v1/environments/" + development + "/destinations",
		"/v1/destinations/" + inbox, "/v1/organizations/118/environments"} {
		kept.keep(mock.send("GET", path, ""))
	}
	kept.keep(mock.send("POST", "/v1/destinations/"+inbox+"/verify", object(members{"verificationToken": kept.canary()})))
	for _, id := range ids { // the first is in use
		kept.keep(mock.send("DELETE", "/v1/authcredentials/"+id, ""))
	}
	strayRequests(mock, kept)
	tokenRequests(mock, kept)
}

// refusals sends secrets in every body that an operation refuses.
func refusals(mock *api, kept *vault, method, path string) {
	secret := kept.canary
	quoted := func() string { text, _ := json.Marshal(secret()); return string(text) }
	bodies := []string{
		`{"clientSecret":` + quoted(), `{"clientSecret":` + quoted() + `} x`, quoted(), `[` + quoted() + `]`, secret(),
		`{` + quoted() + `:1,` + quoted() + `:{` + quoted() + `:2}}`,
		`{"clientSecret":` + quoted() + `,"clientSecret":` + quoted() + `}`,
		`{"a":{` + quoted() + `:1},` + quoted() + `:1,` + quoted() + `:1}`,
		strings.Repeat(`{`+quoted()+`:`, 70), `{"clientSecret":"` + strings.Repeat("x", 1<<20) + secret() + `"}`,
		"{\"clientSecret\":\"\xff" + secret() + `"}`,
		object(oauthBody, members{"clientSecret": members{secret(): secret()}}),
		object(oauthBody, members{"clientSecret": []any{secret()}}), object(oauthBody, members{"grantType": secret()}),
		object(members{"authStrategy": secret(), "name": secret()}), object(oauthBody, members{"environmentId": secret()}),
		object(members{"name": members{secret(): 1}, "url": []any{secret()}, "noBasic": []any{secret()}, "authCredential": secret()}),
		object(wifBody, members{"scope": []any{members{secret(): secret()}}, "delegates": members{secret(): 1}}),
		object(awsBody, members{"secretKey": 1, "clientSecret": secret(), "sessionTokn": secret()}),
		object(members{"id": secret(), "createdAt": secret(), "updatedAt": secret(), "hasClientSecret": secret(), "environment": members{"id": secret()}, "organization": secret()}),
	}
	for _, body := range bodies {
		kept.keep(mock.send(method, path, body))
	}
	for _, token := range []string{mock.ViewerToken, mock.OtherToken, secret()[:8] + "zQ9", ""} {
		kept.keep(mock.as(token, method, path, object(oauthBody, members{"clientSecret": secret()})))
	}
}

// strayRequests puts secrets where ids, paths, queries, methods and headers belong.
func strayRequests(mock *api, kept *vault) {
	secret := func() string { return url.PathEscape(kept.canary()) }
	for _, path := range []string{"/v1/" + secret(), "/v1/authcredentials/" + secret(), "/v1/authcredentials/strategies?secret=" + secret(),
		"/v1/environments/" + secret() + "/authcredentials", "/v1/organizations/" + secret() + "/environments", "/v1/destinations/" + secret()} {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE", "PUT"} {
			kept.keep(mock.send(method, path, `{}`))
		}
	}
	kept.keep(mock.send("CNRY-zQ9", "/v1/authcredentials", ""))
	for _, name := range []string{"Content-Type", "Content-Encoding", "Accept", "X-Request-Id", "User-Agent", "Cookie"} {
		header := http.Header{"Authorization": {"Bearer " + mock.Token}, "Content-Type": {"application/json"}}
		header.Set(name, strings.ToValidUTF8(kept.canary(), ""))
		kept.keep(mock.raw("POST", mock.URL+"/v1/authcredentials", header, strings.NewReader(`{}`)))
	}
}

func tokenRequests(mock *api, kept *vault) {
	endpoint := strings.TrimSuffix(mock.URL, "/platform") + "/v2/auth/token"
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, form := range []url.Values{
		{"grant_type": {kept.canary()}}, {kept.canary(): {kept.canary()}}, request(kept.canary()),
		request(encode(`{"alg":"ES384","kid":"`+kept.canary()[:5]+`"}`) + "." + encode(`{"iss":"development-client"}`) + ".AAAA"),
		request(encode(`{"alg":"ES384"}`) + "." + encode(object(members{"iss": kept.canary()})) + "." + encode(kept.canary())),
		{"grant_type": {"client_credentials", kept.canary()}},
	} {
		kept.keep(mock.raw("POST", endpoint, header, strings.NewReader(form.Encode())))
	}
	kept.keep(mock.raw("POST", endpoint, header, strings.NewReader("%zz"+kept.canary())))
	kept.keep(mock.raw("PUT", endpoint+"?x="+url.QueryEscape(kept.canary()), header, nil))
}
