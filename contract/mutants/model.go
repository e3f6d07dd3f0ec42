package mutants

import (
	"net/http"
	"slices"
)

// turn returns the number of updates of a credential, including this one.
func turn(e *exchange) int { return e.count(1, "updates", e.id) }

// secondResets makes every update after the first restore the created values of fields that it leaves out.
func secondResets() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) { e.note(e.shown(e.credentialID()), "first", e.credentialID()) }),
		inBodies("update", func(e *exchange, body map[string]any) {
			first, isObject := e.noted("first", e.id).(map[string]any)
			if turn(e) < 2 || !isObject {
				return
			}
			for _, name := range freeTexts {
				if _, sent := body[name]; !sent && first[name] != nil {
					body[name] = first[name]
				}
			}
		}),
	}
}

// drafts applies the changes of a refused update with the next one.
func drafts() []fault {
	return []fault{
		inErrors("update", func(e *exchange) { e.note(e.body, "draft", e.id) }),
		inBodies("update", func(e *exchange, body map[string]any) {
			draft, _ := e.noted("draft", e.id).(map[string]any)
			for _, name := range slices.Concat(freeTexts, []string{"lifetime", "options", "sts_scope"}) {
				if text, isText := draft[name].(string); isText && body[name] == nil {
					body[name] = text
				}
			}
		}),
	}
}

// laterIgnored ignores every update but the first of a credential of a strategy, and answers as if it were done.
func laterIgnored(strategy string) []fault {
	return []fault{
		before("update", func(e *exchange) {
			if e.strategy() == strategy && turn(e) > 1 {
				e.note(true, "ignored", e.id)
				notStored().before(e)
			}
		}),
		after("update", func(e *exchange) {
			if e.noted("ignored", e.id) == true {
				notStored().after(e)
			}
		}),
	}
}

// oldNames lists every credential under its first name.
func oldNames() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) { e.note(e.payload()["name"], "name", e.credentialID()) }),
		inCredentials("list", func(e *exchange, item map[string]any) {
			id, _ := item["id"].(string)
			if name := e.noted("name", id); name != nil {
				item["name"] = name
			}
		}),
	}
}

// revives makes a success of an operation bring back the credential that was deleted last.
func revives(action string) []fault {
	return []fault{
		afterSuccess("delete", func(e *exchange) { e.note(e.id, "dead") }),
		afterSuccess(action, func(e *exchange) {
			if dead, isText := e.noted("dead").(string); isText {
				e.note(true, "undead", dead)
			}
		}),
		after("get", func(e *exchange) {
			if gone(e) && e.noted("undead", e.id) != nil && e.request.Header.Get("Authorization") == e.engineer() {
				e.grant(e.shown(e.id))
			}
		}),
	}
}

// counts refuses to delete a credential whose uses are counted. change is called with the credential of a destination before and after
// a request.
func counts(change func(e *exchange, before, after string)) []fault {
	return []fault{
		afterSuccess("destination-create destination-update destination-delete", func(e *exchange) {
			id, after := e.id, ""
			if destination := e.member("destination"); destination != nil {
				id, _ = destination["id"].(string)
				after, _ = destination[link].(string)
			}
			if _, sent := e.body[link]; sent || e.is("destination-delete") {
				change(e, e.joined(id), after)
				e.join(id, after)
			}
		}),
		refuseWhen("delete", http.StatusConflict, func(e *exchange) bool { return e.count(0, "uses", e.id) > 0 }),
	}
}

