// Package finalanswer sends HTTP requests that are to have a final answer.
package finalanswer

import (
	"errors"
	"net/http"
)

// ErrInterim says that a server answered 101 or another interim status and nothing more.
var ErrInterim = errors.New("the server answered with an interim status, such as 101 Switching Protocols, and gave no final answer")

// Do sends a request as the client does. A server that switches protocols gets an error: the body of such an answer is the connection
// itself, and net/http lets nothing end a read of it, neither the request's context nor the client's timeout.
func Do(client *http.Client, request *http.Request) (*http.Response, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < http.StatusOK {
		_ = response.Body.Close() // there is nothing to lose
		return nil, ErrInterim
	}
	return response, nil
}
