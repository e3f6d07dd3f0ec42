package scenarios

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// send sends a request and reads the whole answer.
func (s *scene) send(ctx context.Context, method, path string, header http.Header, body string) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.address(path), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := readAll(response)
	if err != nil {
		return nil, errors.New("the answer broke off: " + err.Error())
	}
	return &answer{
		method: method, path: path, statusLine: response.Proto + " " + response.Status,
		status: response.StatusCode, header: response.Header, body: data,
	}, nil
}

// address returns where a path of the document is. What the document serves beside the base, as it does the token
// endpoint, is looked for beside it.
func (s *scene) address(path string) string {
	prefix := s.spec.Operation("credential", "get").Prefix
	for _, operation := range s.spec.Operations {
		if operation.Prefix != prefix && matches(operation.Path, path) {
			return strings.TrimSuffix(s.base, prefix) + operation.Prefix + path
		}
	}
	return s.base + path
}

// matches tells whether a path fits a template such as /v1/authcredentials/{id}.
func matches(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	wanted, parts := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(parts) {
		return false
	}
	for i, want := range wanted {
		if want != parts[i] && (!strings.HasPrefix(want, "{") || parts[i] == "") {
			return false
		}
	}
	return true
}

// fill puts a value where a template has its only parameter.
func fill(template, value string) string {
	before, rest, found := strings.Cut(template, "{")
	_, after, closed := strings.Cut(rest, "}")
	if !found || !closed {
		return template
	}
	return before + url.PathEscape(value) + after
}

// unwrapURL drops the address that errors of a client begin with: the transcript has it already.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// learnToken learns the bearer that a token endpoint gave out: a script may use it, and must not show it.
func (s *scene) learnToken(answer *answer) {
	for _, operation := range s.spec.Operations {
		if !operation.Public || !matches(operation.Path, answer.path) {
			continue
		}
		if value, err := decode(answer.body); err == nil {
			learnMembers(value, []string{bearerMember}, s.secrets.learn)
		}
	}
}

// bearerMember is what OAuth 2.0 calls the token in an answer (RFC 6749, section 5.1).
const bearerMember = "access_token"
