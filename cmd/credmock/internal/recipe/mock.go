package recipe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/mockserver"
)

// builder asks a mock in this process for the requests that credentials describe. The mock listens nowhere.
type builder struct {
	spec   *credmock.Spec
	server *mockserver.Server
	home   map[string]any // the environment of the credentials
}

// described is the answer of the mock to the question for the requests.
type described struct {
	Requests []struct{ HTTP, Curl string }
	Notes    []string
	Answer   map[string]any // of the server; nil if nothing is sent
}

// refusal is an answer that refuses a credential. Its text holds no value.
type refusal struct {
	Errors []struct{ Pointer, Message string }
}

// newBuilder starts a mock of a document.
func newBuilder(ctx context.Context, spec *credmock.Spec) (*builder, error) {
	server, err := mockserver.New(mockserver.Options{Spec: spec})
	if err != nil {
		return nil, err
	}
	made := &builder{spec: spec, server: server}
	var state struct {
		Organizations []struct{ Environments []map[string]any }
	}
	if _, err := made.ask(ctx, http.MethodGet, "/__admin/state", nil, &state); err != nil {
		return nil, err
	}
	if len(state.Organizations) == 0 || len(state.Organizations[0].Environments) == 0 {
		return nil, errors.New("the mock has no environment")
	}
	made.home = state.Organizations[0].Environments[0]
	return made, nil
}

// describe creates a credential in the mock, and returns its requests or the reasons for which there are none.
func (b *builder) describe(ctx context.Context, body map[string]any, query string) (*described, []string, error) {
	create := b.spec.Operation("credential", "create")
	var made struct{ Payload map[string]any }
	reasons, err := b.ask(ctx, create.Method, create.Prefix+create.Path, b.placed(body), &made)
	if err != nil || reasons != nil {
		return nil, reasons, err
	}
	question := "/__admin/credentials/{id}/token-request"
	if b.signs(body) {
		question = "/__admin/credentials/{id}/signed-request"
	}
	id, _ := made.Payload[b.spec.Strategies[0].Shown.Role(credmock.RoleID).Name].(string)
	found := &described{}
	reasons, err = b.ask(ctx, http.MethodPost, pathtemplate.Fill(question, id)+query, nil, found)
	return found, reasons, err
}

// signs returns whether the strategy of a body signs each request, and asks for no token.
func (b *builder) signs(body map[string]any) bool {
	strategy := b.spec.ImpliedStrategy(body)
	for _, one := range b.spec.Strategies {
		if role := one.Create.Role(credmock.RoleStrategy); role != nil && body[role.Name] == one.Name {
			strategy = one
		}
	}
	return strategy != nil && strategy.Request == "signature"
}

// placed returns a body in the environment of the mock, with a name. The requests depend on neither.
func (b *builder) placed(body map[string]any) map[string]any {
	placed := map[string]any{}
	form := b.spec.Strategies[0].Create
	if role := form.Role(credmock.RoleName); role != nil {
		placed[role.Name] = "credential"
	}
	maps.Copy(placed, body)
	if role := form.Role(credmock.RoleOrganization); role != nil {
		delete(placed, role.Name)
	}
	if role := form.Role(credmock.RoleEnvironment); role != nil {
		placed[role.Name] = b.home[b.environmentID()]
	}
	return placed
}

// environmentID returns the name of the member with the id of an environment.
func (b *builder) environmentID() string {
	if list := b.spec.Operation("environment", "list"); list != nil && list.Item != nil && list.Item.Role(credmock.RoleID) != nil {
		return list.Item.Role(credmock.RoleID).Name
	}
	return "id"
}

// ask sends one request to the mock and decodes its answer. If the mock refuses, the result has its reasons.
func (b *builder) ask(ctx context.Context, method, path string, body, into any) (reasons []string, err error) {
	sent := &bytes.Buffer{}
	if body != nil {
		if err := json.NewEncoder(sent).Encode(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, sent)
	if err != nil {
		return nil, err
	}
	request.RequestURI = path
	request.Header.Set("Authorization", "Bearer "+mockserver.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	b.server.ServeHTTP(answer, request)
	if answer.status < http.StatusBadRequest {
		return nil, json.Unmarshal(answer.body.Bytes(), into)
	}
	var refused refusal
	if err := json.Unmarshal(answer.body.Bytes(), &refused); err != nil || len(refused.Errors) == 0 {
		return nil, fmt.Errorf("the mock answers %d and gives no reason", answer.status)
	}
	for _, one := range refused.Errors {
		reasons = append(reasons, strings.TrimSpace(one.Pointer+" "+one.Message))
	}
	return reasons, nil
}

// answer is an http.ResponseWriter that keeps the answer.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header                  { return a.header }
func (a *answer) WriteHeader(status int)               { a.status = status }
func (a *answer) Write(text []byte) (n int, err error) { return a.body.Write(text) }
