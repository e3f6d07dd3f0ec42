// Package client is a small client of the auth-credential API, for one strategy: OAuth 2.0 with client credentials.
// Its tests run against the mock.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client calls the API with one bearer token.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New returns a client of the API at base, which ends before /v1.
func New(base, token string) *Client {
	return &Client{base: strings.TrimRight(base, "/"), token: token, http: http.DefaultClient}
}

// Create stores a new credential.
func (c *Client) Create(ctx context.Context, draft Draft) (Credential, error) {
	return c.single(ctx, http.MethodPost, "", draft)
}

// Get reads a credential.
func (c *Client) Get(ctx context.Context, id string) (Credential, error) {
	return c.single(ctx, http.MethodGet, id, nil)
}

// Update changes the fields that draft sets. GrantType and URL must be set even if they stay the same, because the API
// requires them in each update.
func (c *Client) Update(ctx context.Context, id string, draft Draft) (Credential, error) {
	return c.single(ctx, http.MethodPatch, id, draft)
}

// Delete removes a credential.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, id, nil, nil)
}

// single calls an operation that returns one credential.
func (c *Client) single(ctx context.Context, method, id string, body any) (Credential, error) {
	var answered Credential
	err := c.call(ctx, method, id, body, &answered)
	return answered, err
}

// call sends a request. If result is not nil, it decodes the payload of a success into it.
func (c *Client) call(ctx context.Context, method, id string, body, result any) error {
	request, err := c.request(ctx, method, id, body)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return refusal(response.StatusCode, answer)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer, &struct {
		Payload any `json:"payload"`
	}{result})
}

func (c *Client) request(ctx context.Context, method, id string, body any) (*http.Request, error) {
	path := "/v1/authcredentials"
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	var sent io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, sent)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// Refusal is the error for an answer that is not a success. A program should decide by Status. The violations are for
// people, because the API does not document them.
type Refusal struct {
	Status     int
	Violations []Violation
}

// Violation is one mistake in a request.
type Violation struct {
	Message string `json:"message"`
	Pointer string `json:"pointer"` // to the member of the body; may be empty
}

func (r *Refusal) Error() string {
	text := fmt.Sprintf("refused with %d %s", r.Status, http.StatusText(r.Status))
	for _, violation := range r.Violations {
		text += "; " + strings.TrimSpace(violation.Pointer+" "+violation.Message)
	}
	return text
}

func refusal(status int, answer []byte) error {
	var body struct {
		Errors []Violation `json:"errors"`
	}
	_ = json.Unmarshal(answer, &body) // another body has no violations
	return &Refusal{Status: status, Violations: body.Errors}
}
