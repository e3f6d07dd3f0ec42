package mutants

import (
	"net/http"
	"slices"
	"strings"
)

const link = "authCredential"

// remembersLinks notes the credential of each destination.
func remembersLinks() fault {
	return afterSuccess("destination-create destination-update", func(e *exchange) {
		destination := e.member("destination")
		id, _ := destination["id"].(string)
		credential, _ := destination[link].(string)
		e.join(id, credential)
	})
}

// detaches removes a credential from every destination that uses it.
func detaches(e *exchange) {
	for _, destination := range e.users(e.id) {
		e.askFor("destination-update", destination, map[string]any{link: nil})
	}
}

// inUse returns faults that change deletions refused because a destination uses the credential.
func inUse(change func(*exchange)) []fault {
	return []fault{remembersLinks(), after("delete", func(e *exchange) {
		if e.refused() && len(e.users(e.id)) > 0 && e.request.Header.Get("Authorization") == e.engineer() {
			change(e)
		}
	})}
}

// forcesLinks attaches wanted credentials that the sound server refuses.
func forcesLinks(wanted func(e *exchange, credential string) bool) []fault {
	return []fault{
		after("destination-update", func(e *exchange) {
			credential, isText := e.body[link].(string)
			if !e.refused() || !isText || !wanted(e, credential) {
				return
			}
			there := e.askFor("destination-get", e.id, nil)
			if destination := there.member("destination"); destination != nil {
				destination[link] = credential
				e.note(credential, "forced", e.id)
				e.status, e.answer = there.status, there.answer
			}
		}),
		afterSuccess("destination-get", func(e *exchange) {
			if credential := e.noted("forced", e.id); credential != nil {
				e.member("destination")[link] = credential
			}
		}),
	}
}

// environments changes each environment in the list of them.
func environments(change func(map[string]any)) fault {
	return afterSuccess("environment-list", func(e *exchange) {
		for _, item := range e.items() {
			change(item)
		}
	})
}

func exists(e *exchange, credential string) bool { return e.askFor("get", credential, nil).success() }

