package mutants

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock"
)

// replacesWhole makes an update clear every optional field that it leaves out.
func replacesWhole() fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if strategy := credmock.Default().Strategy(e.strategy()); strategy != nil {
			for _, field := range strategy.Fields {
				if _, there := body[field.Name]; !there && field.Nullable && !field.Secret {
					body[field.Name] = nil
				}
			}
		}
	})
}

// wipesSecrets makes an update clear the secrets that it leaves out.
func wipesSecrets() fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if strategy := credmock.Default().Strategy(e.strategy()); strategy != nil {
			for _, secret := range strategy.Secrets {
				if _, there := body[secret.Name]; !there && secret.Nullable {
					body[secret.Name] = nil
				}
			}
		}
	})
}

// ignoresNulls drops null from bodies of update.
func ignoresNulls() fault {
	return inBodies("update", func(_ *exchange, body map[string]any) {
		maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil })
	})
}

// answersOld answers an update with the credential before it.
func answersOld() []fault {
	return []fault{
		before("update", func(e *exchange) { e.note(e.askFor("get", e.id, nil).payload(), "before", e.id) }),
		afterSuccess("update", func(e *exchange) {
			if old, isObject := e.noted("before", e.id).(map[string]any); isObject {
				e.answer["payload"] = old
			}
		}),
	}
}

// notStored answers an update as if it were done, and does not store it.
func notStored() fault {
	return fault{
		before: func(e *exchange) {
			if e.is("update") && e.body != nil {
				old := e.askFor("get", e.id, nil)
				e.note(old.payload(), "before", e.id)
			}
		},
		after: func(e *exchange) {
			old, _ := e.noted("before", e.id).(map[string]any)
			if !e.is("update") || !e.success() || old == nil {
				return
			}
			back := map[string]any{}
			for name := range e.body {
				if old[name] != nil {
					back[name] = old[name]
				}
			}
			e.askFor("update", e.id, back)
		},
	}
}

// ignoresFixed drops immutable members from bodies of update instead of refusing them.
func ignoresFixed(member string) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if value, there := body[member]; there && value != e.shown(e.id)[member] {
			delete(body, member)
		}
	})
}

// changesFixed accepts another value of an immutable member and keeps showing it.
func changesFixed(member string) []fault {
	return []fault{
		inBodies("update", func(e *exchange, body map[string]any) {
			if value, there := body[member]; there && value != e.shown(e.id)[member] {
				e.note(value, "changed", e.id, member)
				delete(body, member)
			}
		}),
		inCredentials("get update", func(e *exchange, credential map[string]any) {
			if value := e.noted("changed", e.id, member); value != nil {
				credential[member] = value
			}
		}),
	}
}

// refusesMember refuses bodies with a member.
func refusesMember(names string, members ...string) fault {
	return refuseWhen(names, 400, func(e *exchange) bool {
		return slices.ContainsFunc(members, func(name string) bool { _, there := e.body[name]; return there })
	})
}

// onWriteBack returns a fault that changes bodies that repeat an answer.
func onWriteBack(change func(e *exchange, body map[string]any)) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		if body["id"] != nil && body["createdAt"] != nil {
			change(e, body)
		}
	})
}

func clearsSecrets(e *exchange, body map[string]any) {
	for _, flag := range []string{"hasClientSecret", "hasPassword", "hasSessionToken"} {
		if _, there := body[flag]; there {
			body[secretOf(flag)] = nil
		}
	}
}

// changedBy changes the value of a member after an update.
func changedBy(member string, value any) []fault {
	return []fault{
		afterSuccess("update", func(e *exchange) { e.note(value, "changed", e.id, member) }),
		inCredentials("get update", func(e *exchange, credential map[string]any) {
			if changed := e.noted("changed", e.id, member); changed != nil {
				credential[member] = changed
			}
		}),
	}
}

