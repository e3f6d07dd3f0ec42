package main

import (
	"slices"
	"strings"
)

// violation is one mistake in a member of a body. It never quotes the member's value, which may be a secret.
type violation struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// violations collects all mistakes in a body, so that a client can correct them at once.
type violations []violation

func (v *violations) add(member, detail string) {
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(member)
	*v = append(*v, violation{Pointer: "/" + escaped, Detail: detail})
}

// checkCreation checks the body of a create and returns the new credential without its values.
func (s *server) checkCreation(who account, body object) (credential, violations) {
	var wrong violations
	created := credential{organization: who.organization, strategy: chosenStrategy(body)}
	fields, known := s.offered()[created.strategy]
	if !known {
		wrong.add("authStrategy", "must name a strategy that GET /v1/authcredentials/strategies lists")
	}
	created.environment, _ = body["environmentId"].(string)
	if _, own := s.tenancy.ownEnvironment(who.organization, created.environment); !own {
		wrong.add("environmentId", "must name an environment of your organization")
	}
	if organization, given := body["organization"]; given && organization != float64(who.organization) {
		wrong.add("organization", "must be your organization's number, or be left out")
	}
	if _, given := body["name"]; !given {
		wrong.add("name", "is required")
	}
	for _, each := range fields {
		if _, given := body[each.name]; !given && each.need != optional {
			wrong.add(each.name, "is required")
		}
	}
	wrong.checkValues(fields, body)
	return created, wrong
}

// checkUpdate checks the body of an update against the stored credential.
func (s *server) checkUpdate(stored credential, body object) violations {
	var wrong violations
	fields := strategies[stored.strategy]
	for name, value := range map[string]any{
		"id": stored.id, "environmentId": stored.environment, "organization": float64(stored.organization),
		"authStrategy": stored.strategy, "createdAt": stamp(stored.created),
	} {
		if sent, given := body[name]; given && sent != value {
			wrong.add(name, "cannot be changed; leave it out or send what is stored")
		}
	}
	for _, each := range fields {
		if each.name == "grantType" && s.bugs.updatesWithoutGrant {
			continue
		}
		if _, given := body[each.name]; !given && each.need == always {
			wrong.add(each.name, "is required, also in an update")
		}
	}
	wrong.checkValues(fields, body)
	return wrong
}

// checkValues checks the members of a body. It ignores members that no strategy knows.
func (v *violations) checkValues(fields []field, body object) {
	if name, given := body["name"]; given {
		if written, isText := name.(string); !isText || strings.TrimSpace(written) == "" {
			v.add("name", "must be a string that is not blank")
		}
	}
	for _, each := range fields {
		value, given := body[each.name]
		switch {
		case !given, value == nil && each.need == optional:
		case !each.kind.takes(value):
			v.add(each.name, "must be "+string(each.kind))
		case each.need != optional && value == "":
			v.add(each.name, "must not be empty")
		case each.only != "" && value != each.only:
			v.add(each.name, "must be "+each.only)
		}
	}
}

// chosenStrategy returns the strategy that a body names, or the default strategy if the body has a grant type instead.
func chosenStrategy(body object) string {
	named, given := body["authStrategy"]
	if _, grants := body["grantType"]; !given && grants {
		return defaultStrategy
	}
	name, _ := named.(string)
	return name
}

func (k kind) takes(value any) bool {
	switch value := value.(type) {
	case string:
		return k == text || k == textOrList
	case bool:
		return k == boolean
	case []any:
		return k == textOrList && !slices.ContainsFunc(value, isNotText)
	}
	return false
}

func isNotText(value any) bool {
	_, isText := value.(string)
	return !isText
}
