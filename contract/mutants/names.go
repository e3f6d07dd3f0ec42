package mutants

import (
	"net/http"
	"strings"
)

// namesake returns the first credential that is there and whose name means the same as the exchange's, or "".
func namesake(e *exchange, meaning func(string) string) string {
	name, isText := e.body["name"].(string)
	if !isText {
		return ""
	}
	for _, id := range e.created() {
		known, _ := e.shown(id)["name"].(string)
		if id != e.id && known != "" && meaning(known) == meaning(name) && exists(e, id) {
			return id
		}
	}
	return ""
}

// asNamesake answers a create with a name that is taken by the credential of that name, after a change.
func asNamesake(meaning func(string) string, change func(e *exchange, id string)) fault {
	return before("create", func(e *exchange) {
		if id := namesake(e, meaning); id != "" && e.request.Header.Get("Authorization") == e.engineer() {
			change(e, id)
			if there := e.askFor("get", id, nil); e.status == 0 && there.success() {
				e.grant(there.payload())
			}
		}
	})
}

// nameIn returns the name in a body, or "".
func nameIn(body map[string]any) string {
	name, _ := body["name"].(string)
	return name
}

func same(name string) string { return name }

// overwrites stores the values of a create in an existing credential.
func overwrites(e *exchange, id string) {
	e.askFor("update", id, without(e.body, "name environmentId organization authStrategy"))
}

var nameFaults = []Mutant{
	broken("names/create/returned", "create with a name that is taken answers the credential of that name.", "names/create/same",
		asNamesake(same, func(*exchange, string) {})),
	broken("names/create/overwritten", "create with a name that is taken overwrites the credential of that name.", "names/create/same",
		asNamesake(same, overwrites)),
	broken("names/create/replaced", "create with a name that is taken deletes the credential of that name.", "names/create/same",
		before("create", func(e *exchange) {
			if id := namesake(e, same); id != "" && e.request.Header.Get("Authorization") == e.engineer() {
				e.askFor("delete", id, nil)
			}
		})),
	broken("names/create/folded", "Names in another case mean the same credential.", "names/create/case",
		asNamesake(strings.ToLower, overwrites)),
	broken("names/create/trimmed", "Names with a blank behind them mean the same credential.", "names/create/blanks",
		asNamesake(strings.TrimSpace, func(*exchange, string) {})),
	broken("names/create/error", "create with a name that is taken is a server error.", "names/create/same",
		refuseWhen("create", http.StatusInternalServerError, func(e *exchange) bool { return namesake(e, same) != "" })),
	broken("names/create/revived", "A new credential with the name of a deleted one has its secrets.", "names/create/again",
		afterSuccess("delete", func(e *exchange) {
			if name, isText := e.shown(e.id)["name"].(string); isText {
				e.note(e.secrets(e.id), "deleted", name)
			}
		}), before("create", func(e *exchange) {
			name, _ := e.body["name"].(string)
			if old, isMap := e.noted("deleted", name).(map[string]string); isMap {
				e.rewrite(func(body map[string]any) {
					for member, secret := range old {
						if _, sent := body[member]; !sent {
							body[member] = secret
						}
					}
				})
			}
		})),
	broken("names/update/both", "Changing one of two credentials of one name changes the other.", "names/update",
		afterSuccess("update", func(e *exchange) {
			for _, id := range e.others() {
				if e.shown(id)["name"] == e.payload()["name"] && exists(e, id) {
					e.askFor("update", id, without(e.body, "name"))
				}
			}
		})),
	broken("names/list/once", "The list has one credential of each name.", "names/update",
		listed(func(_ *exchange, items []map[string]any) []map[string]any {
			var kept []map[string]any
			seen := map[any]bool{}
			for _, item := range items {
				if !seen[item["name"]] {
					kept = append(kept, item)
				}
				seen[item["name"]] = true
			}
			return kept
		})),
	careless("names/destination/returned", "A second destination of one name is the first one.", "names/destination",
		afterSuccess("destination-create", func(e *exchange) {
			destination := e.member("destination")
			name, _ := destination["name"].(string)
			first, _ := e.noteFirst(destination["id"], "named", name).(string)
			if first != destination["id"] {
				e.answer = e.askFor("destination-get", first, nil).answer
			}
		})),
}
