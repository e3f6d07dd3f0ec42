package mutants

import (
	"encoding/json"
	"fmt"
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
}