var destinationFaults = []Mutant{
	broken("destinations/list/unlinked", "The list of destinations does not show their credentials.", "destinations/list/link",
		afterSuccess("destination-list", func(e *exchange) {
			for _, item := range e.items() {
				delete(item, link)
			}
		})),
	broken("destinations/update/name-trimmed", "update of a destination trims its name.", "destinations/update/as-sent",
		trimsName("destination-update")),
	broken("destinations/update/endpoint-detaches", "A new endpoint detaches the credential.", "destinations/update/as-sent",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if _, used := body[link]; !used && body["endpoint"] != nil {
				body[link] = nil
			}
		})),
	broken("destinations/update/name-clears", "A new name clears the endpoint.", "destinations/update/as-sent",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if _, sent := body["endpoint"]; !sent && body["name"] != nil {
				body["endpoint"] = nil
			}
		})),
	broken("destinations/update/name-null", "null as the name of a destination is as if left out.", "destinations/update/types",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if name, sent := body["name"]; sent && name == nil {
				delete(body, "name")
			}
		})),
	broken("destinations/update/list-of-id", "A list with the id of a credential attaches it.", "destinations/update/types",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if list, isList := body[link].([]any); isList && len(list) == 1 {
				body[link] = list[0]
			}
		})),
	broken("destinations/create/name-trimmed", "create of a destination trims its name.", "many/destinations",
		trimsName("destination-create")),
	broken("destinations/create/name-case", "create of a destination takes the name in another case.", "destinations/create/name",
		inBodies("destination-create", func(_ *exchange, body map[string]any) {
			if name, there := body["NAME"]; there {
				delete(body, "NAME")
				body["name"] = name
			}
		})),
	broken("destinations/attach-clears", "Attaching a credential clears the endpoint.", "model/uses",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if body[link] != nil && len(body) == 1 {
				body["endpoint"] = nil
			}
		})),
	broken("destinations/list/flag", "The list of destinations shows another environmentFlag.", "destinations/shown/list",
		afterSuccess("destination-list", func(e *exchange) {
			for _, item := range e.items() {
				item["environment"].(map[string]any)["environmentFlag"] = "Another"
			}
		})),
	broken("destinations/delete/second-holds", "A credential stays in use if it was used by two destinations.", "destinations/delete/released",
		remembersLinks(), before("delete", func(e *exchange) {
			if e.noted("twice", e.id) != nil && e.request.Header.Get("Authorization") == e.engineer() {
				e.refuse(http.StatusConflict)
			}
		}), afterSuccess("destination-create destination-update", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText && len(e.users(credential)) > 1 {
				e.note(true, "twice", credential)
			}
		})),
	broken("destinations/attach/first-alone", "Credentials are attached in the first environment alone.", "destinations/attach/second",
		afterSuccess("create", func(e *exchange) { e.noteFirst(e.payload()["environmentId"], "environment") }),
		refuseWhen("destination-create", http.StatusBadRequest, func(e *exchange) bool {
			return e.body[link] != nil && e.id != e.noted("environment")
		})),
	broken("destinations/verify/another", "Verifying a destination answers another one.", "destinations/shown/verify",
		afterSuccess("destination-verify", func(e *exchange) { e.member("destination")["id"] = "2b1c9f1e-0000-4000-8000-000000000001" })),
	broken("destinations/verify/masked", "Verifying a destination shows stars for its token.", "destinations/shown/verify",
		afterSuccess("destination-verify", func(e *exchange) { e.member("destination")["verificationToken"] = "***" })),
	broken("destinations/list/token-null", "The list of destinations has null for their tokens.", "destinations/shown/list",
		afterSuccess("destination-list", func(e *exchange) {
			for _, item := range e.items() {
				item["verificationToken"] = nil
			}
		})),
	broken("destinations/update/nameless", "An update of a destination answers no id.", "destinations/shown/update",
		afterSuccess("destination-update", func(e *exchange) { delete(e.member("destination"), "id") })),
	broken("destinations/get/name-list", "The name of a destination is a list in get.", "destinations/shown/get",
		afterSuccess("destination-get", func(e *exchange) { e.member("destination")["name"] = []any{e.member("destination")["name"]} })),
	broken("destinations/list/names", "The names of destinations are lists in the list of them.", "destinations/shown/list",
		afterSuccess("destination-list", func(e *exchange) {
			for _, item := range e.items() {
				item["name"] = []any{item["name"]}
			}
		})),
	broken("types/environments/flag", "The flags of environments are in lower case.", "types/environment-list",
		environments(func(item map[string]any) { item["environmentFlag"] = "production" })),
	broken("types/environments/organization", "The organization of an environment has a text as its id.", "types/environment-list",
		environments(func(item map[string]any) { item["organization"] = map[string]any{"id": "118"} })),
	broken("destinations/update/unlinks", "Renaming a destination takes its credential away.", "destinations/update/merge",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if _, there := body[link]; !there {
				body[link] = nil
			}
		})),
	broken("destinations/in-use/deleted", "A credential that a destination uses can be deleted.", "destinations/in-use/refused",
		remembersLinks(), before("delete", detaches)),
	broken("destinations/in-use/server-error", "Deleting a credential in use is a server error.", "destinations/in-use/refused",
		inUse(func(e *exchange) { e.refuse(http.StatusInternalServerError) })...),
	broken("destinations/in-use/ok", "Deleting a credential in use is said to be done, and is not.", "destinations/in-use/refused",
		inUse(func(e *exchange) {
			e.grant(map[string]any{"message": "It will be deleted."})
		})...),
	broken("destinations/in-use/credential", "Deleting a credential in use is refused, and done.", "destinations/in-use/credential",
		inUse(func(e *exchange) {
			detaches(e)
			e.askFor("delete", e.id, nil)
		})...),
	broken("destinations/in-use/link", "Deleting a credential in use is refused, and takes the link away.", "destinations/in-use/link",
		inUse(detaches)...),
	broken("destinations/in-use/destination", "Deleting a credential in use is refused, and deletes the destination.",
		"destinations/in-use/link", inUse(func(e *exchange) {
			for _, destination := range e.users(e.id) {
				e.askFor("destination-delete", destination, nil)
			}
		})...),
	broken("destinations/in-use/emptied", "Deleting a credential in use is refused, and clears its secrets.",
		"destinations/in-use/credential", inUse(func(e *exchange) {
			e.askFor("update", e.id, map[string]any{"grantType": grant, "url": anyURL, "clientSecret": nil, "password": nil})
		})...),
	broken("destinations/in-use/never-released", "A credential that was ever used can never be deleted.", "destinations/in-use/released",
		afterSuccess("destination-update", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText {
				e.note(true, "used", credential)
			}
		}), refuseWhen("delete", http.StatusConflict, func(e *exchange) bool { return e.noted("used", e.id) != nil })),
	broken("destinations/attach/ignored", "Attaching a credential does nothing.", "destinations/attach",
		forgetsField("destination-update", link)),
	broken("destinations/attach/refused", "No credential can be attached.", "destinations/attach",
		refuseWhen("destination-update", http.StatusBadRequest, func(e *exchange) bool { return e.body[link] != nil })),
	broken("destinations/attach/not-stored", "An attached credential is answered, and not stored.", "destinations/attach",
		forgetsField("destination-update", link), afterSuccess("destination-update", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText {
				e.member("destination")[link] = credential
			}
		})),
	broken("destinations/attach/hidden", "get of a destination does not show its credential.", "destinations/attach",
		afterSuccess("destination-get", func(e *exchange) {
			delete(e.member("destination"), link)
		})),
	broken("destinations/attach/object", "get of a destination shows its credential as an object.", "destinations/attach",
		afterSuccess("destination-get destination-update", func(e *exchange) {
			if credential := e.member("destination")[link]; credential != nil {
				e.member("destination")[link] = map[string]any{"id": credential}
			}
		})),
	broken("destinations/verify/detaches", "Verifying a destination takes its credential away.", "destinations/in-use/refused",
		afterSuccess("destination-verify", func(e *exchange) {
			e.askFor("destination-update", e.id, map[string]any{link: nil})
		})),
	broken("destinations/delete/credential", "Deleting a destination deletes its credential.", "destinations/delete/credential",
		remembersLinks(), afterSuccess("destination-delete", func(e *exchange) {
			if credential := e.joined(e.id); credential != "" {
				e.askFor("delete", credential, nil)
			}
		})),
	broken("destinations/create/name-number", "create of a destination takes a number as name, as text.", "destinations/create/types",
		coerces("destination-create", "", "name")),
	broken("destinations/create/endpoint-list", "create of a destination takes a list of one as endpoint.", "destinations/create/types",
		unpacks("destination-create", "endpoint", isList)),
	broken("destinations/update/token-object", "update of a destination takes an object as verificationToken.", "destinations/update/types",
		unpacks("destination-update", "verificationToken", isObject)),
	broken("destinations/update/link-false", "false as a credential detaches it.", "destinations/update/types",
		dropsWhen("destination-update", link, isTruth)),
	broken("destinations/update/wrong-and-done", "update of a destination with a wrong endpoint is refused, and renames it.",
		"destinations/update/types", after("destination-update", func(e *exchange) {
			if _, isText := e.body["endpoint"].(string); e.refused() && !isText && e.body["name"] != nil {
				e.askFor("destination-update", e.id, map[string]any{"name": e.body["name"]})
			}
		})),
	broken("destinations/update/near-case", "A new name of a destination that differs in case alone is no change.",
		"destinations/update/as-sent", overlooksNear("name", strings.ToLower)),
	broken("destinations/update/near-slash", "A new endpoint that differs in a slash at its end is no change.",
		"destinations/update/as-sent", overlooksNear("endpoint", func(text string) string { return strings.TrimSuffix(text, "/") })),
	broken("destinations/create/second-taken", "A second value behind a destination is ignored.", "destinations/create/malformed",
		mends("destination-create", isMalformed, firstValue)),
	broken("destinations/update/array-taken", "An array of one destination is taken as the one.", "destinations/update/malformed",
		mends("destination-update", isArray, firstOf)),
	broken("destinations/create/malformed-error", "A malformed destination is a server error.", "destinations/create/malformed",
		trips("destination-create", isMalformed)),
	broken("destinations/create/no-name", "A destination without a name is taken.", "destinations/create/name",
		fillIn("destination-create", "", "name", "Untitled")),
	careless("destinations/write-back/refused", "What only the server writes is refused in a destination, repeated or not.",
		"destinations/write-back", refuseWhen("destination-update", http.StatusBadRequest, func(e *exchange) bool {
			return e.body["id"] != nil || e.body["environment"] != nil
		})),
	careless("destinations/detach/ignored", "null does not detach a credential.", "destinations/detach",
		inBodies("destination-update", func(_ *exchange, body map[string]any) {
			if value, there := body[link]; there && value == nil {
				delete(body, link)
			}
		})),
	careless("destinations/detach/refused", "null as a credential is refused.", "destinations/detach",
		refuseWhen("destination-update", http.StatusBadRequest, func(e *exchange) bool {
			value, there := e.body[link]
			return there && value == nil
		})),
	careless("destinations/unknown/attached", "A credential that nothing has can be attached.", "destinations/unknown-credential",
		forcesLinks(func(e *exchange, credential string) bool { return !exists(e, credential) })...),
	careless("destinations/environment/attached", "A credential of another environment can be attached.", "destinations/other-environment",
		forcesLinks(exists)...),
}

// join notes the credential of a destination, or "" for none.
func (m *memory) join(destination, credential string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.links[destination] = credential
}

// joined returns the credential of a destination, or "".
func (m *memory) joined(destination string) string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.links[destination]
}

// users returns the destinations that use a credential.
func (m *memory) users(credential string) []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var ids []string
	for destination, used := range m.links {
		if used == credential && credential != "" {
			ids = append(ids, destination)
		}
	}
	slices.Sort(ids)
	return ids
}

// trimsName cuts the blanks at the end of the names of destinations.
func trimsName(names string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if name, isText := body["name"].(string); isText {
			body["name"] = strings.TrimRight(name, " \t")
		}
	})
}

// overlooksNear keeps the stored text of a destination if a new one means the same.
func overlooksNear(member string, meaning func(string) string) fault {
	return inBodies("destination-update", func(e *exchange, body map[string]any) {
		text, isText := body[member].(string)
		stored, wasText := e.askFor("destination-get", e.id, nil).member("destination")[member].(string)
		if isText && wasText && meaning(text) == meaning(stored) {
			body[member] = stored
		}
	})
}
