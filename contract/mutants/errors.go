package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kinds of bodies that are no credential.
func isMalformed(text []byte) bool { return len(text) > 0 && !json.Valid(text) }

func isNothing(text []byte) bool { return len(text) == 0 }

func isArray(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) && json.Valid(text)
}

func isText(text []byte) bool { return bytes.HasPrefix(text, []byte(`"`)) }

func isNullText(text []byte) bool { return string(text) == "null" }

func hasNUL(text []byte) bool { return bytes.IndexByte(text, 0) >= 0 }

func isBrokenUTF8(text []byte) bool { return !utf8.Valid(text) }

// isLargeFrom is the length from which a body is larger than the mock takes.
const isLargeFrom = 1 << 20

func isLarge(text []byte) bool { return len(text) > isLargeFrom }

func isDeep(text []byte) bool { return bytes.Contains(text, bytes.Repeat([]byte("["), 500)) }

func isDeepest(text []byte) bool { return bytes.Contains(text, bytes.Repeat([]byte("["), 5000)) }

func contains(part string) func([]byte) bool {
	return func(text []byte) bool { return bytes.Contains(text, []byte(part)) }
}

// trips answers some bodies with a server error.
func trips(names string, kind func([]byte) bool) fault {
	return refuseWhen(names, http.StatusInternalServerError, func(e *exchange) bool { return kind(e.text) })
}

// mends accepts some invalid bodies after changing them.
func mends(names string, kind func([]byte) bool, mend func(e *exchange, text []byte) []byte) fault {
	return before(names, func(e *exchange) {
		if kind(e.text) {
			e.text = mend(e, e.text)
			if e.body == nil {
				e.body = decodeObject(e.text)
			}
		}
	})
}

// closed adds the missing bracket.
func closed(_ *exchange, text []byte) []byte { return append(bytes.Clone(text), '}') }

// firstOf returns the only item of an array.
func firstOf(_ *exchange, text []byte) []byte {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil || len(list) == 0 {
		return text
	}
	return list[0]
}

// firstValue returns the first JSON value of a text.
func firstValue(_ *exchange, text []byte) []byte {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(text)).Decode(&first) != nil {
		return text
	}
	return first
}

func shorter(_ *exchange, text []byte) []byte {
	return bytes.ReplaceAll(text, bytes.Repeat([]byte("x"), 1024), nil)
}

// asJSON treats every body as JSON, whatever its media type.
func asJSON(names string) fault {
	return before(names, func(e *exchange) {
		if !strings.Contains(e.request.Header.Get("Content-Type"), "json") {
			e.request.Header.Set("Content-Type", "application/json")
		}
	})
}

// changesNothing answers some bodies like an update without changes.
func changesNothing(kind func([]byte) bool) fault {
	return after("update", func(e *exchange) {
		if kind(e.text) && e.refused() && e.status != http.StatusUnauthorized {
			there := e.askFor("get", e.id, nil)
			e.status, e.answer = there.status, there.answer
		}
	})
}

// anotherMethod returns a fault that changes requests without an operation.
func anotherMethod(change func(*exchange)) fault {
	return fault{before: func(e *exchange) {
		if e.operation == nil && e.request.Method == http.MethodPut {
			change(e)
		}
	}}
}

// anyEnvironment creates a credential in a known environment if its body names an unknown one.
func anyEnvironment() fault {
	return after("create", func(e *exchange) {
		first := e.noted("first", "environmentId")
		if e.success() {
			e.noteFirst(e.body["environmentId"], "first", "environmentId")
		}
		name, isText := e.body["environmentId"].(string)
		known := first != nil && !e.askFor("list", name, nil).success()
		if e.refused() && isText && known && e.request.Header.Get("Authorization") == e.engineer() {
			e.rewrite(func(body map[string]any) { body["environmentId"] = first })
			e.pass()
		}
	})
}

