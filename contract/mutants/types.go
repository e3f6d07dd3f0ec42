package mutants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

func toText(value any) any { return fmt.Sprint(value) }

func toNumber(value any) any {
	if number, err := strconv.ParseFloat(fmt.Sprint(value), 64); err == nil {
		return number
	}
	return value
}

func toTruth(value any) any {
	if truth, err := strconv.ParseBool(fmt.Sprint(value)); err == nil {
		return truth
	}
	return value
}

func toList(value any) any { return []any{value} }

func toObject(value any) any { return map[string]any{"id": value} }

func toEpoch(value any) any {
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(value)); err == nil {
		return at.UnixMilli()
	}
	return value
}

func toLocalTime(value any) any {
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(value)); err == nil {
		return at.Format("02/01/2006 15:04:05")
	}
	return value
}

// coerces accepts a value of another type as the text that it looks like.
func coerces(names, strategy, member string) fault {
	return inBodies(names, func(e *exchange, body map[string]any) {
		if strategy != "" && e.strategy() != strategy {
			return
		}
		switch value := body[member].(type) {
		case json.Number, bool:
			body[member] = fmt.Sprint(value)
		}
	})
}

// takesAsText accepts a value of any other type as text.
func takesAsText(names, strategy, member string) fault {
	return inBodies(names, func(e *exchange, body map[string]any) {
		if value, there := body[member]; there && value != nil && e.strategy() == strategy {
			body[member] = fmt.Sprint(value)
		}
	})
}

// ignoresWrong drops a member of a wrong type.
func ignoresWrong(names, member string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if _, isText := body[member].(string); body[member] != nil && !isText {
			delete(body, member)
		}
	})
}

