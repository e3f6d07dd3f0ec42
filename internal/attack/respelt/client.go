// Package respelt calls every operation of a mock. Its tests compare mocks of documents that are written in different ways.
package respelt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/internal/sample"
	"github.com/credmock/credmock/mockserver"
)

// Client calls the mock of a document, without a connection.
type Client struct {
	spec   *credmock.Spec
	server *mockserver.Server
	log    bytes.Buffer
	tells  bool
	told   []string // if tells is set, each answer: the operation, the status, and the body without what differs between runs

	// Broken are the answers with a 5xx, and the panics.
	Broken []string
}

const home = "a31a92e5-43b7-45df-8085-4ac5a746d105" // an environment of the default fixtures

// New starts the mock of a document, or returns the reason why it does not start.
func New(spec *credmock.Spec) (*Client, error) {
	c := &Client{spec: spec}
	var err error
	c.server, err = mockserver.New(mockserver.Options{Spec: spec, Seed: 1, Logger: slog.New(slog.NewTextHandler(&c.log,
		&slog.HandlerOptions{Level: slog.LevelError}))})
	return c, err
}

// Operate calls every operation of the document, in the order of a record's life, rightly and wrongly.
func (c *Client) Operate() {
	number := "118"
	c.call("environment", "list", number, nil)
	c.call("environment", "list", "119", nil)
	c.call("credential", "strategies", "", nil)
	var ids []string
	for _, strategy := range c.spec.Strategies {
		c.call("credential", "create", home, c.bare(strategy.Create))
		id := c.call("credential", "create", home, c.body(strategy.Create))
		c.call("credential", "get", id, nil)
		c.call("credential", "update", id, c.body(strategy.Update))
		c.call("credential", "update", id, map[string]any{"unknown": true})
		ids = append(ids, id)
	}
	c.call("credential", "create", home, map[string]any{})
	c.call("credential", "list", home, nil)
	c.call("credential", "get", "unknown", nil)
	if create := c.spec.Operation("destination", "create"); create != nil && create.Body != nil {
		c.call("destination", "create", home, c.bare(create.Body))
		body := c.body(create.Body)
		if link := create.Body.Role(credmock.RoleCredential); link != nil && len(ids) > 0 && ids[0] != "" {
			body[link.Name] = ids[0]
		}
		id := c.call("destination", "create", home, body)
		c.call("destination", "list", home, nil)
		c.call("destination", "get", id, nil)
		c.call("destination", "verify", id, nil)
		c.call("credential", "delete", ids[0], nil)
		c.call("destination", "update", id, map[string]any{"unknown": true})
		c.call("destination", "delete", id, nil)
	}
	for _, id := range ids {
		c.call("credential", "delete", id, nil)
	}
	c.call("token", "create", "", nil)
}

// body returns a full body for an object, with a value for each member that a client may send.
func (c *Client) body(object *credmock.Object) map[string]any {
	body := map[string]any{}
	for _, property := range object.Properties {
		switch {
		case property.ReadOnly:
		case property.Role == credmock.RoleEnvironment:
			body[property.Name] = home
		case property.Role == credmock.RoleOrganization:
			body[property.Name] = 118.0
		case property.Role == credmock.RoleCredential:
		default:
			body[property.Name] = valueOf(property)
		}
	}
	return body
}

var values sync.Map

// valueOf returns a value that depends on nothing but the property, so that the order of properties does not matter. Values are kept,
// because a source takes long to make.
func valueOf(property *credmock.Property) any {
	schema := property.Schema
	key := fmt.Sprint(property.Name, property.Types(), schema.Enum, schema.Format, schema.Pattern, schema.Example, property.Secret)
	value, known := values.Load(key)
	if !known {
		value = sample.New(int64(crc32.ChecksumIEEE([]byte(property.Name)))).Value(property)
		values.Store(key, value)
	}
	return value
}

// bare returns the smallest body for an object.
func (c *Client) bare(object *credmock.Object) map[string]any {
	body := c.body(object)
	for name := range body {
		if _, required := object.Requires(name); !required {
			delete(body, name)
		}
	}
	return body
}

// call sends a request with and one without a token, and returns the id in the answer, if it has one.
func (c *Client) call(resource, action, id string, body map[string]any) string {
	operation := c.spec.Operation(resource, action)
	if operation == nil {
		return ""
	}
	path := pathtemplate.Fill(operation.Prefix+operation.Path, id)
	answer := c.send(operation, path, body, mockserver.DefaultToken)
	if action == "strategies" || action == "delete" {
		c.send(operation, path, body, "")
		c.send(&credmock.Operation{ID: operation.ID + " by PUT", Method: http.MethodPut}, path, nil, mockserver.DefaultToken)
	}
	decoded := map[string]any{}
	_ = json.Unmarshal(answer.Body.Bytes(), &decoded) // a body that is no object has no id
	var found string
	payload, _ := decoded["payload"].(map[string]any)
	if inner, wrapped := payload[operation.Member].(map[string]any); wrapped {
		payload = inner
	}
	for _, object := range c.shown(operation) {
		if property := object.Role(credmock.RoleID); property != nil {
			if text, isText := payload[property.Name].(string); isText {
				found = text
			}
		}
	}
	return found
}

func (c *Client) shown(operation *credmock.Operation) []*credmock.Object {
	if operation.Item != nil {
		return []*credmock.Object{operation.Item}
	}
	var objects []*credmock.Object
	for _, strategy := range c.spec.Strategies {
		objects = append(objects, strategy.Shown)
	}
	return objects
}

func (c *Client) send(operation *credmock.Operation, path string, body map[string]any, token string) *httptest.ResponseRecorder {
	text, _ := json.Marshal(body) // it was made here
	recorder := httptest.NewRecorder()
	request, err := http.NewRequest(operation.Method, "http://mock.example"+path, bytes.NewReader(text))
	if err != nil {
		c.Broken = append(c.Broken, operation.ID+" has no path that can be called: "+err.Error())
		return recorder
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if operation.MediaType != "" {
		request.Header.Set("Content-Type", operation.MediaType)
	}
	c.log.Reset()
	c.server.ServeHTTP(recorder, request)
	if recorder.Code >= http.StatusInternalServerError || c.log.Len() > 0 {
		c.Broken = append(c.Broken, fmt.Sprintf("%s: %d %s %s", operation.ID, recorder.Code, recorder.Body, c.log.String()))
	}
	if !c.tells {
		return recorder
	}
	c.told = append(c.told, fmt.Sprintf("%s %d %s", operation.ID, recorder.Code, outline(recorder.Body.Bytes())))
	return recorder
}

// outline returns a body with the type in place of each value, except for texts that the document chooses, members and items sorted.
func outline(body []byte) string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return string(body)
	}
	return outlineOf("", value)
}

func outlineOf(name string, value any) string {
	var parts []string
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			parts = append(parts, name+": "+outlineOf(name, inner))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for _, item := range value {
			parts = append(parts, outlineOf(name, item))
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if slices.Contains([]string{"id", "authCredential", "createdAt", "updatedAt", "message", "error_description"}, name) {
			return "a text"
		}
		return value
	}
	return fmt.Sprint(value)
}
