package engine

import (
	"encoding/json"
	"net/http"
	"strconv"

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
