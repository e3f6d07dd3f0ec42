package engine

import (
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/scenarios/internal/bound"
)

// tokenRequest asks the mock of the script for the token request that a credential describes. The API has no such operation, so no
// other server is asked.
func (s *scene) tokenRequest(ts *testscript.TestScript, _ bool, arguments []string) {
	if s.URL != "" {
		s.stage.Skip("it asks for a token request, which only the mock shows, so it cannot run against --url")
	}
	if s.base == "" {
		s.startMock(ts, nil)
	}
	path := pathtemplate.Fill("/__admin/credentials/{id}/token-request", arguments[0])
	if len(arguments) == 2 {
		path += "?" + strings.TrimPrefix(arguments[1], "?")
	}
	root := strings.TrimSuffix(s.base, s.spec.BasePath())
	answer, err := s.sendTo(s.ctx, http.MethodPost, root, path, http.Header{"Accept": {"application/json"}}, "")
	if err != nil {
		s.unanswered = true
		ts.Fatalf("token-request %s got no answer: %s", bound.Brief(arguments[0]), bound.Brief(unwrapURL(err).Error()))
	}
	s.last = answer
	s.show(ts, answer)
}
