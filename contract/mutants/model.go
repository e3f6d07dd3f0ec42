package mutants

import "slices"

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

var modelFaults = []Mutant{
	broken("model/update/second-resets", "A second update brings back what create stored.", "model/sequence", secondResets()...),
	broken("model/update/drafts", "An update takes in what a refused one before it would have changed.", "model/mixed", drafts()...),
	broken("model/update/aws-later-ignored", "Every update of a credential of AwsSigv4 but the first is answered, and not stored.",
		"model/sequence/AwsSigv4", laterIgnored(aws)...),
	broken("model/update/google-later-ignored", "Every update of a credential of GoogleWIF but the first is answered, and not stored.",
		"model/sequence/GoogleWIF", laterIgnored(google)...),
	broken("model/list/old-names", "The list has every credential under its first name.", "model/sequence", oldNames()...),
	broken("model/list/smart-old-names", "The list has credentials under their first names.", "model/sequence/SMART_Backend", oldNames()...),
}