// refusesType refuses bodies whose media type is spelled in some way.
func refusesType(names string, spelled func(mediaType string) bool) fault {
	return refuseWhen(names, http.StatusUnsupportedMediaType, func(e *exchange) bool { return spelled(e.request.Header.Get("Content-Type")) })
}

var errorFaults = []Mutant{
	broken("errors/media-type/case", "Only the media type in lower case is taken by create.", "errors/create/media-type/spelling",
		refusesType("create", func(mediaType string) bool { return mediaType != strings.ToLower(mediaType) })),
	broken("errors/media-type/charset", "A media type with a parameter is refused by update.", "errors/create/media-type/spelling",
		refusesType("update", func(mediaType string) bool { return strings.Contains(mediaType, ";") })),
	broken("errors/media-type/quotes", "A media type with a quoted parameter is refused.", "errors/create/media-type/spelling",
		refusesType("create update", func(mediaType string) bool { return strings.Contains(mediaType, `"`) })),
	broken("errors/create/malformed", "Malformed JSON is a server error on create.", "errors/create/malformed", trips("create", isMalformed)),
	broken("errors/update/malformed", "Malformed JSON is a server error on update.", "errors/update/malformed", trips("update", isMalformed)),
	broken("errors/create/empty", "No body is a server error on create.", "errors/create/empty", trips("create", isNothing)),
	broken("errors/update/empty", "No body is an update that changes nothing.", "errors/update/empty", changesNothing(isNothing)),
	broken("errors/create/array", "An array is a server error on create.", "errors/create/array", trips("create", isArray)),
	broken("errors/create/array-taken", "An array of one is taken as the one.", "errors/create/array", mends("create", isArray, firstOf)),
	broken("errors/update/array-taken", "An array of one is taken as the one, on update.", "errors/update/array",
		mends("update", isArray, firstOf)),
	broken("errors/update/string", "A string is a server error on update.", "errors/update/string", trips("update", isText)),
	broken("errors/create/null", "null is a server error on create.", "errors/create/null", trips("create", isNullText)),
	broken("errors/update/null", "null is an update that changes nothing.", "errors/update/null", changesNothing(isNullText)),
	broken("errors/create/malformed-taken", "A bracket that is missing is added.", "errors/create/malformed",
		mends("create", isMalformed, closed)),
	broken("errors/update/malformed-done", "A malformed update is refused, and done.", "errors/update/malformed",
		after("update", func(e *exchange) {
			if e.status == http.StatusBadRequest && isMalformed(e.text) {
				e.ask(http.MethodPatch, e.request.URL.Path, decodeObject(closed(e, e.text)))
			}
		})),
	broken("errors/create/large", "A body of two mebibytes is a server error.", "errors/create/large", trips("create", isLarge)),
	broken("errors/create/large-taken", "A body of two mebibytes is taken.", "errors/create/large", mends("create", isLarge, shorter)),
	broken("errors/update/large", "A body of two mebibytes is a server error on update.", "errors/update/large", trips("update", isLarge)),
	broken("errors/create/deep", "Nesting is a server error on create.", "errors/create/deep", trips("create", isDeep)),
	broken("errors/update/deepest", "Deep nesting is a server error on update.", "errors/update/deepest", trips("update", isDeepest)),
	broken("errors/create/duplicate", "A member given twice is a server error.", "errors/create/duplicate",
		trips("create", func(text []byte) bool { return bytes.Count(text, []byte(`"name":`)) > 1 })),
	broken("errors/create/escaped-nul", "An escaped NUL is a server error.", "errors/create/escaped-nul", trips("create", contains(`\u0000`))),
	broken("errors/update/surrogate", "Half of a surrogate pair is a server error.", "errors/update/surrogate",
		trips("update", contains(`\ud800`))),
	broken("errors/create/number", "A number beyond every type is a server error.", "errors/create/number",
		trips("create", contains("1e99999"))),
	broken("errors/update/prototype", "Names that mean something to JavaScript are a server error.", "errors/update/prototype",
		trips("update", contains("__proto__"))),
	broken("errors/create/empty-name", "A member without a name is a server error.", "errors/create/empty-name",
		trips("create", contains(`"":`))),
	broken("errors/create/environment", "An unknown environment is taken as the first.", "errors/create/environment", anyEnvironment()),
	broken("errors/create/environment-error", "An unknown environment is a server error.", "errors/create/environment",
		inErrors("create", func(e *exchange) {
			if name, isText := e.body["environmentId"].(string); isText && e.refused() && !e.askFor("list", name, nil).success() {
				e.refuse(http.StatusInternalServerError)
			}
		})),
	broken("errors/unknown/server-error", "An unknown id is a server error on delete.", "lifecycle/delete/unknown",
		unknown("delete", func(e *exchange) { e.refuse(http.StatusInternalServerError) })),
	broken("errors/create/nul-taken", "A NUL byte is dropped.", "errors/create/nul",
		mends("create", hasNUL, func(_ *exchange, text []byte) []byte { return bytes.ReplaceAll(text, []byte{0}, nil) })),
	broken("errors/update/utf8-taken", "Invalid UTF-8 is replaced.", "errors/update/utf8",
		mends("update", isBrokenUTF8, func(_ *exchange, text []byte) []byte { return bytes.ToValidUTF8(text, []byte("?")) })),
	broken("errors/create/trailing-taken", "What follows the JSON value is ignored.", "errors/create/trailing",
		mends("create", func(text []byte) bool { return bytes.HasSuffix(text, []byte("}}")) }, firstValue)),
	broken("errors/update/second-taken", "A second value behind an update is ignored.", "errors/update/trailing",
		mends("update", func(text []byte) bool { return bytes.Count(text, []byte("\n{")) == 1 }, firstValue)),
	broken("errors/create/garbage-taken", "Garbage behind the JSON value is ignored.", "errors/create/trailing",
		mends("create", func(text []byte) bool { return bytes.HasSuffix(text, []byte("garbage")) }, firstValue)),
	broken("errors/create/comma-taken", "A comma too much is ignored.", "errors/create/malformed",
		mends("create", isMalformed, func(_ *exchange, text []byte) []byte { return bytes.Replace(text, []byte(",}"), []byte("}"), 1) })),
	broken("errors/create/latin-taken", "A body in Latin-1 is read as such.", "errors/create/utf8",
		mends("create", isBrokenUTF8, func(_ *exchange, text []byte) []byte { return bytes.ReplaceAll(text, []byte{0xfc}, []byte("ü")) })),
	broken("errors/update/surrogates-taken", "Encoded surrogates are replaced.", "errors/update/utf8",
		mends("update", func(text []byte) bool { return bytes.Contains(text, []byte("\xed\xa0\xbd")) },
			func(_ *exchange, text []byte) []byte { return bytes.ToValidUTF8(text, []byte("\ufffd")) })),
	careless("errors/create/media-type", "The media type of a body is not looked at.", "errors/create/media-type", asJSON("create")),
	careless("errors/update/media-type", "The media type of an update is not looked at.", "errors/update/media-type", asJSON("update")),
	careless("errors/create/organization", "Another organization in a body is ignored.", "errors/create/organization",
		forgetsField("create", "organization")),
	careless("errors/create/no-organization", "A body without an organization is refused.", "errors/create/no-organization",
		refuseWhen("create", http.StatusBadRequest, lacks("organization"))),
	careless("errors/method/taken", "PUT is answered as GET.", "errors/method",
		anotherMethod(func(e *exchange) { e.request.Method = http.MethodGet })),
}

