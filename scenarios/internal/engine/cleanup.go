package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/pathtemplate"
	"github.com/credmock/credmock/scenarios/internal/bound"
	"github.com/credmock/credmock/scenarios/internal/ordered"
)

// made is something that the script created, and who created it.
type made struct{ path, authorization string }

// remember notes the resources that were created and not deleted, so that the end of the script can delete them.
func (s *scene) remember(answer *answer, authorization string) {
	if answer.status < 200 || answer.status > 299 {
		return
	}
	switch answer.method {
	case http.MethodPost:
		if path := s.madeBy(answer); path != "" && !slices.Contains(s.made, made{path, authorization}) {
			s.made = append(s.made, made{path, authorization})
		}
	case http.MethodDelete:
		s.made = slices.DeleteFunc(s.made, func(made made) bool { return made.path == answer.path })
	}
}

// madeBy returns the path of the created resource, or "" if the answer names none.
func (s *scene) madeBy(answer *answer) string {
	create := s.creates(answer.method, answer.path)
	if create == nil {
		return ""
	}
	remove := s.spec.Operation(create.Resource, "delete")
	id, err := idIn(answer, create)
	switch {
	case err != nil:
		s.leave("a record of %s, because the answer cannot be read", answer)
	case len(id) > bound.IDLimit:
		s.leave("a record of %s, because its id is longer than %d bytes", answer, bound.IDLimit)
	case id != "" && remove != nil:
		return pathtemplate.Fill(remove.Path, id)
	}
	return ""
}

// creates returns the operation that a request calls if it creates something that can be left behind, or nil.
func (s *scene) creates(method, path string) *credmock.Operation {
	for _, operation := range s.spec.Operations {
		if operation.Action == "create" && !operation.Public && operation.Method == method && matches(operation.Path, path) {
			return operation
		}
	}
	return nil
}

// leave tells of something that stays on a server that others use too.
func (s *scene) leave(format string, arguments ...any) {
	if s.URL != "" {
		s.leftBehind = append(s.leftBehind, fmt.Sprintf(format, arguments...))
	}
}

// leaveUnanswered notes that a request without an answer may have created something. A request that was never sent creates nothing.
func (s *scene) leaveUnanswered(method, path string, err error) {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" || s.creates(method, path) == nil {
		return
	}
	s.leave("perhaps a record of %s %s, because its answer could not be read", method, bound.Brief(path))
}

func idIn(answer *answer, create *credmock.Operation) (string, error) {
	name := "id"
	if create.Item != nil && create.Item.Role(credmock.RoleID) != nil {
		name = create.Item.Role(credmock.RoleID).Name
	}
	body, err := answer.json()
	if err != nil {
		return "", err
	}
	for _, pointer := range []string{ordered.At("payload", name), ordered.At("payload", create.Member, name),
		ordered.At("payload", create.Resource, name)} {
		if id, err := ordered.Resolve(body, pointer); err == nil && asText(id) != "" {
			return asText(id), nil
		}
	}
	return "", nil
}

// cleanUp deletes what the script created on a server that others use too, last in, first out, and once more while
// that helps: what was attached late is free only after what uses it is gone. It runs after failures and
// interruptions as well.
func (s *scene) cleanUp() {
	if s.URL == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), s.cleaningTime())
	defer cancel()
	for before := -1; len(s.made) > 0 && len(s.made) != before; {
		before = len(s.made)
		var left []made
		for _, made := range slices.Backward(s.made) {
			if !s.remove(ctx, made) {
				left = append(left, made)
			}
		}
		slices.Reverse(left)
		s.made = left
	}
	for _, made := range s.made {
		s.leftBehind = append(s.leftBehind, "DELETE "+made.path)
	}
}

// cleaningTime is how long cleaning up may take.
func (s *scene) cleaningTime() time.Duration {
	if s.ctx.Err() != nil && !errors.Is(s.ctx.Err(), context.DeadlineExceeded) {
		return cleaningLimit
	}
	if deadline, bounded := s.ctx.Deadline(); bounded {
		return min(answerLimit, time.Until(deadline)+cleaningLimit)
	}
	return answerLimit
}

// remove tells whether it is gone.
func (s *scene) remove(ctx context.Context, made made) bool {
	header := http.Header{"Accept": {"application/json"}}
	if made.authorization != "" {
		header.Set("Authorization", made.authorization)
	}
	answer, err := s.send(ctx, http.MethodDelete, made.path, header, "")
	return err == nil && (answer.status/100 == 2 || answer.status == http.StatusNotFound || answer.status == http.StatusGone)
}
