package mutants

import (
	"net/http"
	"slices"
)

// pretends answers without asking the sound server.
func pretends(names string, answer func(*exchange)) fault { return before(names, answer) }

// listed returns a fault that changes the items of lists.
func listed(change func(e *exchange, items []map[string]any) []map[string]any) fault {
	return afterSuccess("list", func(e *exchange) { e.setItems(change(e, e.items())) })
}

// gone tells whether the answer says that there is nothing.
func gone(e *exchange) bool {
	return e.status == http.StatusNotFound || e.status == http.StatusForbidden
}

// unknown returns a fault that changes answers about unknown ids.
func unknown(names string, answer func(*exchange)) fault {
	return after(names, func(e *exchange) {
		if gone(e) && e.request.Header.Get("Authorization") == e.engineer() {
			answer(e)
		}
	})
}

// remembersDeleted keeps deleted credentials in the list.
func remembersDeleted() []fault {
	return []fault{
		afterSuccess("delete", func(e *exchange) { e.note(e.shown(e.id), "deleted") }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			if deleted, isObject := e.noted("deleted").(map[string]any); isObject && deleted["id"] != nil {
				items = append(items, without(metadataOf(deleted), ""))
			}
			return items
		}),
	}
}

// metadataOf returns the metadata of a credential.
func metadataOf(credential map[string]any) map[string]any {
	item := map[string]any{}
	for _, name := range []string{"organization", "name", "environmentId", "id", "createdAt", "updatedAt", "authStrategy"} {
		item[name] = credential[name]
	}
	return item
}

// cachesGet repeats the first answer of get for each credential.
func cachesGet() fault {
	return afterSuccess("get", func(e *exchange) {
		first, isObject := e.noteFirst(without(e.payload(), ""), "get", e.id).(map[string]any)
		if isObject {
			e.answer["payload"] = without(first, "")
		}
	})
}

// cachesList repeats the list as it was after the first create.
func cachesList() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) {
			environment, _ := e.payload()["environmentId"].(string)
			if e.count(1, "created", environment) == 1 {
				e.note(e.askFor("list", environment, nil).payload(), "list", environment)
			}
		}),
		afterSuccess("list", func(e *exchange) {
			if old, cached := e.noted("list", e.id).(map[string]any); cached {
				e.answer["payload"] = old
			}
		}),
	}
}

// cachesGone answers get from a cache after the deletion.
func cachesGone() []fault {
	return []fault{
		afterSuccess("get", func(e *exchange) { e.note(e.payload(), "get", e.id) }),
		after("get", func(e *exchange) {
			if payload, cached := e.noted("get", e.id).(map[string]any); cached && gone(e) && e.request.Header.Get("Authorization") == e.engineer() {
				e.grant(payload)
			}
		}),
	}
}

// upserts gives every second credential of a strategy the id of the one before.
func upserts() []fault {
	return []fault{afterSuccess("create", func(e *exchange) {
		id, _ := e.payload()["id"].(string)
		first := e.noteFirst(id, "first", e.strategy())
		if first != id {
			e.payload()["id"] = first
		}
	})}
}

// alternates changes every second answer.
func alternates(names string, change func(e *exchange)) fault {
	return afterSuccess(names, func(e *exchange) {
		if e.count(1, "alternates", e.name, e.id)%2 == 0 {
			change(e)
		}
	})
}

