package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"example.com/bench/internal/drive"
	"example.com/bench/internal/record"
	"example.com/bench/internal/rival"
)

const (
	environment = "a31a92e5-43b7-45df-8085-4ac5a746d105"
	creation    = `{"name":"Lab results","environmentId":"` + environment + `","authStrategy":"OAuth_2.0_2-legged",` +
		`"grantType":"client_credentials","url":"https://auth.example.com/oauth/token","clientId":"lab","clientSecret":"not-a-real-secret"}`
	change = `{"grantType":"client_credentials","url":"https://auth.example.com/oauth/token",` +
		`"clientSecret":"not-a-real-secret","scopes":"orders.read"}`
	wrongChange = `{"grantType":"password","clientSecret":"not-a-real-secret","scopes":"orders.read"}`
)

// raw returns the bytes of a request with a JSON body, or without a body.
func raw(host, method, path, body string) []byte {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer dev-token\r\nAccept: application/json\r\n", method, path, host)
	if body != "" {
		head += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return []byte(head + "\r\n" + body)
}

// target is a server with the credential that requests name.
type target struct {
	*server
	base string // of the paths: the prefix of the API, or of a session
	id   string
}

func (t target) patch() []byte { return raw(t.address(), "PATCH", t.one(), change) }
func (t target) get() []byte   { return raw(t.address(), "GET", t.one(), "") }
func (t target) post() []byte {
	return raw(t.address(), "POST", t.base+"/v1/authcredentials", creation)
}
func (t target) list() []byte {
	return raw(t.address(), "GET", t.base+"/v1/environments/"+environment+"/authcredentials", "")
}
func (t target) one() string { return t.base + "/v1/authcredentials/" + t.id }

func (t target) refused() []byte {
	path := t.one()
	if t.name == record.Floor {
		path = rival.Refused + t.id
	}
	return raw(t.address(), "PATCH", path, wrongChange)
}

func success(status int) bool { return status == http.StatusOK || status == http.StatusCreated }

func refusal(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// fill creates credentials until there are count, and returns the target with the first one.
func (b *bench) fill(ctx context.Context, to *server, count int) (target, error) {
	made := target{server: to, base: to.prefix}
	var answer struct{ Payload struct{ ID string } }
	text, err := ask(ctx, http.MethodPost, "http://"+to.address()+to.prefix+"/v1/authcredentials", creation)
	if err != nil {
		return made, err
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Payload.ID == "" {
		return made, fmt.Errorf("%s: the answer to a create has no id", to.name)
	}
	made.id = answer.Payload.ID
	return made, made.add(ctx, count-1)
}

// add creates more credentials.
func (t target) add(ctx context.Context, count int) error {
	if count == 0 {
		return nil
	}
	turn, err := t.turn(ctx, drive.Load{Connections: min(16, count), Source: drive.Limit(drive.Repeat(t.post()), count), Wanted: success})
	if err == nil && turn.Requests != count {
		err = fmt.Errorf("%s: %d credentials were created in place of %d", t.name, turn.Requests, count)
	}
	return err
}

// ask sends one request and returns the body of a success.
func ask(ctx context.Context, method, url, body string) ([]byte, error) {
	status, text, err := askAny(ctx, method, url, body)
	if err == nil && status >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: status %d: %.300s", method, url, status, text)
	}
	return text, err
}

func askAny(ctx context.Context, method, url, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewBufferString(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer dev-token")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}
