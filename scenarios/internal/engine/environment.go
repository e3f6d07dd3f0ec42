package engine

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// sharedEnvironment returns the environment that the parameters name, else the first one that the server lists.
// All scripts of a run ask once.
func (s *scene) sharedEnvironment() string {
	if s.Environment != "" {
		return s.Environment
	}
	s.place.Do(func() { s.listed = s.firstEnvironment() })
	return s.listed
}

// firstEnvironment asks the server for its environments. An empty id means that it named none.
func (s *scene) firstEnvironment() string {
	list := s.spec.Operation("environment", "list")
	if list == nil || list.Item == nil || list.Item.Role(credmock.RoleID) == nil {
		return ""
	}
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + s.principals[engineer]}}
	answer, err := s.send(s.ctx, list.Method, pathtemplate.Fill(list.Path, strconv.Itoa(s.Organization)), header, "")
	if err != nil {
		return ""
	}
	body, err := answer.json()
	if err != nil {
		return ""
	}
	id, err := ordered.Resolve(body, ordered.At("payload", list.Member, "0", list.Item.Role(credmock.RoleID).Name))
	if err != nil || len(asText(id)) > bound.IDLimit {
		return ""
	}
	return asText(id)
}

// Refused returns the flag of the token that the server refuses, such as --token; "" as long as none is known to be refused.
func (r *Run) Refused() string {
	flag, _ := r.refused.Load().(string)
	return flag
}

// endIfRefused ends the script, and with it the run, if the server refuses the token of the run itself and not only this request:
// all that follows would say nothing of the server.
func (s *scene) endIfRefused(ts *testscript.TestScript, principal string, answer *answer) {
	flag := map[string]string{engineer: "--token", viewer: "--viewer-token", other: "--other-token"}[principal]
	asked := s.spec.Operation("credential", "strategies")
	if answer.status != http.StatusUnauthorized || s.URL == "" || flag == "" || asked == nil {
		return
	}
	header := http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + s.principals[principal]}}
	again, err := s.send(s.ctx, asked.Method, asked.Path, header, "")
	if err != nil || again.status != http.StatusUnauthorized {
		return
	}
	s.refused.Store(flag)
	s.unanswered = true
	ts.Fatalf("the server answers 401 to the token of %s; give the one that it knows", flag)
}

// asText returns a string or a number as it stands in a path, and nothing for any other value.
func asText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}