var lifecycleFaults = []Mutant{
	broken("lifecycle/create/refused", "Nothing can be created with all fields.", "lifecycle/create",
		refuseWhen("create", http.StatusBadRequest,
			func(e *exchange) bool { return e.body["clientSecret"] != nil && e.body["authStrategy"] == oauth })),
	broken("lifecycle/create/aws-refused", "A strategy that is listed is refused.", "lifecycle/create/AwsSigv4",
		refuseWhen("create", http.StatusBadRequest, func(e *exchange) bool { return e.body["authStrategy"] == aws })),
	broken("lifecycle/create/not-stored", "A created credential cannot be read.", "lifecycle/get", afterSuccess("create", func(e *exchange) {
		e.askFor("delete", e.credentialID(), nil)
	})),
	broken("lifecycle/create/no-id", "create answers no id.", "lifecycle/create", drop("create", "id")),
	broken("lifecycle/create/other-id", "create answers an id that nothing has.", "lifecycle/get",
		set("create", "id", "00000000-0000-4000-8000-000000000000")),
	broken("lifecycle/create/same-id", "A second credential gets the id of the first.", "lifecycle/distinct", upserts()...),
	broken("lifecycle/update/refused", "No update is taken.", "lifecycle/update",
		refuseWhen("update", http.StatusBadRequest, func(*exchange) bool { return true })),
	broken("lifecycle/update/missing", "update is not there.", "lifecycle/update",
		refuseWhen("update", http.StatusMethodNotAllowed, func(*exchange) bool { return true })),
	broken("lifecycle/delete/refused", "Nothing can be deleted.", "lifecycle/delete",
		refuseWhen("delete", http.StatusBadRequest, func(*exchange) bool { return true })),
	broken("lifecycle/delete/not-done", "delete does nothing and says that it did.", "lifecycle/delete/get",
		pretends("delete", func(e *exchange) {
			if e.request.Header.Get("Authorization") == e.engineer() && e.askFor("get", e.id, nil).success() {
				e.grant(map[string]any{"message": "Deleted."})
			}
		})),
	broken("lifecycle/delete/listed", "A deleted credential stays in the list.", "lifecycle/delete/list", remembersDeleted()...),
	broken("lifecycle/delete/readable", "A deleted credential can still be read.", "lifecycle/delete/get", cachesGone()...),
	broken("lifecycle/delete/twice", "Deleting twice succeeds twice.", "lifecycle/delete/twice",
		unknown("delete", func(e *exchange) { e.grant(map[string]any{"message": "Deleted."}) })),
	broken("lifecycle/delete/unknown-conflict", "Deleting an unknown id is answered with 409.", "lifecycle/delete/unknown",
		unknown("delete", func(e *exchange) { e.refuse(http.StatusConflict) })),
	broken("lifecycle/delete/gone-error", "Reading a deleted credential is a server error.", "lifecycle/delete/get",
		unknown("get", func(e *exchange) { e.refuse(http.StatusInternalServerError) })),
	broken("lifecycle/delete/aws-kept", "A credential of AwsSigv4 outlives its deletion.", "lifecycle/delete/get/AwsSigv4",
		before("delete", func(e *exchange) {
			if e.strategy() == aws && e.request.Header.Get("Authorization") == e.engineer() {
				e.grant(map[string]any{"message": "Deleted."})
			}
		})),
	broken("lifecycle/delete/neighbour", "delete removes every other credential, too.", "lifecycle/delete/neighbour",
		afterSuccess("delete", func(e *exchange) {
			for _, other := range e.others() {
				e.askFor("delete", other, nil)
			}
		})),
	broken("lifecycle/update/neighbour", "update renames every other credential, too.", "lifecycle/update/neighbour",
		afterSuccess("update", func(e *exchange) {
			for _, other := range e.others() {
				e.askFor("update", other, map[string]any{"grantType": grant, "url": anyURL, "name": e.payload()["name"]})
			}
		})),
	broken("lifecycle/get/unknown-empty", "An unknown id is answered with an empty success.", "lifecycle/get/unknown",
		unknown("get", func(e *exchange) { e.grant(map[string]any{}) })),
	broken("lifecycle/get/unknown-null", "An unknown id is answered with a null payload.", "lifecycle/get/unknown",
		unknown("get", func(e *exchange) {
			e.grant(nil)
		})),
	broken("lifecycle/get/unknown-bad", "An unknown id is answered with 400.", "lifecycle/get/unknown",
		unknown("get", func(e *exchange) { e.refuse(http.StatusBadRequest) })),
	broken("lifecycle/update/unknown-creates", "update of an unknown id creates a credential.", "lifecycle/update/unknown",
		unknown("update", func(e *exchange) {
			made := e.askFor("create", "", e.body)
			e.status, e.answer = made.status, made.answer
		})),
	broken("lifecycle/delete/unknown-ok", "Deleting an unknown id succeeds where nothing was ever deleted.", "lifecycle/delete/unknown",
		unknown("delete", func(e *exchange) {
			if e.shown(e.id) == nil {
				e.grant(map[string]any{"message": "Deleted."})
			}
		})),
	broken("lifecycle/list/stale-time", "The list shows the time of the creation as that of the last update.", "lifecycle/list/same",
		listed(func(_ *exchange, items []map[string]any) []map[string]any {
			for _, item := range items {
				item["updatedAt"] = item["createdAt"]
			}
			return items
		})),
	broken("lifecycle/list/first-environment", "The list shows one environment for the credentials of all.", "lifecycle/list/other",
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			for _, item := range items {
				item["environmentId"] = e.noteFirst(item["environmentId"], "environment")
			}
			return items
		})),
	broken("lifecycle/list/namesake", "A deletion deletes its namesake in another environment.", "lifecycle/list/other",
		before("delete", func(e *exchange) { e.note(e.askFor("get", e.id, nil).payload(), "before", e.id) }),
		afterSuccess("delete", func(e *exchange) {
			gone, _ := e.noted("before", e.id).(map[string]any)
			for _, id := range e.created() {
				other := e.askFor("get", id, nil).payload()
				if id != e.id && other["name"] == gone["name"] && other["environmentId"] != gone["environmentId"] && gone["name"] != nil {
					e.askFor("delete", id, nil)
				}
			}
		})),
	broken("lifecycle/list/empty", "The list is always empty.", "lifecycle/list",
		listed(func(*exchange, []map[string]any) []map[string]any { return nil })),
	broken("lifecycle/list/first-only", "The list holds one item at most.", "lifecycle/list",
		listed(func(_ *exchange, items []map[string]any) []map[string]any { return items[:min(1, len(items))] })),
	broken("lifecycle/list/misses-newest", "The list lacks the newest credential.", "lifecycle/list",
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			return withoutID(items, e.newest(""))
		})),
	broken("lifecycle/list/misses-google", "The list lacks credentials of GoogleWIF.", "lifecycle/list/GoogleWIF",
		listed(func(_ *exchange, items []map[string]any) []map[string]any {
			var kept []map[string]any
			for _, item := range items {
				if item["authStrategy"] != google {
					kept = append(kept, item)
				}
			}
			return kept
		})),
	broken("lifecycle/list/twice", "The list holds every credential twice.", "lifecycle/list",
		listed(func(_ *exchange, items []map[string]any) []map[string]any { return append(items, items...) })),
	broken("lifecycle/list/cached", "The list stays as it was when the first credential was created.", "lifecycle/list", cachesList()...),
	broken("lifecycle/list/other-environments", "The list holds credentials of every environment.", "lifecycle/list/other",
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			for _, id := range e.created() {
				if e.shown(id)["environmentId"] != e.id && e.askFor("get", id, nil).success() {
					items = append(items, metadataOf(e.shown(id)))
				}
			}
			return items
		})),
	broken("lifecycle/list/one-environment", "The list of any environment but the first is empty.", "lifecycle/list/other",
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			if first := e.created(); len(first) > 0 && e.shown(first[0])["environmentId"] != e.id {
				return nil
			}
			return items
		})),
	careless("lifecycle/list/unknown", "The list of an environment that nothing has is empty.", "lifecycle/list/unknown",
		unknown("list", func(e *exchange) {
			e.grant(map[string]any{"credentials": []any{}})
		})),
	careless("lifecycle/list/fields", "A list item has the fields of its strategy.", "lifecycle/list/fields",
		inCredentials("list", func(e *exchange, item map[string]any) {
			id, _ := item["id"].(string)
			if url := e.shown(id)["url"]; url != nil {
				item["url"] = url
			}
		})),
	broken("lifecycle/get/touches", "Reading a credential changes updatedAt.", "lifecycle/read/twice", afterSuccess("get", func(e *exchange) {
		at := e.count(1, "touched", e.id)
		e.payload()["updatedAt"] = "2030-01-01T00:00:" + string(rune('0'+at/10%6)) + string(rune('0'+at%10)) + ".000Z"
	})),
	broken("lifecycle/get/every-other", "Every second answer of get is that of an older copy.", "lifecycle/read/twice",
		alternates("get", func(e *exchange) {
			delete(e.payload(), "url")
		})),
	broken("lifecycle/list/every-other", "Every second list has other times.", "lifecycle/read/twice", alternates("list", func(e *exchange) {
		for _, item := range e.items() {
			item["updatedAt"] = "2001-01-01T00:00:00.000Z"
		}
	})),
	careless("lifecycle/create/accepted", "create answers 202.", "lifecycle/create/status",
		otherStatus("create", http.StatusCreated, http.StatusAccepted)),
	careless("lifecycle/update/accepted", "update answers 202.", "lifecycle/update/status",
		otherStatus("update", http.StatusOK, http.StatusAccepted)),
	careless("lifecycle/delete/accepted", "delete answers 202.", "lifecycle/delete/status",
		otherStatus("delete", http.StatusOK, http.StatusAccepted)),
}

