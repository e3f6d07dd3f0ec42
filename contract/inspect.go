package contract

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/credmock/credmock"
)

// inspectAnswer notes what the run asks of an answer: its id and version, and the members with the name of a secret. It leaves out
// what no check looks at.
func (s *session) inspectAnswer(e *exchange) {
	if e.failure != nil {
		e.id = s.idInPart(e)
		return
	}
	e.id = s.findID(e)
	e.version, _ = member(e.value, "meta", "version").(string)
	e.version = quoted(e.version)
	s.noteSecretMembers(e)
	if len(e.id) > longestID {
		e.unread("has an id of more than %d bytes", longestID)
		return
	}
	if !e.whole {
		s.condense(e)
	}
}

// findID returns the id in an answer; it looks inside a wrapper too, so that cleaning up misses nothing.
func (s *session) findID(e *exchange) string {
	name := s.roleName(credmock.RoleID)
	payload, _ := member(e.value, "payload").(map[string]any)
	if id := textOf(payload[name]); id != "" {
		return id
	}
	for _, inner := range payload {
		if id := textOf(member(inner, name)); id != "" {
			return id
		}
	}
	return ""
}

// idInPart returns the id of what was created in an answer that was not read whole, so that it can be deleted; nothing where
// the answer does not show it early.
func (s *session) idInPart(e *exchange) string {
	if e.operation == nil || e.operation.Action != "create" || !e.taken() {
		return ""
	}
	name := s.idName(e)
	decoder := json.NewDecoder(bytes.NewReader(e.body[:min(len(e.body), shortAnswer)]))
	var path []string  // the names that lead to where the decoder is; of an array, none
	var objects []bool // whether each is that of an object
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

// isIDPath tells whether the names that lead to a value are those of the id of what was created.
func (s *session) isIDPath(e *exchange, path []string, name string) bool {
	inner := []string{"payload", name}
	if e.operation.Member != "" {
		inner = []string{"payload", e.operation.Member, name}
	}
	return slices.Equal(path, inner) || slices.Equal(path, []string{"payload", "credential", name})
}

// idName returns what the document calls the id of what an operation answers.
func (s *session) idName(e *exchange) string {
	if e.operation.Resource == "credential" || e.operation.Item == nil {
		return s.roleName(credmock.RoleID)
	}
	return roleIn(e.operation.Item, credmock.RoleID)
}

// noteSecretMembers finds the members of a success that have the name of a secret, once for all checks that ask.
func (s *session) noteSecretMembers(e *exchange) {
	if e.operation == nil || e.operation.Resource != "credential" || !e.success() {
		return
	}
	last := map[string]*namedMember{}
	count := map[string]int{}
	walk(member(e.value, "payload"), func(path *step, value any) bool {
		object, isObject := value.(map[string]any)
		if !isObject {
			return true
		}
		for _, name := range s.secretNames {
			secret, there := object[name]
			if !there || !s.owns(object, name, secret, path == nil) {
				continue
			}
			if count[name]++; count[name] > maxFindings {
				last[name].more++
				continue
			}
			last[name] = &namedMember{name: name, pointer: path.pointer("/payload") + "/" + name, shown: shown(object, name)}
			e.secretMembers = append(e.secretMembers, *last[name])
		}
		return true
	})
	for i := range e.secretMembers {
		if one := &e.secretMembers[i]; last[one.name].pointer == one.pointer {
			one.more = last[one.name].more
		}
	}
}

// owns tells whether a member is the secret itself rather than a word about it: any value in a credential that has
// such a secret, a string elsewhere.
func (s *session) owns(object map[string]any, name string, value any, outermost bool) bool {
	if _, isText := value.(string); isText {
		return true
	}
	strategy := s.spec.Strategy(textOf(object[s.roleName(credmock.RoleStrategy)]))
	isCredential := object[s.roleName(credmock.RoleID)] != nil || outermost
	return isCredential && (strategy == nil || slices.ContainsFunc(strategy.Secrets, func(one *credmock.Property) bool { return one.Name == name }))
}

// longestID is how long an id may be to stand in the path of a request.
const longestID = 2048