var typeFaults = []Mutant{
	broken("types/get/organization-text", "organization in get is a string.", "types/get/organization",
		convert("get", "organization", toText)),
	broken("types/update/organization-fraction", "organization in update has a fraction.", "types/update/organization",
		set("update", "organization", 118.5)),
	broken("types/list/organization-object", "organization in list is an object.", "types/list/organization",
		convert("list", "organization", toObject)),
	broken("types/create/organization-missing", "organization is missing in the answer of create.", "types/create/organization",
		drop("create", "organization")),
	broken("types/update/name-null", "name in the answer of update is null.", "types/update/name", set("update", "name", nil)),
	broken("types/get/environment-object", "environmentId in get is an object.", "types/get/environmentId",
		convert("get", "environmentId", toObject)),
	broken("types/create/environment-missing", "environmentId is missing in the answer of create.", "types/create/environmentId",
		drop("create", "environmentId")),
	broken("types/update/id-missing", "id is missing in the answer of update.", "types/update/id", drop("update", "id")),
	broken("types/get/id-object", "id in get is an object.", "types/get/id", convert("get", "id", toObject)),
	broken("types/create/created-epoch", "createdAt in the answer of create is a number.", "types/create/createdAt",
		convert("create", "createdAt", toEpoch)),
	broken("types/get/created-missing", "createdAt is missing in get.", "types/get/createdAt", drop("get", "createdAt")),
	broken("types/get/updated-null", "updatedAt in get is null.", "types/get/updatedAt", set("get", "updatedAt", nil)),
	broken("types/update/updated-missing", "updatedAt is missing in the answer of update.", "types/update/updatedAt",
		drop("update", "updatedAt")),
	broken("types/list/created-missing", "createdAt is missing in list.", "types/list/createdAt", drop("list", "createdAt")),
	broken("types/list/updated-epoch", "updatedAt in list is a number.", "types/list/updatedAt", convert("list", "updatedAt", toEpoch)),
	broken("types/list/strategy-missing", "authStrategy is missing in list.", "types/list/authStrategy", drop("list", "authStrategy")),
	broken("types/list/strategy-list", "authStrategy in list is an array.", "types/list/authStrategy",
		convert("list", "authStrategy", toList)),
	broken("types/get/strategy-number", "authStrategy in get is a number.", "types/get/authStrategy", set("get", "authStrategy", 1)),
	broken("types/list/name-missing", "name is missing in list.", "types/list/name", drop("list", "name")),
	broken("types/list/environment-missing", "environmentId is missing in list.", "types/list/environmentId", drop("list", "environmentId")),
	broken("types/get/no-basic", "noBasic in get is a boolean.", "fields/get/noBasic", convert("get", "noBasic", toTruth)),
	broken("types/create/expiration", "defaultExpirationSeconds in the answer of create is a number.",
		"fields/create/defaultExpirationSeconds", convert("create", "defaultExpirationSeconds", toNumber)),
	broken("types/update/basic-no-form", "basicNoForm in the answer of update is a string.", "fields/update/basicNoForm",
		convert("update", "basicNoForm", toText)),
	broken("types/get/scopes", "scopes in get is an array.", "fields/get/scopes", convert("get", "scopes", toList)),
	broken("types/get/delegates", "delegates in get is an array although a string was sent.", "fields/get/delegates/GoogleWIF",
		convert("get", "delegates", toList)),
	broken("types/get/lifetime", "lifetime in get is an object.", "fields/get/lifetime/GoogleWIF", convert("get", "lifetime", toObject)),
	broken("types/body/username", "create takes a number as username, as text.", "types/body/username/create",
		coerces("create", oauth, "username")),
	broken("types/body/password", "create takes a number as password, as text.", "types/body/password/create",
		coerces("create", oauth, "password")),
	broken("types/body/client-secret", "update takes a number as clientSecret, as text.", "types/body/clientSecret/update",
		coerces("update", oauth, "clientSecret")),
	broken("types/body/client-id-dropped", "update drops a clientId of a wrong type.", "types/body/clientId/update",
		ignoresWrong("update", "clientId")),
	broken("types/body/scopes", "create drops scopes of a wrong type.", "types/body/scopes/create", ignoresWrong("create", "scopes")),
	broken("types/body/session-token", "create takes a number as sessionToken, as text.", "types/body/sessionToken/create/AwsSigv4",
		coerces("create", aws, "sessionToken")),
	broken("types/body/audience", "update takes a number as audience, as text.", "types/body/audience/update",
		coerces("update", oauth, "audience")),
	careless("types/body/no-basic", "create takes a number as noBasic, as text.", "types/body/noBasic/create",
		coerces("create", oauth, "noBasic")),
	careless("types/body/expiration", "update takes a number as defaultExpirationSeconds, as text.",
		"types/body/defaultExpirationSeconds/update", coerces("update", oauth, "defaultExpirationSeconds")),
	careless("types/body/basic-no-form", `create takes "true" as basicNoForm.`, "types/body/basicNoForm/create",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if body["basicNoForm"] == "true" {
				body["basicNoForm"] = true
			}
		})),
	careless("types/body/organization", "create takes the organization as a string.", "types/body/organization",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if _, isText := body["organization"].(string); isText {
				delete(body, "organization")
			}
		})),
	careless("types/get/created-format", "createdAt in single answers has a form of its own.", "types/get/createdAt/format",
		convert("create get update", "createdAt", toLocalTime)),
	careless("types/list/updated-format", "updatedAt in list has a form of its own.", "types/list/updatedAt/format",
		convert("list", "updatedAt", toLocalTime)),
	broken("types/body/name-object", "create takes an object as name, and stores its value.", "types/body/name/create",
		unpacks("create", "name", isObject)),
	broken("types/body/name-truth", "update takes a truth value as name, as text.", "types/body/name/update",
		coerces("update", oauth, "name")),
	broken("types/body/environment-list", "create takes a list of one as environmentId.", "types/body/environmentId/create",
		unpacks("create", "environmentId", isList)),
	broken("types/body/strategy-list", "create takes a list of one as authStrategy.", "types/body/authStrategy/create",
		unpacks("create", "authStrategy", isList)),
	broken("types/body/username-object", "create takes an object as username, and drops it.", "types/body/username/create",
		dropsWhen("create", "username", isObject)),
	broken("types/body/refresh-nested", "update takes a list in a list as refreshTokenName.", "types/body/refreshTokenName/update",
		unpacks("update", "refreshTokenName", isList)),
	broken("types/body/secret-truth", "update takes a truth value as clientSecret, and drops it.", "types/body/clientSecret/update",
		dropsWhen("update", "clientSecret", isTruth)),
	broken("types/body/password-list", "create takes a list of one as password.", "types/body/password/create",
		unpacks("create", "password", isList)),
	broken("types/body/falsy", "update takes what is falsy as no custom field.", "types/body/customFieldName/update",
		dropsWhen("update", "customFieldName", func(value any) bool {
			return value == false || fmt.Sprint(value) == "0" || fmt.Sprint(value) == "[]"
		})),
	broken("types/body/region-update", "update takes a number as awsRegion, as text.", "types/body/awsRegion/update/AwsSigv4",
		coerces("update", aws, "awsRegion"), unpacks("update", "awsRegion", isList)),
	careless("types/body/inferred-update", "update takes any clientId as text, for a strategy whose fields are inferred.",
		"types/body/clientId/update/SMART_Backend", takesAsText("update", smart, "clientId")),
	careless("types/body/delegates-object", "create takes an object as delegates, and stores its value.",
		"types/body/delegates/create/GoogleWIF",
		unpacks("create", "delegates", isObject), dropsWhen("create", "delegates", isTruth)),
	broken("types/body/wrong-and-done", "update with a list as clientId is refused, and stores the rest.", "types/body/clientId/update",
		doesTheRest("clientId", isList)),
	broken("types/body/read-only-error", "create with a number as id is a server error.", "types/body/read-only/create",
		refuseWhen("create", 500, func(e *exchange) bool { return e.body["id"] != nil && !isTextValue(e.body["id"]) })),
	broken("types/body/flag-word", `A flag that is sent as "true" is shown as true.`, "types/body/read-only/update",
		ignoresReadOnly(), afterSuccess("update get", func(e *exchange) {
			if e.is("update") && e.body["hasPassword"] == "true" {
				e.note(true, "forged", e.id)
			}
			if e.noted("forged", e.id) != nil {
				e.payload()["hasPassword"] = true
			}
		})),
	careless("types/body/organization-list", "update takes a list of one as organization.", "types/body/organization/update",
		unpacks("update", "organization", isList)),
	careless("types/body/expiration-object", "create takes an object as defaultExpirationSeconds.",
		"types/body/defaultExpirationSeconds/create", unpacks("create", "defaultExpirationSeconds", isObject)),
	careless("types/body/delegates-null-item", "update leaves out null within a list of delegates.",
		"types/body/delegates/update/GoogleWIF", changesListsOf("update", "delegates", textsAlone)),
	careless("types/body/scope-truth-item", "update leaves out a truth value within a list of scopes.",
		"types/body/scope/update/GoogleWIF", changesListsOf("update", "scope", textsAlone)),
}

