package probe

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
)

// inspectAnswer notes the id, the version and the secret members of an answer, and drops what no check looks at.
func (s *Session) inspectAnswer(e *wire.Exchange) {
	if e.Failure != nil {
		e.ID = s.idInPart(e)
		return
	}
	e.ID = s.findID(e)
	e.Version, _ = jsonvalue.Member(e.Value, "meta", "version").(string)
	e.Version = jsonvalue.Shorten(e.Version)
	s.noteSecretMembers(e)
	s.noteItems(e)
	if len(e.ID) > longestID {
		e.MarkUnread("has an id of more than %d bytes", longestID)
		return
	}
	if !e.Whole {
		s.condense(e)
	}
}

// findID returns the id in an answer, also inside a wrapper, so that cleaning up misses nothing.
func (s *Session) findID(e *wire.Exchange) string {
	name := s.RoleName(credmock.RoleID)
	payload, _ := jsonvalue.Member(e.Value, "payload").(map[string]any)
	if id := jsonvalue.Text(payload[name]); id != "" {
		return id
	}
	for _, inner := range payload {
		if id := jsonvalue.Text(jsonvalue.Member(inner, name)); id != "" {
			return id
		}
	}
	return ""
}

// idInPart returns the id in the beginning of a create's answer that was not read whole, so that the thing can be deleted; "" if
// there is none.
func (s *Session) idInPart(e *wire.Exchange) string {
	if e.Operation == nil || e.Operation.Action != "create" || !e.IsDone() {
		return ""
	}
	name := s.idName(e)
	decoder := json.NewDecoder(bytes.NewReader(e.Body[:min(len(e.Body), wire.ShortAnswer)]))
	var path []string  // the names that lead to the current value; "" for an array
	var objects []bool // whether each of them is an object
	for isName := false; ; {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		text, isText := token.(string)
		switch {
		case token == json.Delim('{') || token == json.Delim('['):
			path, objects = append(path, ""), append(objects, token == json.Delim('{'))
			isName = token == json.Delim('{')
			continue
		case token == json.Delim('}') || token == json.Delim(']'):
			path, objects = path[:len(path)-1], objects[:len(objects)-1]
		case isName:
			path[len(path)-1], isName = text, false
			continue
		case isText && s.isIDPath(e, path, name) && len(text) <= longestID:
			return text
		}
		isName = len(objects) > 0 && objects[len(objects)-1]
	}
}

// isIDPath tells whether a path of names leads to the id of the created thing.
func (s *Session) isIDPath(e *wire.Exchange, path []string, name string) bool {
	inner := []string{"payload", name}
	if e.Operation.Member != "" {
		inner = []string{"payload", e.Operation.Member, name}
	}
	return slices.Equal(path, inner) || slices.Equal(path, []string{"payload", "credential", name})
}

// idName returns the name of the id in an operation's answers.
func (s *Session) idName(e *wire.Exchange) string {
	if e.Operation.Resource == "credential" || e.Operation.Item == nil {
		return s.RoleName(credmock.RoleID)
	}
	return rerun.RoleIn(e.Operation.Item, credmock.RoleID)
}

// noteSecretMembers notes the members of a success with the name of a secret, once for all checks.
func (s *Session) noteSecretMembers(e *wire.Exchange) {
	if e.Operation == nil || e.Operation.Resource != "credential" || !e.Success() {
		return
	}
	last := map[string]*wire.SecretMember{}
	count := map[string]int{}
	jsonvalue.Walk(jsonvalue.Member(e.Value, "payload"), func(path *jsonvalue.Path, value any) bool {
		object, isObject := value.(map[string]any)
		if !isObject {
			return true
		}
		for _, name := range s.secretNames {
			secret, there := object[name]
			if !there || !s.owns(object, name, secret, path == nil) {
				continue
			}
			if count[name]++; count[name] > MaxFindings {
				last[name].More++
				continue
			}
			last[name] = &wire.SecretMember{Name: name, Pointer: path.Pointer("/payload") + "/" + name, Shown: jsonvalue.Describe(object, name)}
			e.SecretMembers = append(e.SecretMembers, *last[name])
		}
		return true
	})
	for i := range e.SecretMembers {
		if one := &e.SecretMembers[i]; last[one.Name].Pointer == one.Pointer {
			one.More = last[one.Name].More
		}
	}
}

// owns tells whether a member is the secret itself: any value in a credential that has such a secret, only a string elsewhere.
func (s *Session) owns(object map[string]any, name string, value any, outermost bool) bool {
	if _, isText := value.(string); isText {
		return true
	}
	strategy := s.Spec.Strategy(jsonvalue.Text(object[s.RoleName(credmock.RoleStrategy)]))
	isCredential := object[s.RoleName(credmock.RoleID)] != nil || outermost
	return isCredential && (strategy == nil ||
		slices.ContainsFunc(strategy.Secrets, func(one *credmock.Property) bool { return one.Name == name }))
}

// longestID is the longest id that fits into the path of a request.
const longestID = 2048
