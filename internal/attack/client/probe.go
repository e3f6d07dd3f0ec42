package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// probe does a sound piece of work in a session of its own: create, get, delete, and get what is gone.
func (r *run) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	name := "probe-" + fmt.Sprint(time.Now().UnixNano())
	ask := func(method, path, body string, owed int) ([]byte, error) { return r.ask(ctx, method, path, body, owed) }
	if _, err := ask("POST", "/__admin/sessions", `{"name":"`+name+`"}`, http.StatusCreated); err != nil {
		return err
	}
	base := "/__sessions/" + name + r.prefix
	create, get := r.spec.Operation("credential", "create"), r.spec.Operation("credential", "get")
	form := r.pool.bodies[create.ID][0]
	members := map[string]any{}
	for name, value := range form.members {
		members[name] = value
	}
	for _, secret := range form.secrets {
		members[secret] = probeSecret
	}
	made, err := ask(create.Method, base+create.Path, string(encoded(members)), http.StatusCreated)
	if err != nil {
		return err
	}
	found := r.pool.id.FindSubmatch(made)
	if found == nil {
		return fmt.Errorf("what was created has no id: %.300q", made)
	}
	before, _, _ := strings.Cut(get.Path, "{")
	path := base + before + string(found[1])
	for _, step := range []struct {
		method string
		owed   int
	}{{"GET", 200}, {"DELETE", 200}, {"GET", 404}} {
		if _, err := ask(step.method, path, "", step.owed); err != nil {
			return err
		}
	}
	_, err = ask("DELETE", "/__admin/sessions/"+name, "", http.StatusOK)
	return err
}

const probeSecret = mark + "-of-the-probe"

// ask sends a request of the probe, and holds the answer to a status and to showing no secret.
func (r *run) ask(ctx context.Context, method, path, body string, owed int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.Root+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != owed {
		err = fmt.Errorf("%s %s answered %d where %d is owed: %.300q", method, path, answer.StatusCode, owed, text)
	}
	if err == nil && bytes.Contains(text, []byte(probeSecret)) {
		err = fmt.Errorf("%s %s answered with the secret", method, path)
	}
	return text, err
}