// breaksOn answers requests with some ids with a server error.
func breaksOn(names string, odd func(id string) bool) fault {
	return refuseWhen(names, http.StatusInternalServerError, func(e *exchange) bool { return odd(e.id) })
}

func hasNULIn(id string) bool { return strings.Contains(id, "\x00") }

func isNoUUID(id string) bool { return strings.Count(id, "-") != 4 || len(id) != 36 }

// finds answers a request with another id as the one of a credential that is there.
func finds(same func(asked, id string) bool) fault {
	return before("get", func(e *exchange) {
		for _, id := range slices.Backward(e.ids()) {
			if e.id != id && same(e.id, id) && !e.askFor("get", e.id, nil).success() {
				e.id = id
				e.request.URL.Path, e.request.URL.RawPath = pathOf(e.operation, id), ""
				return
			}
		}
	})
}

// cuts shortens a member of bodies, as a column of a table does.
func cuts(names, member string, length int) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if text, isText := body[member].(string); isText && len(text) > length {
			body[member] = text[:length]
		}
	})
}

// edgeFaults break on what is long, odd or of another kind.
var edgeFaults = []Mutant{
	broken("errors/ids/nul", "An id with NUL is a server error on get.", "errors/ids/get", breaksOn("get", hasNULIn)),
	broken("errors/ids/long", "A long id is a server error on delete.", "errors/ids/delete",
		breaksOn("delete", func(id string) bool { return len(id) > 255 })),
	broken("errors/ids/no-uuid", "An id that is no UUID is a server error where a destination is read.", "errors/ids/destination-get",
		breaksOn("destination-get", isNoUUID)),
	broken("errors/ids/utf8", "An environment's id that is no UTF-8 is a server error on list.", "errors/ids/list",
		breaksOn("list", func(id string) bool { return !utf8.ValidString(id) })),
	broken("errors/ids/number", "An id of another kind is a server error on update.", "errors/ids/update",
		breaksOn("update", func(id string) bool { return len(id) < 10 })),
	broken("errors/ids/verify", "An odd id is a server error where a destination is verified.", "errors/ids/destination-verify",
		breaksOn("destination-verify", isNoUUID)),
	broken("errors/ids/wildcard", "A percent sign as an id finds a credential.", "errors/ids/get",
		finds(func(asked, _ string) bool { return asked == "%" })),
	broken("errors/ids/trimmed", "Blanks around an id are dropped.", "errors/ids/exact",
		finds(func(asked, id string) bool { return strings.TrimSpace(asked) == id })),
	broken("errors/ids/beginning", "The beginning of an id finds its credential.", "errors/ids/exact",
		finds(func(asked, id string) bool { return len(asked) > 20 && strings.HasPrefix(id, asked) })),
	broken("errors/ids/cut-at-nul", "An id ends at a NUL.", "errors/ids/exact",
		finds(func(asked, id string) bool { return strings.HasPrefix(asked, id+"\x00") })),
	broken("errors/create/number-body", "A number as a body is a server error on create.", "errors/create/scalar",
		trips("create", func(text []byte) bool { return bytes.HasPrefix(text, []byte("-1")) })),
	broken("errors/update/true-body", "true is an update that changes nothing.", "errors/update/scalar",
		changesNothing(func(text []byte) bool { return string(text) == "true" })),
	broken("errors/destination-create/text-body", "A string as a body is a server error where a destination is created.",
		"errors/destination-create/scalar", trips("destination-create", isText)),
	broken("errors/destination-update/null-body", "null as a body is a server error where a destination is updated.",
		"errors/destination-update/scalar", trips("destination-update", isNullText)),
	broken("errors/destination-update/array-body", "An array of one is taken as the one where a destination is updated.",
		"errors/destination-update/scalar", mends("destination-update", isArray, firstOf)),
	broken("errors/headers/long", "A header of more than 8 KiB is a server error.", "errors/headers",
		refuseWhen("get", http.StatusInternalServerError, func(e *exchange) bool {
			return len(e.request.Header.Get("X-Long")) > 8<<10 || len(e.request.Header.Get("Authorization")) > 8<<10
		})),
	broken("errors/headers/query", "A query that cannot be parsed is a server error.", "errors/headers",
		refuseWhen("get", http.StatusInternalServerError, func(e *exchange) bool { return strings.Contains(e.request.URL.RawQuery, "%zz") })),
	broken("errors/long/name", "A name of more than 65,535 bytes is a server error.", "errors/long",
		refuseWhen("create", http.StatusInternalServerError, func(e *exchange) bool { return len(fmt.Sprint(e.body["name"])) > 65_535 })),
	broken("errors/long/cut", "A name is cut at 65,535 bytes.", "errors/long", cuts("create", "name", 65_535)),
	broken("errors/long/cut-field", "A field is cut at 8,000 bytes.", "errors/long", cuts("create", "clientIdName", 8_000)),
	broken("errors/long/secret", "A long secret is a server error.", "errors/long",
		refuseWhen("update", http.StatusInternalServerError,
			func(e *exchange) bool { return len(e.text) > 65_535 && len(e.text) < isLargeFrom })),
	broken("errors/long/destination", "The name of a destination is cut at 255 bytes.", "errors/long/destination",
		cuts("destination-create", "name", 255)),
	broken("errors/paths/unknown", "A path that nothing has is a server error.", "errors/paths", fault{after: func(e *exchange) {
		if e.operation == nil && e.status == http.StatusNotFound {
			e.refuse(http.StatusInternalServerError)
		}
	}}),
}

