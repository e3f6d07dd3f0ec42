package mutants

import (
	"bytes"
	"net/http"
)

// inEnvelope returns a fault that changes the whole body of successes.
func inEnvelope(names string, change func(e *exchange, answer map[string]any)) fault {
	return afterSuccess(names, func(e *exchange) {
		if e.answer != nil {
			change(e, e.answer)
		}
	})
}

// version replaces the version, and remove removes it.
func version(names string, value any) fault {
	return inEnvelope(names, func(_ *exchange, answer map[string]any) {
		answer["meta"] = map[string]any{"version": value}
	})
}

func withoutMember(names, member string) fault {
	return inEnvelope(names, func(_ *exchange, answer map[string]any) { delete(answer, member) })
}

func withMember(names, member string, value any) fault {
	return inEnvelope(names, func(_ *exchange, answer map[string]any) { answer[member] = value })
}

// finished changes the bytes of successes.
func finished(names string, change func([]byte) []byte) fault {
	return afterSuccess(names, func(e *exchange) { e.finish = change })
}

// wrapped wraps the payload in a member.
func wrapped(names, member string) fault {
	return inEnvelope(names, func(_ *exchange, answer map[string]any) {
		answer["payload"] = map[string]any{member: answer["payload"]}
	})
}

// unwrapped replaces the payload by its only member.
func unwrapped(names string) fault {
	return inEnvelope(names, func(e *exchange, answer map[string]any) { answer["payload"] = e.payload()[e.operation.Member] })
}

func justOK([]byte) []byte { return []byte(`"OK"`) }

func appending(text string) func([]byte) []byte {
	return func(body []byte) []byte { return append(body, text...) }
}

func quoted(body []byte) []byte { return encode(string(body)) }

func inBrackets(body []byte) []byte { return append(append([]byte("["), body...), ']') }

func nothing([]byte) []byte { return nil }

func halved(body []byte) []byte { return body[:len(body)/2] }

func withMark(body []byte) []byte { return append([]byte("\xef\xbb\xbf"), body...) }

func commaAtEnd(body []byte) []byte { return append(body[:len(body)-1], ",}"...) }