// textsAlone leaves out the items of a list that are no text, and keeps a list without any as it is.
func textsAlone(list []any) any {
	texts := slices.DeleteFunc(slices.Clone(list), func(item any) bool { return item == nil || isTruth(item) })
	if len(texts) == 0 {
		return list
	}
	return texts
}

func isObject(value any) bool {
	_, is := value.(map[string]any)
	return is
}

func isList(value any) bool {
	_, is := value.([]any)
	return is
}

func isTruth(value any) bool {
	_, is := value.(bool)
	return is
}

func isTextValue(value any) bool {
	_, is := value.(string)
	return is
}

// unpacks takes the first value within a list or an object for the value itself.
func unpacks(names, member string, when func(any) bool) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		for when(body[member]) {
			switch value := body[member].(type) {
			case []any:
				if len(value) == 0 {
					return
				}
				body[member] = value[0]
			case map[string]any:
				inner, there := value["value"]
				if !there {
					delete(body, member)
					return
				}
				body[member] = inner
			}
		}
	})
}

// dropsWhen ignores a member of some types.
func dropsWhen(names, member string, when func(any) bool) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if value, there := body[member]; there && when(value) {
			delete(body, member)
		}
	})
}

// doesTheRest refuses an update for a member of some types, after storing the other members.
func doesTheRest(member string, when func(any) bool) fault {
	return after("update", func(e *exchange) {
		if e.refused() && e.body != nil && when(e.body[member]) {
			e.askFor("update", e.id, without(e.body, member))
		}
	})
}
