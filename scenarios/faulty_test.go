package scenarios_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

const credential = `"organization":118,"name":"n","environmentId":"e","id":"i","createdAt":"2026-01-15T09:30:00.000Z",` +
	`"updatedAt":"2026-01-15T09:30:00.000Z","authStrategy":"OAuth_2.0_2-legged","grantType":"client_credentials"`

// answers are what a server with faults says for each id.
var answers = map[string]string{
	"no-meta":    `{"payload":{` + credential + `,"url":"u","hasPassword":false,"hasClientSecret":false}}`,
	"wrong-type": `{"meta":{"version":"1.0.0"},"payload":{` + credential + `,"url":42,"hasPassword":false,"hasClientSecret":false}}`,
	"no-flag":    `{"meta":{"version":"1.0.0"},"payload":{` + credential + `,"url":"u","hasPassword":false}}`,
	"secret-key": `{"meta":{"version":"1.0.0"},"payload":{` + credential +
		`,"url":"u","hasPassword":false,"hasClientSecret":true,"clientSecret":"***"}}`,
	"secret-null": `{"meta":{"version":"1.0.0"},"payload":{` + credential +
		`,"url":"u","hasPassword":false,"hasClientSecret":true,"password":null}}`,
	"teapot":   `{"meta":{"version":"1.0.0"},"payload":{}}`,
	"html":     `<html></html>`,
	"trailing": `{"meta":{"version":"1.0.0"}} and more`,
	"moved":    `{}`,
	"large":    `{"payload":{"number":9007199254740993}}`,
}

// faulty returns the base URL of a server that breaks the contract, each id in its own way. The id echo gives back
// what it was sent in every way there is.
func faulty(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		switch id {
		case "html":
			w.Header().Set("Content-Type", "text/html")
		case "teapot":
			w.WriteHeader(http.StatusTeapot)
		case "moved":
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
		case "echo":
			echo(w, r)
			return
		}
		_, _ = io.WriteString(w, answers[id])
	}))
	t.Cleanup(server.Close)
	return server.URL + "/platform"
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sent := string(body) + r.Header.Get("Authorization")
	w.Header().Set("X-Echo", strings.ReplaceAll(string(body), "\n", " "))
	fmt.Fprintf(w, `{"meta":{"version":"1.0.0"},"payload":{%s,"url":%q,"hasPassword":false,"hasClientSecret":true,`+
		`"clientId":%q,"audience":%q}}`,
		credential, sent, base64.StdEncoding.EncodeToString(body), sent[len(sent)/2:])
}