// fails answers with a status.
func fails(status int) func(*exchange, string) {
	return func(e *exchange, _ string) { e.refuse(status) }
}

// methodFaults answer methods that a path does not have.
var methodFaults = []Mutant{
	broken("errors/methods/head", "HEAD is a server error on the list.", "errors/methods/list",
		undescribed(http.MethodHead, "list", fails(http.StatusInternalServerError))),
	broken("errors/methods/trace", "TRACE is not implemented on a credential.", "errors/methods/get",
		undescribed(http.MethodTrace, "get", fails(http.StatusNotImplemented))),
	broken("errors/methods/patch", "PATCH is a server error on the destinations.", "errors/methods/destination-list",
		undescribed(http.MethodPatch, "destination-list", fails(http.StatusInternalServerError))),
	broken("errors/methods/options", "OPTIONS is a server error on the strategies.", "errors/methods/strategies",
		undescribed(http.MethodOptions, "strategies", fails(http.StatusBadGateway))),
	broken("errors/methods/get-body", "A body of GET is a server error on the environments.", "errors/methods/environment-list",
		trips("environment-list", func(text []byte) bool { return len(text) > 0 })),
	careless("errors/methods/put-replaces", "PUT on a credential is an update.", "errors/methods/get/refused",
		undescribed(http.MethodPut, "get", func(e *exchange, id string) {
			updated := e.askFor("update", id, map[string]any{"grantType": grant, "url": anyURL, "username": "changed by PUT"})
			e.status, e.answer = updated.status, updated.answer
		})),
	careless("errors/methods/put-refused-done", "PUT on a credential is refused, and done.", "errors/methods/get/refused",
		undescribed(http.MethodPut, "get", func(e *exchange, id string) {
			e.askFor("update", id, map[string]any{"grantType": grant, "url": anyURL, "username": "changed by PUT"})
		})),
	careless("errors/methods/post-creates", "POST on a credential creates another.", "errors/methods/get/refused",
		undescribed(http.MethodPost, "get", func(e *exchange, _ string) {
			created := e.askFor("create", "", decodeObject(e.text))
			e.status, e.answer = created.status, created.answer
		})),
	careless("errors/methods/delete-list", "DELETE on the list is said to be done.", "errors/methods/list/refused",
		undescribed(http.MethodDelete, "list", func(e *exchange, _ string) { e.grant(map[string]any{"message": "Deleted."}) })),
	careless("destinations/environment/created", "A destination can be created with a credential of another environment.",
		"destinations/other-environment/created", after("destination-create", func(e *exchange) {
			if credential, isText := e.body[link].(string); isText && e.refused() && exists(e, credential) {
				e.rewrite(func(body map[string]any) { delete(body, link) })
				e.pass()
				e.member("destination")[link] = credential
			}
		})),
}
