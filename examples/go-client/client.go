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
	"strconv"
	"strings"
	"time"
)

// Client calls the API with one bearer token.
type Client struct {
	base  string
	token string
	http  *http.Client

	// Attempts is how often a request is sent at most, if the API is busy (429, 503). Each has the same body.
	Attempts int
}

// New returns a client of the API at base, which ends before /v1.
func New(base, token string) *Client {
	return &Client{base: strings.TrimRight(base, "/"), token: token, http: http.DefaultClient, Attempts: 3}
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

// call sends a request until the API is not busy. If result is not nil, it decodes the payload of a success into it.
func (c *Client) call(ctx context.Context, method, id string, body, result any) error {
	for attempt := 1; ; attempt++ {
		status, wait, answer, err := c.send(ctx, method, id, body)
		switch {
		case err != nil:
			return err
		case isBusy(status) && attempt < c.Attempts:
			if err := pause(ctx, wait); err != nil {
				return err
			}
		case status >= http.StatusBadRequest:
			return refusal(status, answer)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer, &struct {
				Payload any `json:"payload"`
			}{result})
		}
	}
}

// isBusy reports whether the API did nothing and asks to try again.
func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// pause waits, or returns an error if the context ends before.
func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// send sends a request once. It returns how long the API asks to wait.
func (c *Client) send(ctx context.Context, method, id string, body any) (status int, wait time.Duration, answer []byte, err error) {
	request, err := c.request(ctx, method, id, body)
	if err != nil {
		return 0, 0, nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // without the header, at once
	return response.StatusCode, time.Duration(seconds) * time.Second, answer, err
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
