package rival

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(t *testing.T, handler http.Handler, method, path, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if strings.HasSuffix(path, "/token") {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	var object map[string]any
	if recorder.Code < 500 && json.Unmarshal(recorder.Body.Bytes(), &object) != nil {
		t.Errorf("%s %s: %d %q is no object", method, path, recorder.Code, recorder.Body)
	}
	return recorder.Code, recorder.Body.String()
}

// The floor keeps what is created and updated, and shows no secret. So it does the work of the requests that are measured.
func TestFloorStores(t *testing.T) {
	floor := Floor()
	const one, all = "/platform/v1/authcredentials/0", "/platform/v1/environments/e/authcredentials"
	for _, step := range []struct {
		method, path, body string
		status             int
		has, lacks         string
	}{
		{"POST", "/platform/v1/authcredentials", `{"name":"Lab","clientSecret":"odd-secret"}`, 201, `"hasClientSecret":true`, "odd-secret"},
		{"PATCH", one, `{"scopes":"orders.read"}`, 200, `"scopes":"orders.read"`, "odd-secret"},
		{"GET", one, "", 200, `"name":"Lab"`, "odd-secret"},
		{"GET", all, "", 200, `{"credentials":[{"organization":118,"name":"Lab"`, "odd-secret"},
		{"PATCH", Refused + "0", `{"grantType":"password"}`, 400, `"code":"enum"`, "password"},
		{"POST", "/v2/auth/token", "client_assertion=a.b.c", 200, `"expires_in":300`, "a.b.c"},
	} {
		status, body := ask(t, floor, step.method, step.path, step.body)
		if status != step.status || !strings.Contains(body, step.has) || strings.Contains(body, step.lacks) {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, body)
		}
	}
}

func TestStaticAnswersTheSame(t *testing.T) {
	static := Static(201, []byte(`{"a":1}`))
	for _, method := range []string{"GET", "POST"} {
		if status, body := ask(t, static, method, "/any", `{}`); status != 201 || body != `{"a":1}` {
			t.Errorf("%s: %d %s", method, status, body)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, writer, Floor()) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "listening on http://127.0.0.1:") {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
