package mutants

import (
	"slices"
)

// listedDestinations returns a fault that changes lists of destinations.
func listedDestinations(change func(e *exchange, items []map[string]any) []map[string]any) fault {
	return afterSuccess("destination-list", func(e *exchange) { e.setItems(change(e, e.items())) })
}

// doubled returns the items, and those again that are chosen.
func doubled(items []map[string]any, chosen func(item map[string]any) bool) []map[string]any {
	return append(items, slices.DeleteFunc(slices.Clone(items), func(item map[string]any) bool { return !chosen(item) })...)
}

// listFaults are lists that are wrong at some moments only. The checks of a single moment miss them.
var listFaults = []Mutant{
	broken("lists/updated/twice", "An updated credential stands twice in the list.", "lists/credential",
		afterSuccess("update", func(e *exchange) { e.note(true, "updated", e.id) }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			return doubled(items, func(item map[string]any) bool {
				id, _ := item["id"].(string)
				return e.noted("updated", id) != nil
			})
		})),
	broken("lists/deleted/comes-back", "A deleted credential is listed again while another one of its strategy exists.", "lists/credential",
		afterSuccess("delete", func(e *exchange) { e.note(metadataOf(e.shown(e.id)), "last deleted") }),
		afterSuccess("create", func(e *exchange) {
			item, _ := e.noted("last deleted").(map[string]any)
			if item != nil && item["authStrategy"] == e.strategy() {
				e.note(item, "back")
			}
		}),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			if item, _ := e.noted("back").(map[string]any); item != nil && item["environmentId"] == e.id {
				items = append(items, item)
			}
			return items
		})),
	broken("lists/name/created", "While there are more than two credentials, the list shows the names that they were created with.",
		"lists/credential",
		afterSuccess("create", func(e *exchange) { e.note(e.payload()["name"], "first name", e.credentialID()) }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			for _, item := range items {
				id, _ := item["id"].(string)
				if name := e.noted("first name", id); name != nil && len(items) > 2 {
					item["name"] = name
				}
			}
			return items
		})),
	broken("lists/destination/twice", "A destination that uses a credential stands twice in the list.", "lists/destination",
		listedDestinations(func(_ *exchange, items []map[string]any) []map[string]any {
			return doubled(items, func(item map[string]any) bool { return item[link] != nil })
		})),
	broken("lists/destination/former-link", "The list of destinations shows a credential that was taken away.", "lists/destination",
		afterSuccess("destination-update", func(e *exchange) {
			if id, _ := e.body[link].(string); id != "" {
				e.note(id, "link", e.id)
			}
		}),
		listedDestinations(func(e *exchange, items []map[string]any) []map[string]any {
			for _, item := range items {
				id, _ := item["id"].(string)
				if former := e.noted("link", id); former != nil {
					item[link] = former
				}
			}
			return items
		})),
	broken("lists/destination/deleted", "The last deleted destination stays in the list.", "lists/destination",
		afterSuccess("destination-create destination-update", func(e *exchange) {
			destination := e.member("destination")
			id, _ := destination["id"].(string)
			e.note(destination, "destination", id)
		}),
		afterSuccess("destination-delete", func(e *exchange) { e.note(e.noted("destination", e.id), "last deleted destination") }),
		listedDestinations(func(e *exchange, items []map[string]any) []map[string]any {
			if item, _ := e.noted("last deleted destination").(map[string]any); item != nil {
				items = append(items, item)
			}
			return items
		})),
}