var updateFaults = []Mutant{
	broken("update/time/before", "updatedAt in get is before createdAt.", "update/time/updatedAt",
		convert("get", "updatedAt", func(any) any { return "2001-01-01T00:00:00.000Z" })),
	careless("update/time/still", "updatedAt stays as it was.", "update/time/updatedAt/moves",
		inCredentials("create get update list",
			func(_ *exchange, credential map[string]any) { credential["updatedAt"] = credential["createdAt"] })),
	careless("update/repeat/flag", "A flag that is repeated is refused.", "update/repeat/hasPassword",
		refusesMember("update", "hasPassword")),
	careless("update/repeat/time", "updatedAt that is repeated is refused.", "update/repeat/updatedAt",
		refusesMember("update", "updatedAt")),
	broken("update/merge/replaces", "An update clears every field that it leaves out.", "update/merge", replacesWhole()),
	broken("update/merge/google-replaces", "An update of GoogleWIF clears every field that it leaves out.", "update/merge/GoogleWIF",
		before("update", func(e *exchange) {
			if e.strategy() == google {
				replacesWhole().before(e)
			}
		})),
	broken("update/merge/wipes-secrets", "An update clears the secrets that it leaves out.", "flags/update/hasClientSecret/kept",
		wipesSecrets()),
	broken("update/merge/wipes-session-token", "An update of AwsSigv4 clears the session token that it leaves out.",
		"flags/update/hasSessionToken/kept/AwsSigv4", before("update", func(e *exchange) {
			if e.strategy() == aws {
				wipesSecrets().before(e)
			}
		})),
	broken("update/parts/secret-with-id", "A new clientId clears the client secret.", "update/parts",
		clearsWith(oauth, "clientId", "clientSecret", false)),
	broken("update/parts/null-password", "A user name that is cleared clears the password.", "update/parts/SMART_Backend",
		clearsWith(smart, "username", "password", true)),
	broken("update/parts/session", "A new access key clears the session token.", "update/parts/AwsSigv4",
		clearsWith(aws, "accessKey", "sessionToken", false)),
	broken("update/parts/lifetime", "Delegates that are cleared clear the lifetime.", "update/parts/GoogleWIF",
		clearsWith(google, "delegates", "lifetime", true)),
	broken("update/parts/names-apart", "A new clientIdName is stored as clientSecretName too.", "update/parts",
		inBodies("update", func(_ *exchange, body map[string]any) {
			_, both := body["clientSecretName"]
			if name, isText := body["clientIdName"].(string); isText && !both {
				body["clientSecretName"] = name
			}
		})),
	broken("update/answer/old", "An update answers the credential as it was before.", "update/answer", answersOld()...),
	broken("update/answer/not-stored", "An update answers what it was sent, and stores nothing.", "update/answer", notStored()),
	broken("update/answer/changes-only", "An update answers what it changed alone.", "types/update/organization",
		afterSuccess("update", func(e *exchange) {
			maps.DeleteFunc(e.payload(), func(name string, _ any) bool { _, sent := e.body[name]; return !sent && name != "id" })
		})),
	broken("update/answer/time", "updatedAt in the answer of an update is not the one that is stored.", "update/answer",
		set("update", "updatedAt", "2031-01-01T00:00:00.000Z")),
	broken("update/answer/cached", "get answers as it was asked first, whatever was updated.", "update/answer", cachesGet()),
	broken("update/answer/aws-cached", "get of AwsSigv4 answers as it was asked first.", "update/answer/AwsSigv4",
		afterSuccess("get", func(e *exchange) {
			if e.strategy() == aws {
				cachesGet().after(e)
			}
		})),
	broken("update/stable/id", "The id is another one after an update.", "update/stable/id",
		afterSuccess("update", func(e *exchange) { e.payload()["id"] = "00000000-0000-4000-8000-00000000000a" })),
	broken("update/stable/created-later", "createdAt is a millisecond later after an update.", "update/stable/createdAt",
		times("update", func(at time.Time) string { return at.Add(time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00") })[:1]...),
	broken("update/stable/created", "createdAt is that of the last update.", "update/stable/createdAt",
		inCredentials("update get", func(_ *exchange, credential map[string]any) {
			credential["createdAt"] = credential["updatedAt"]
		})),
	broken("update/stable/organization", "The organization is another one after an update.", "update/stable/organization",
		changedBy("organization", 7)...),
	broken("update/stable/environment", "The environment is another one after an update.", "update/stable/environmentId",
		changedBy("environmentId", "Production")...),
	broken("update/stable/strategy", "The strategy is OAuth after any update.", "update/stable/authStrategy",
		changedBy("authStrategy", oauth)...),
	broken("update/written-back/clears", "Writing a read body back clears the secrets.", "update/written-back", onWriteBack(clearsSecrets)),
	broken("update/written-back/clears-aws", "Writing a read body back clears the session token.", "update/written-back/AwsSigv4",
		onWriteBack(func(e *exchange, body map[string]any) {
			if body["secretKey"] == nil && body["hasSessionToken"] == true {
				body["sessionToken"] = nil
			}
		})),
	broken("update/written-back/not-stored", "Writing a read body back is taken, and does nothing.", "update/written-back",
		onWriteBack(func(e *exchange, body map[string]any) {
			body["name"] = e.shown(e.id)["name"]
		})),
	careless("update/null/ignored", "null leaves a field as it was.", "update/null", ignoresNulls()),
	careless("update/null/google-ignored", "null leaves a field of GoogleWIF as it was.", "update/null/GoogleWIF",
		before("update", func(e *exchange) {
			if e.strategy() == google {
				ignoresNulls().before(e)
			}
		})),
	careless("update/null/empty", "null makes a field the empty string.", "update/null",
		inBodies("update", func(_ *exchange, body map[string]any) {
			for _, name := range freeTexts {
				if value, there := body[name]; there && value == nil {
					body[name] = ""
				}
			}
		})),
	careless("update/null/refused", "null is refused.", "update/null", refuseWhen("update", 400, func(e *exchange) bool {
		return slices.ContainsFunc(freeTexts, func(name string) bool { value, there := e.body[name]; return there && value == nil })
	})),
	careless("update/write-back/refused", "A body with what only the server owns is refused.", "update/write-back",
		refusesMember("update", "createdAt", "updatedAt")),
	careless("update/repeat/organization", "A body that repeats the organization is refused.", "update/repeat/organization",
		refusesMember("update", "organization")),
	careless("update/repeat/strategy", "A body that repeats the strategy is refused.", "update/repeat/authStrategy",
		refusesMember("update", "authStrategy")),
	careless("update/fixed/organization-ignored", "Another organization in a body is ignored.", "update/fixed/organization",
		ignoresFixed("organization")),
	careless("update/fixed/environment-changed", "An update moves a credential to another environment.", "update/fixed/environmentId",
		changesFixed("environmentId")...),
	careless("update/fixed/strategy-changed", "An update changes the strategy.", "update/fixed/authStrategy", changesFixed("authStrategy")...),
	careless("update/fixed/created-changed", "An update sets createdAt.", "update/fixed/createdAt", changesFixed("createdAt")...),
	careless("update/fixed/id-ignored", "Another id in a body is ignored.", "update/fixed/id", ignoresFixed("id")),
	broken("update/time/back", "updatedAt goes back with an update.", "update/time/updatedAt",
		changedBy("updatedAt", "2001-01-01T00:00:00.000Z")...),
	broken("update/near/case", "A new text that differs in case alone is no change.", "fields/tempting/update",
		overlooks("", strings.ToLower)),
	broken("update/near/blank", "A new text that differs in a blank at its end is no change.", "fields/tempting/update",
		overlooks("", strings.TrimSpace)),
	broken("update/near/slash", "A new URL that differs in a slash at its end is no change.", "fields/tempting/update",
		overlooks("", func(text string) string { return strings.TrimSuffix(text, "/") })),
	broken("update/near/zero", "A new number in a text that differs in a leading zero is no change.", "fields/tempting/update",
		overlooks("", func(text string) string { return strings.TrimLeft(text, "0") })),
	broken("update/near/last", "A new text that differs in its last character is no change.", "fields/tempting/update",
		overlooks("", withoutLast)),
	broken("update/near/google", "A new text of GoogleWIF that differs in case or in a blank is no change.",
		"fields/tempting/update/GoogleWIF",
		overlooks(google, func(text string) string { return strings.ToLower(strings.TrimSpace(text)) })),
}

// overlooks keeps the stored text if a new one means the same.
func overlooks(strategy string, meaning func(string) string) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		for name, value := range body {
			text, isText := value.(string)
			stored, wasText := e.shown(e.id)[name].(string)
			if isText && wasText && meaning(text) == meaning(stored) && (strategy == "" || e.strategy() == strategy) {
				body[name] = stored
			}
		}
	})
}

// withoutLast cuts the last character.
func withoutLast(text string) string {
	_, size := utf8.DecodeLastRuneInString(text)
	return text[:len(text)-size]
}

// clearsWith clears a member with an update that has another one: with null, or with a value.
func clearsWith(strategy, changed, cleared string, null bool) fault {
	return inBodies("update", func(e *exchange, body map[string]any) {
		value, there := body[changed]
		if _, own := body[cleared]; there && !own && (value == nil) == null && e.strategy() == strategy {
			body[cleared] = nil
		}
	})
}
