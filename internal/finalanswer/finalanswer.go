// Package finalanswer sends HTTP requests and requires a final answer.
package finalanswer

import (
	"errors"
	"net/http"
)

// ErrInterim reports that a server sent 101 or another interim status and no final answer.
var ErrInterim = errors.New("the server answered with an interim status, such as 101 Switching Protocols, and gave no final answer")

// Do sends a request like client.Do, but returns ErrInterim if the server switches protocols. The body of such a response is the
// connection itself, and neither the request's context nor the client's timeout ends a read of it.
func Do(client *http.Client, request *http.Request) (*http.Response, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < http.StatusOK {
		_ = response.Body.Close() // the connection is of no further use
		return nil, ErrInterim
	}
	return response, nil
}
