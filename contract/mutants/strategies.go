package mutants

import (
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// inStrategies returns a fault that changes the list of strategies.
func inStrategies(change func(e *exchange, strategies map[string]any)) fault {
	return afterSuccess("strategies", func(e *exchange) {
		if strategies := e.member("strategies"); strategies != nil {
			change(e, strategies)
		}
	})
}

// fieldsOf changes the availableFields of a strategy.
func fieldsOf(name string, change func(fields []any) any) fault {
	return inStrategies(func(_ *exchange, strategies map[string]any) {
		if entry, isObject := strategies[name].(map[string]any); isObject {
			fields, _ := entry["availableFields"].([]any)
			entry["availableFields"] = change(fields)
		}
	})
}

func lacking(name string) func([]any) any {
	return func(fields []any) any {
		kept := []any{}
		for _, field := range fields {
			if field != name {
				kept = append(kept, field)
			}
		}
		return kept
	}
}

func objects(fields []any) any {
	list := []any{}
	for _, field := range fields {
		list = append(list, map[string]any{"name": field})
	}
	return list
}

// takesUnknown accepts an unlisted strategy as the default one.
func takesUnknown() fault {
	return inBodies("create", func(_ *exchange, body map[string]any) {
		if name, isText := body["authStrategy"].(string); isText && credmock.Default().Strategy(name) == nil {
			body["authStrategy"] = oauth
		}
	})
}

// offersOnly lists some strategies, and refuses bodies that name others.
func offersOnly(status int, names ...string) []fault {
	return []fault{
		inStrategies(func(_ *exchange, strategies map[string]any) {
			for name := range strategies {
				if !slices.Contains(names, name) {
					delete(strategies, name)
				}
			}
		}),
		refuseWhen("create", status, func(e *exchange) bool {
			name, named := e.body["authStrategy"].(string)
			return named && credmock.Default().Strategy(name) != nil && !slices.Contains(names, name)
		}),
	}
}

// soundStrategies are sound servers that offer fewer strategies than the document has.
var soundStrategies = []Mutant{
	soundly("strategies", "one-strategy", "OAuth alone is listed and taken: the others are capabilities.", offersOnly(400, oauth)...),
	soundly("strategies", "two-strategies", "SMART_Backend and GoogleWIF are neither listed nor taken.", offersOnly(422, oauth, aws)...),
	soundly("strategies", "no-google", "GoogleWIF is neither listed nor taken.", offersOnly(400, oauth, smart, aws)...),
	soundly("strategies", "no-oauth-twin", "Everything but SMART_Backend is listed and taken.", offersOnly(422, oauth, aws, google)...),
}

var strategyFaults = []Mutant{
	broken("strategies/listed/refused", "A listed strategy is refused.", "lifecycle/create/"+google,
		refuseWhen("create", http.StatusBadRequest, func(e *exchange) bool { return e.body["authStrategy"] == google })),
	broken("strategies/listed/half", "Of what is listed, bodies without optional fields are refused.", "lifecycle/create/"+aws,
		refuseWhen("create", http.StatusUnprocessableEntity, func(e *exchange) bool {
			return e.body["authStrategy"] == aws && e.body["sessionToken"] == nil
		})),
	broken("strategies/few/unflagged", "OAuth alone is offered, and its flags are missing.", "flags/create/hasClientSecret",
		append(offersOnly(http.StatusBadRequest, oauth), drop("create", "hasClientSecret"))...),
	broken("strategies/unknown/case", "The name of a strategy is taken in any case.", "strategies/unknown/case",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if name, isText := body["authStrategy"].(string); isText && strings.EqualFold(name, oauth) {
				body["authStrategy"] = oauth
			}
		})),
	broken("strategies/unknown/blank", "A blank at the end of a strategy's name is ignored.", "strategies/unknown/case",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if name, isText := body["authStrategy"].(string); isText {
				body["authStrategy"] = strings.TrimRight(name, " \n")
			}
		})),
	broken("strategies/route/shadowed", "strategies is taken for the id of a credential.", "strategies/route",
		pretends("strategies", func(e *exchange) { e.refuse(http.StatusNotFound) })),
	broken("strategies/route/credential", "strategies is answered with a credential.", "strategies/route",
		pretends("strategies", func(e *exchange) {
			e.grant(map[string]any{"id": "strategies", "name": "strategies"})
		})),
	broken("strategies/shape/no-fields", "An entry has no availableFields.", "strategies/shape",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			strategies[google] = map[string]any{}
		})),
	broken("strategies/shape/bare", "An entry is the array of its fields.", "strategies/shape",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			entry, _ := strategies[aws].(map[string]any)
			strategies[aws] = entry["availableFields"]
		})),
	broken("strategies/shape/text", "availableFields is one string.", "strategies/shape",
		fieldsOf(aws, func([]any) any { return "accessKey,secretKey" })),
	broken("strategies/shape/objects", "availableFields holds objects.", "strategies/shape", fieldsOf(google, objects)),
	broken("strategies/listed/missing", "The OAuth strategy is not listed.", "strategies/listed",
		inStrategies(func(_ *exchange, strategies map[string]any) { delete(strategies, oauth) })),
	broken("strategies/listed/lower", "The OAuth strategy is listed in lower case.", "strategies/listed",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			strategies[strings.ToLower(oauth)] = strategies[oauth]
			delete(strategies, oauth)
		})),
	broken("strategies/fields/url", "The fields of the OAuth strategy lack url.", "strategies/fields/url", fieldsOf(oauth, lacking("url"))),
	broken("strategies/fields/grant-type", "The fields of the OAuth strategy lack grantType.", "strategies/fields/grantType",
		fieldsOf(oauth, lacking("grantType"))),
	broken("strategies/fields/empty", "The fields of the OAuth strategy are none.", "strategies/fields/url",
		fieldsOf(oauth, func([]any) any { return []any{} })),
	broken("strategies/twice/fewer", "Every second list of strategies lacks one.", "strategies/twice",
		alternates("strategies", func(e *exchange) { delete(e.member("strategies"), smart) })),
	broken("strategies/twice/fields", "Every second list of strategies has other fields.", "strategies/twice",
		alternates("strategies", func(e *exchange) {
			if entry, isObject := e.member("strategies")[google].(map[string]any); isObject {
				entry["availableFields"] = []any{"audience"}
			}
		})),
	careless("strategies/fields/none", "AwsSigv4 lists no field, and takes them all.", "strategies/fields/AwsSigv4",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			if entry, isObject := strategies[aws].(map[string]any); isObject {
				entry["availableFields"] = []any{}
			}
		})),
	broken("strategies/unknown/taken", "A strategy that nothing lists is taken.", "strategies/unknown", takesUnknown()),
	broken("strategies/unknown/server-error", "A strategy that nothing lists is a server error.", "strategies/unknown",
		refuseWhen("create", http.StatusInternalServerError, func(e *exchange) bool {
			name, isText := e.body["authStrategy"].(string)
			return isText && credmock.Default().Strategy(name) == nil
		})),
	broken("strategies/unknown/stored", "A strategy that nothing lists is refused, and a credential is left.", "strategies/unknown",
		inErrors("create", func(e *exchange) {
			name, isText := e.body["authStrategy"].(string)
			if isText && credmock.Default().Strategy(name) == nil && e.status == http.StatusBadRequest {
				body := without(e.body, "")
				body["authStrategy"] = oauth
				e.askFor("create", "", body)
			}
		})),
	careless("strategies/implied/refused", "A body that names no strategy is refused.", "strategies/implied",
		refuseWhen("create", http.StatusBadRequest, lacks("authStrategy"))),
}