var modelFaults = []Mutant{
	broken("model/update/second-resets", "A second update brings back what create stored.", "model/sequence", secondResets()...),
	broken("model/update/drafts", "An update takes in what a refused one before it would have changed.", "model/mixed", drafts()...),
	broken("model/update/aws-later-ignored", "Every update of a credential of AwsSigv4 but the first is answered, and not stored.",
		"model/sequence/AwsSigv4", laterIgnored(aws)...),
	broken("model/update/google-later-ignored", "Every update of a credential of GoogleWIF but the first is answered, and not stored.",
		"model/sequence/GoogleWIF", laterIgnored(google)...),
	broken("model/list/old-names", "The list has every credential under its first name.", "model/sequence", oldNames()...),
	broken("model/world/create-revives", "A create brings back the credential that was deleted last.", "model/world", revives("create")...),
	broken("model/world/update-revives", "An update brings back the credential that was deleted last.", "model/world", revives("update")...),
	broken("model/world/refused-once", "An update without the required fields is refused once, and taken the next time.", "model/world",
		inBodies("update", func(e *exchange, body map[string]any) {
			if _, there := body["grantType"]; !there && e.count(1, "incomplete", e.id) > 1 && e.strategy() == oauth {
				body["grantType"], body["url"] = grant, anyURL
			}
		})),
	broken("model/world/create-refused-once", "A create without the required fields is refused once, and stored the next time.", "model/world",
		inBodies("create", func(e *exchange, body map[string]any) {
			title, _ := body["name"].(string)
			if _, there := body["grantType"]; !there && body["authStrategy"] == oauth && e.count(1, "incomplete", title) > 1 {
				body["grantType"], body["url"] = grant, anyURL
			}
		})),
	broken("model/world/strangers-twice", "Who may not write is refused once for each credential, and served the next time.", "model/world",
		before("update delete", func(e *exchange) {
			mine := e.request.Header.Get("Authorization") == e.engineer()
			if !mine && e.count(1, "stranger", e.name, e.id) > 1 {
				e.request.Header.Set("Authorization", e.engineer())
			}
		})),
	broken("model/world/null-spreads", "null for one field clears every plain text of the credential.", "model/world",
		inBodies("update", func(_ *exchange, body map[string]any) {
			for _, value := range body {
				if value != nil {
					continue
				}
				for _, name := range freeTexts {
					body[name] = nil
				}
				return
			}
		})),
	broken("model/world/never-adds", "An update overwrites what is there, and adds nothing.", "model/world",
		inBodies("update", func(e *exchange, body map[string]any) {
			for _, name := range freeTexts {
				if e.shown(e.id)[name] == nil {
					delete(body, name)
				}
			}
		})),
	broken("model/world/secret-spreads", "A secret that one credential is given turns the flags of all others true.", "model/world",
		afterSuccess("update", func(e *exchange) {
			if e.body["clientSecret"] != nil {
				e.note(true, "spread")
			}
		}), inCredentials("get", func(e *exchange, credential map[string]any) {
			if _, there := credential["hasClientSecret"]; there && e.noted("spread") != nil {
				credential["hasClientSecret"] = true
			}
		})),
	broken("model/world/copy-listed", "An update leaves a copy of the credential in the list.", "model/world",
		afterSuccess("update", func(e *exchange) {
			copied := metadataOf(e.payload())
			copied["id"] = "0" + random(15)
			e.note(copied, "copy", e.id)
		}), listed(func(e *exchange, items []map[string]any) []map[string]any {
			for _, id := range e.created() {
				if copied, isObject := e.noted("copy", id).(map[string]any); isObject && copied["environmentId"] == e.id {
					items = append(items, copied)
				}
			}
			return items
		})),
	broken("model/world/moves", "An update lists the credential in every environment.", "model/world",
		afterSuccess("update", func(e *exchange) { e.note(true, "everywhere", e.id) }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			for _, id := range e.created() {
				if e.noted("everywhere", id) != nil && exists(e, id) {
					items = append(withoutID(items, id), metadataOf(e.shown(id)))
				}
			}
			return items
		})),
	broken("model/uses/refused-once", "Deleting a credential in use is refused once, and done the next time.", "model/uses",
		remembersLinks(), before("delete", func(e *exchange) {
			if len(e.users(e.id)) > 0 && e.count(1, "in use", e.id) > 1 {
				detaches(e)
			}
		})),
	broken("model/uses/replaced", "A credential that another one replaced at its destination counts as used.", "model/uses",
		counts(func(e *exchange, before, after string) {
			if before == after || after != "" && before != "" {
				before = "" // forgets to release it
			}
			e.count(-1, "uses", before)
			e.count(1, "uses", after)
		})...),
	broken("model/uses/twice", "A credential that was attached twice to a destination counts as used when another one replaces it.",
		"model/uses", counts(func(e *exchange, before, after string) {
			if before != after {
				e.count(-1, "uses", before)
			}
			e.count(1, "uses", after)
		})...),
	broken("model/uses/refusal-detaches", "A refused attachment takes the credential away that the destination has.", "model/uses",
		after("destination-update", func(e *exchange) {
			if e.refused() && e.body[link] != nil {
				e.askFor("destination-update", e.id, map[string]any{link: nil})
			}
		})),
	broken("model/list/smart-old-names", "The list has credentials under their first names.", "model/sequence/SMART_Backend", oldNames()...),
}