// withoutID returns the items without one id.
func withoutID(items []map[string]any, id string) []map[string]any {
	var kept []map[string]any
	for _, item := range items {
		if item["id"] != id {
			kept = append(kept, item)
		}
	}
	return kept
}

// cut returns at most a number of items.
func cut(items []map[string]any, number int) []map[string]any { return items[:min(number, len(items))] }

// none returns a fault that changes lists without items.
func none(change func(*exchange)) fault {
	return afterSuccess("list", func(e *exchange) {
		if len(e.items()) == 0 {
			change(e)
		}
	})
}

// manyFaults break lists of many things and of none.
var manyFaults = []Mutant{
	broken("many/credentials/hundred", "The list ends after a hundred credentials.", "many/credentials",
		listed(func(_ *exchange, items []map[string]any) []map[string]any { return cut(items, 100) })),
	broken("many/credentials/half", "From ninety credentials on, the list has every one from the tenth on twice.", "many/credentials",
		listed(func(_ *exchange, items []map[string]any) []map[string]any {
			if len(items) < 90 {
				return items
			}
			return append(items, items[10:]...)
		})),
	broken("many/credentials/newest", "The list has the newest sixty-four credentials.", "many/credentials",
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			all := e.created()
			newest := all[max(0, len(all)-64):]
			return slices.DeleteFunc(items, func(item map[string]any) bool {
				id, _ := item["id"].(string)
				return !slices.Contains(newest, id)
			})
		})),
	broken("many/credentials/evicted", "The create after eighty deletes the oldest credential.", "many/credentials",
		afterSuccess("create", func(e *exchange) {
			all := e.created()
			if len(all) > 80 {
				e.askFor("delete", all[len(all)-80], nil)
			}
		})),
	broken("many/credentials/quota", "Beyond ninety credentials create is refused.", "many/credentials",
		refuseWhen("create", http.StatusConflict, func(e *exchange) bool {
			environment, _ := e.body["environmentId"].(string)
			return len(e.askFor("list", environment, nil).listOf("credentials")) > 90
		})),
	broken("many/destinations/page", "The list of destinations ends after fifty.", "many/destinations",
		afterSuccess("destination-list", func(e *exchange) { e.setItems(cut(e.items(), 50)) })),
	broken("many/destinations/overwritten", "Every sixty-fifth destination replaces another one in the list.", "many/destinations",
		afterSuccess("destination-list", func(e *exchange) {
			items := e.items()
			for i := 64; i < len(items); i++ {
				items[i-64] = items[i]
			}
			e.setItems(cut(items, 64))
		})),
	broken("many/none/null", "A list without credentials is null.", "many/none", none(func(e *exchange) { e.payload()["credentials"] = nil })),
	broken("many/none/absent", "A list without credentials has no member for them.", "many/none",
		none(func(e *exchange) { delete(e.payload(), "credentials") })),
	broken("many/none/object", "A list without credentials is an empty object.", "many/none",
		none(func(e *exchange) { e.payload()["credentials"] = map[string]any{} })),
	broken("many/none/not-found", "An environment without credentials is not found.", "many/none",
		none(func(e *exchange) { e.refuse(http.StatusNotFound) })),
	broken("many/organizations/stored", "What another organization was refused to create is created here.", "many/organizations",
		after("create", func(e *exchange) {
			if e.refused() && e.engineer() != "" && e.request.Header.Get("Authorization") != e.engineer() {
				e.askAs(e.engineer(), e.operation.Method, pathOf(e.operation, ""), e.text)
			}
		})),
	broken("many/organizations/own", "Whatever organization is asked for, its environments are those of the caller's.", "many/organizations",
		after("environment-list", func(e *exchange) {
			if e.success() {
				e.noteFirst(e.payload(), "environments")
			} else if known, there := e.noted("environments").(map[string]any); there {
				e.grant(known)
			}
		})),
}

// listOf returns the items of a list in an inner answer.
func (e *exchange) listOf(member string) []any {
	list, _ := e.payload()[member].([]any)
	return list
}
