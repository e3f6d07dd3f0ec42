package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/mask"
)

// sendOnce sends a request to a path of the document and reads the whole answer.
func (s *scene) sendOnce(ctx context.Context, method, path string, header http.Header, body string) (*answer, error) {
	return s.sendTo(ctx, method, strings.TrimSuffix(s.address(path), path), path, header, body)
}

// sendTo sends a request to a path below a URL and reads the whole answer.
func (s *scene) sendTo(ctx context.Context, method, base, path string, header http.Header, body string) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return nil, &unsendableError{unwrapURL(err).Error()}
	}
	apply(header, request)
	if s.URL != "" {
		maps.Copy(request.Header, s.Header)
		s.pace.Wait(ctx)
	}
	response, err := finalanswer.Do(s.client, request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := readAll(response)
	if err != nil {
		return nil, err
	}
	return &answer{
		method: method, path: path, statusLine: response.Proto + " " + response.Status,
		status: response.StatusCode, header: response.Header, body: data,
	}, nil
}

// unsendableError says why a request is none: a captured value may hold what no path can.
type unsendableError struct{ reason string }

func (e *unsendableError) Error() string { return e.reason }

// readAll reads a body to its end. One that is larger than the bound is not read to its end, and nothing is said of it.
func readAll(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, bound.BodyLimit+1))
	if err != nil {
		return nil, errors.New("the answer broke off: " + err.Error())
	}
	if len(body) > bound.BodyLimit {
		return nil, fmt.Errorf("it is larger than %s and was not read to its end", bound.Size(bound.BodyLimit))
	}
	for name, values := range response.Trailer {
		response.Header[name] = append(response.Header[name], values...)
	}
	return body, nil
}

// address returns where a path of the document is. What the document serves beside the base, as it does the token
// endpoint, is looked for beside it.
func (s *scene) address(path string) string {
	prefix := s.spec.BasePath()
	for _, operation := range s.spec.Operations {
		if operation.Prefix != prefix && matches(operation.Path, path) {
			return strings.TrimSuffix(s.base, prefix) + operation.Prefix + path
		}
	}
	return s.base + path
}

// matches tells whether a path, its query apart, fits a template such as /v1/authcredentials/{id}.
func matches(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	_, fits := pathtemplate.Match(template, path)
	return fits
}

// unwrapURL drops the address that errors of a client begin with: the transcript has it already.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// learnToken learns the bearer that a token endpoint gave out: a script may use it, and must not show it. It fails where the
// answer holds more than can be kept hidden.
func (s *scene) learnToken(answer *answer) error {
	for _, operation := range s.spec.Operations {
		if !operation.Public || !matches(operation.Path, answer.path) {
			continue
		}
		value, err := answer.json()
		if err != nil {
			continue
		}
		var tokens []string
		mask.LearnMembers(value, []string{bearerMember}, func(found ...string) { tokens = append(tokens, found...) })
		if len(tokens) > bound.MostTokens || slices.ContainsFunc(tokens, func(token string) bool { return len(token) > bound.TokenLimit }) {
			return fmt.Errorf("it holds more than %d access tokens, or one that is longer than %s", bound.MostTokens, bound.Size(bound.TokenLimit))
		}
		s.secrets.Learn(tokens...)
	}
	return nil
}

// bearerMember is what OAuth 2.0 calls the token in an answer (RFC 6749, section 5.1).
const bearerMember = "access_token"