// twice repeats the first member of the innermost object that a name begins, with its value or another one.
func twice(name, member string) func([]byte) []byte {
	return func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"`+name+`":{`), []byte(`"`+name+`":{`+member+`,`), 1)
	}
}

// latin writes letters beyond ASCII in one byte each.
func latin(body []byte) []byte { return bytes.ReplaceAll(body, []byte("ü"), []byte("\xfc")) }

// surrogates writes emoji as two surrogates of three bytes each, as some databases do.
func surrogates(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte("🔑"), []byte("\xed\xa0\xbd\xed\xb4\x91"))
}

// commented writes a comment before the body.
func commented(body []byte) []byte { return append([]byte("/* answer */ "), body...) }

// wholeNumbers writes numbers with a leading zero.
func wholeNumbers(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`"organization":118`), []byte(`"organization":0118`))
}

var envelopeFaults = []Mutant{
	broken("envelope/get/twice", "get names its id twice, with one value.", "envelope/get/json",
		afterSuccess("get", func(e *exchange) { e.finish = twice("payload", string(encode("id"))+":"+string(encode(e.id))) })),
	broken("envelope/get/length", "get says that its answer has seven bytes more than it sends.", "envelope/get/json",
		after("get", func(e *exchange) { e.excess = 7 })),
	broken("envelope/create/length", "create says that its answer is longer than it is.", "envelope/create/json",
		after("create", func(e *exchange) { e.excess = 1 })),
	broken("envelope/list/meta-twice", "The list says its version twice, with two values.", "envelope/list/json",
		finished("list", twice("meta", `"version":"0.9.0"`))),
	broken("envelope/destination-list/twice", "The list of destinations has an empty list before the full one.",
		"envelope/destination-list/json", finished("destination-list", twice("payload", `"destinations":[]`))),
	broken("envelope/create/latin", "Letters beyond ASCII come back as Latin-1.", "envelope/create/json", finished("create", latin)),
	broken("envelope/get/surrogates", "Emoji come back in get as encoded surrogates.", "envelope/get/json", finished("get", surrogates)),
	broken("envelope/list/latin", "Letters beyond ASCII in a list are Latin-1.", "envelope/list/json", finished("list", latin)),
	broken("envelope/destination-get/mark", "A byte order mark stands before a destination.", "envelope/destination-get/json",
		finished("destination-get", withMark)),
	broken("envelope/delete/comment", "A comment stands before the JSON of delete.", "envelope/delete/json", finished("delete", commented)),
	broken("envelope/update/zero", "Numbers in the answer of update begin with a zero.", "envelope/update/json",
		finished("update", wholeNumbers)),
	careless("envelope/error/twice", "Errors name their code twice.", "envelope/error/json", inAllErrors(func(e *exchange) {
		e.finish = func(body []byte) []byte {
			return bytes.Replace(body, []byte(`"code":`), []byte(`"code":"error","code":`), 1)
		}
	})),
	careless("envelope/error/mark", "A byte order mark stands before the JSON of an error.", "envelope/error/json",
		inAllErrors(func(e *exchange) { e.finish = withMark })),
	broken("envelope/list/bracket", "A bracket too much stands behind the JSON of list.", "envelope/list/json",
		finished("list", appending("}"))),
	broken("envelope/get/meta-text", "meta of get is the bare version.", "envelope/get/meta", withMember("get", "meta", "1.0.0")),
	broken("envelope/create/meta-missing", "The answer of create has no meta.", "envelope/create/meta", withoutMember("create", "meta")),
	broken("envelope/list/meta-array", "meta of list is an array.", "envelope/list/meta", withMember("list", "meta", []any{"1.0.0"})),
	broken("envelope/delete/meta-text", "meta of delete is the bare version, and nobody said so.", "envelope/delete/meta",
		withMember("delete", "meta", "1.0.0")),
	broken("envelope/delete/ok", `delete answers "OK", and nobody said so.`, "envelope/delete/json", finished("delete", justOK)),
	broken("envelope/get/version-missing", "meta of get has no version.", "envelope/get/version", withMember("get", "meta", map[string]any{})),
	broken("envelope/update/version-number", "meta.version of update is a number.", "envelope/update/version", version("update", 1.0)),
	broken("envelope/list/version-letter", "meta.version of list begins with a letter.", "envelope/list/version", version("list", "v1.0.0")),
	broken("envelope/create/version-short", "meta.version of create is a major version alone.", "envelope/create/version",
		version("create", "1")),
	broken("envelope/strategies/version-empty", "meta.version of strategies is empty.", "envelope/strategies/version",
		version("strategies", "")),
	broken("envelope/delete/version-null", "meta.version of delete is null.", "envelope/delete/version", version("delete", nil)),
	broken("envelope/environment-list/version-missing", "The environments come without a version.", "envelope/environment-list/version",
		withMember("environment-list", "meta", map[string]any{})),
	broken("envelope/destination-get/version-missing", "A destination comes without a version.", "envelope/destination-get/version",
		version("destination-get", 1)),
	broken("envelope/destination-verify/payload-missing", "verify answers no payload.", "envelope/destination-verify/payload",
		withoutMember("destination-verify", "payload")),
	broken("envelope/destination-update/flat", "An updated destination stands flat in the payload.", "envelope/destination-update/payload",
		unwrapped("destination-update")),
	broken("envelope/destination-list/bare", "The payload of the list of destinations is an array.", "envelope/destination-list/payload",
		unwrapped("destination-list")),
	broken("envelope/create/payload-missing", "The answer of create has no payload.", "envelope/create/payload",
		withoutMember("create", "payload")),
	broken("envelope/get/payload-array", "The payload of get is an array of one.", "envelope/get/payload",
		inEnvelope("get", func(e *exchange, answer map[string]any) { answer["payload"] = []any{e.payload()} })),
	broken("envelope/list/payload-array", "The payload of list is the array itself.", "envelope/list/payload", unwrapped("list")),
	broken("envelope/list/by-id", "The credentials of a list are an object by id.", "envelope/list/payload",
		afterSuccess("list", func(e *exchange) {
			byID := map[string]any{}
			for _, item := range e.items() {
				id, _ := item["id"].(string)
				byID[id] = item
			}
			e.payload()["credentials"] = byID
		})),
	broken("envelope/list/null", "The credentials of an empty list are null.", "envelope/list/payload",
		afterSuccess("list", func(e *exchange) {
			e.payload()["credentials"] = nil
		})),
	broken("envelope/get/wrapped", "The credential in get stands in payload.credential, and nobody said so.", "envelope/get/payload",
		wrapped("get", "credential")),
	broken("envelope/update/wrapped", "The credential in update stands in payload.authCredential.", "envelope/update/payload",
		wrapped("update", "authCredential")),
	broken("envelope/update/empty", "update answers no body.", "envelope/update/json", finished("update", nothing)),
	broken("envelope/delete/no-content", "delete answers 204.", "envelope/delete/json", afterSuccess("delete", func(e *exchange) {
		e.reply(http.StatusNoContent, nil)
	})),
	broken("envelope/delete/no-message", "The payload of delete has no message.", "envelope/delete/payload",
		withMember("delete", "payload", map[string]any{})),
	broken("envelope/delete/message-object", "The message of delete is an object.", "envelope/delete/payload",
		withMember("delete", "payload", map[string]any{"message": map[string]any{"text": "gone"}})),
	broken("envelope/strategies/payload-array", "The strategies are an array.", "envelope/strategies/payload",
		inEnvelope("strategies", func(e *exchange, answer map[string]any) {
			list := []any{}
			for name, entry := range e.member("strategies") {
				list = append(list, map[string]any{"name": name, "entry": entry})
			}
			answer["payload"] = map[string]any{"strategies": list}
		})),
	broken("envelope/list/array", "The body of list is an array.", "envelope/list/json", finished("list", inBrackets)),
	broken("envelope/get/quoted", "The body of get is JSON inside a JSON string.", "envelope/get/json", finished("get", quoted)),
	broken("envelope/get/trailing", "Something follows the JSON of get.", "envelope/get/json", finished("get", appending("\n{}"))),
	broken("envelope/create/halved", "The body of create ends in its middle.", "envelope/create/json", finished("create", halved)),
	broken("envelope/update/comma", "A comma too much stands at the end of the body of update.", "envelope/update/json",
		finished("update", commaAtEnd)),
	broken("envelope/strategies/mark", "A byte order mark stands before the JSON of strategies.", "envelope/strategies/json",
		finished("strategies", withMark)),
	broken("envelope/environment-list/array", "The payload of environments is the array itself.", "envelope/environment-list/payload",
		unwrapped("environment-list")),
	broken("envelope/destination-delete/empty", "Deleting a destination answers no body.", "envelope/destination-delete/json",
		finished("destination-delete", nothing)),
	careless("envelope/list/html", "The list says that it is HTML.", "envelope/list/media-type",
		afterSuccess("list", func(e *exchange) { e.header.Set("Content-Type", "text/html") })),
	careless("envelope/create/sequence", "create says that it is a sequence of JSON texts.", "envelope/create/media-type",
		afterSuccess("create", func(e *exchange) { e.header.Set("Content-Type", "application/json-seq") })),
	careless("envelope/get/no-media-type", "get says that it is plain text.", "envelope/get/media-type",
		afterSuccess("get", func(e *exchange) { e.header.Set("Content-Type", "text/plain; charset=utf-8") })),
	careless("envelope/all/version-changes", "The version is another one for each operation.", "envelope/stable",
		fault{after: func(e *exchange) {
			if meta, isObject := e.answer["meta"].(map[string]any); isObject && e.is("get update") {
				meta["version"] = "1.1.0"
			}
		}}),
	careless("envelope/error/no-version", "Errors carry no meta.", "envelope/error/version", fault{after: func(e *exchange) {
		if e.status >= 400 && e.answer != nil {
			delete(e.answer, "meta")
		}
	}}),
}
