package mutants

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Authorization headers without a valid token.
func noToken(authorization string) bool { return authorization == "" }

func emptyToken(authorization string) bool {
	return strings.TrimSpace(strings.TrimPrefix(authorization, "Bearer")) == "" && authorization != ""
}

func strangeToken(authorization string) bool {
	return strings.HasPrefix(authorization, "Bearer ") && !emptyToken(authorization)
}

func basicToken(authorization string) bool { return strings.HasPrefix(authorization, "Basic ") }

// longerToken and shorterToken tell whether only the beginning of a token is right.
func longerToken(e *exchange) bool {
	return strings.HasPrefix(e.request.Header.Get("Authorization"), e.engineer())
}

func shorterToken(e *exchange) bool {
	authorization := e.request.Header.Get("Authorization")
	return len(authorization) > len("Bearer ") && strings.HasPrefix(e.engineer(), authorization)
}

// compares accepts callers whose token is almost right.
func compares(names string, like func(e *exchange) bool) fault {
	return after(names, func(e *exchange) {
		if e.status == http.StatusUnauthorized && like(e) {
			e.again(e.engineer())
		}
	})
}

// admits accepts callers without a valid token.
func admits(names string, who func(authorization string) bool) fault {
	return after(names, func(e *exchange) {
		if e.status == http.StatusUnauthorized && who(e.request.Header.Get("Authorization")) {
			e.again(e.engineer())
		}
	})
}

// doesFirst executes a request before refusing it with the status.
func doesFirst(names string, status int) fault {
	return after(names, func(e *exchange) {
		if e.status == status && (e.is("create") || e.id != "") {
			e.askAs(e.engineer(), e.request.Method, e.request.URL.Path, e.text)
		}
	})
}

// letsWrite lets members without the role write.
func letsWrite(names string) fault {
	return after(names, func(e *exchange) {
		if e.status == http.StatusForbidden {
			e.again(e.engineer())
		}
	})
}

// letsIn lets another organization in, which the sound server answers with 404.
func letsIn(names string) fault {
	return after(names, func(e *exchange) {
		if foreign(e) {
			e.again(e.engineer())
		}
	})
}

// foreign tells whether another organization was refused.
func foreign(e *exchange) bool {
	caller := e.request.Header.Get("Authorization")
	return caller != "" && caller != e.engineer() && e.refused() && e.status != http.StatusUnauthorized && !writesAsViewer(e)
}

// writesAsViewer tells whether a member without the role was refused.
func writesAsViewer(e *exchange) bool { return e.status == http.StatusForbidden }

var authenticationFaults = []Mutant{
	broken("auth/destination-update/viewer", "A member without the role attaches credentials.", "auth/destination-update/viewer",
		letsWrite("destination-update")),
	broken("auth/destination-get/other", "Another organization reads a destination.", "auth/destination-get/other", letsIn("destination-get")),
	broken("auth/destination-update/other", "Another organization updates a destination.", "auth/destination-update/other",
		letsIn("destination-update")),
	broken("auth/strategies/none", "The strategies are listed without a token.", "auth/strategies/none", admits("strategies", noToken)),
	broken("auth/list/none", "Credentials are listed without a token.", "auth/list/none", admits("list", noToken)),
	broken("auth/create/none", "A credential is created without a token.", "auth/create/none", admits("create", noToken)),
	broken("auth/get/none", "A credential is read without a token.", "auth/get/none", admits("get", noToken)),
	broken("auth/update/none", "A credential is updated without a token.", "auth/update/none", admits("update", noToken)),
	broken("auth/delete/none", "A credential is deleted without a token.", "auth/delete/none", admits("delete", noToken)),
	broken("auth/environment-list/none", "Environments are listed without a token.", "auth/environment-list/none",
		admits("environment-list", noToken)),
	broken("auth/destination-update/none", "A destination is updated without a token.", "auth/destination-update/none",
		admits("destination-update", noToken)),
	broken("auth/destination-verify/garbage", "A destination is verified with any token.", "auth/destination-verify/garbage",
		admits("destination-verify", strangeToken)),
	broken("auth/get/garbage", "Any token reads a credential.", "auth/get/garbage", admits("get", strangeToken)),
	broken("auth/update/garbage", "Any token updates a credential.", "auth/update/garbage", admits("update", strangeToken)),
	broken("auth/list/garbage", "Any token lists credentials.", "auth/list/garbage", admits("list", strangeToken)),
	broken("auth/create/empty", "An empty token creates a credential.", "auth/create/empty", admits("create", emptyToken)),
	broken("auth/get/empty", "An empty token reads a credential.", "auth/get/empty", admits("get", emptyToken)),
	broken("auth/get/longer", "A token with one letter more reads a credential.", "auth/get/longer", compares("get", longerToken)),
	broken("auth/update/longer", "A token with one letter more updates a credential.", "auth/update/longer", compares("update", longerToken)),
	broken("auth/list/shorter", "A token with one letter less lists credentials.", "auth/list/shorter", compares("list", shorterToken)),
	broken("auth/create/shorter", "A token with one letter less creates a credential.", "auth/create/shorter",
		compares("create", shorterToken)),
	broken("auth/get/scheme", "The token in another scheme reads a credential.", "auth/get/scheme", admits("get", basicToken)),
	broken("auth/delete/scheme", "The token in another scheme deletes a credential.", "auth/delete/scheme", admits("delete", basicToken)),
	broken("auth/get/forbidden", "A missing token is answered with 403.", "auth/get/none",
		otherStatus("get", http.StatusUnauthorized, http.StatusForbidden)),
	broken("auth/list/not-found", "A missing token is answered with 404.", "auth/list/none",
		otherStatus("list", http.StatusUnauthorized, http.StatusNotFound)),
	broken("auth/list/empty-list", "A missing token is answered with an empty list.", "auth/list/none", after("list", func(e *exchange) {
		if e.status == http.StatusUnauthorized {
			e.grant(map[string]any{"credentials": []any{}})
		}
	})),
	broken("auth/strategies/login", "A missing token is redirected to a login.", "auth/strategies/none",
		after("strategies", func(e *exchange) {
			if e.status == http.StatusUnauthorized {
				e.reply(http.StatusFound, nil)
				e.header.Set("Location", "https://login.example.com/")
			}
		})),
	broken("auth/update/done", "An update without a token is refused, and done.", "auth/update/none",
		doesFirst("update", http.StatusUnauthorized)),
	broken("auth/delete/done", "A delete without a token is refused, and done.", "auth/delete/none",
		doesFirst("delete", http.StatusUnauthorized)),
	broken("auth/create/done", "A create without a token is refused, and done.", "auth/create/none",
		doesFirst("create", http.StatusUnauthorized)),
	broken("auth/create/viewer", "A member without the role creates.", "auth/create/viewer", letsWrite("create")),
	broken("auth/update/viewer", "A member without the role updates.", "auth/update/viewer", letsWrite("update")),
	broken("auth/delete/viewer", "A member without the role deletes.", "auth/delete/viewer", letsWrite("delete")),
	broken("auth/update/viewer-done", "An update of a member without the role is refused, and done.", "auth/update/viewer",
		doesFirst("update", http.StatusForbidden)),
	broken("auth/delete/viewer-done", "A delete of a member without the role is refused, and done.", "auth/delete/viewer",
		doesFirst("delete", http.StatusForbidden)),
	broken("auth/get/other", "Another organization reads a credential.", "auth/get/other", letsIn("get")),
	broken("auth/list/other", "Another organization lists credentials.", "auth/list/other", letsIn("list")),
	broken("auth/update/other", "Another organization updates a credential.", "auth/update/other", letsIn("update")),
	broken("auth/delete/other", "Another organization deletes a credential.", "auth/delete/other", letsIn("delete")),
	broken("auth/create/other", "Another organization creates a credential here.", "auth/create/other", letsIn("create")),
	broken("auth/update/other-done", "An update of another organization is refused, and done.", "auth/update/other",
		doesFirst("update", http.StatusNotFound)),
	broken("auth/list/other-empty", "Another organization gets an empty list.", "auth/list/other", after("list", func(e *exchange) {
		if foreign(e) {
			e.grant(map[string]any{"credentials": []any{}})
		}
	})),
}

// tokens returns the token of a request and the engineer's.
func tokens(e *exchange) (given, right string) {
	_, given, _ = strings.Cut(e.request.Header.Get("Authorization"), " ")
	_, right, _ = strings.Cut(e.engineer(), " ")
	return given, right
}

// sameEnds tells whether a token is right but for its middle.
func sameEnds(e *exchange) bool {
	given, right := tokens(e)
	return len(given) == len(right) && len(given) > 4 && given[:2] == right[:2] && given[len(given)-2:] == right[len(right)-2:]
}

// sameBeginning tells whether a token is right but for its last character.
func sameBeginning(e *exchange) bool {
	given, right := tokens(e)
	return len(given) == len(right) && len(given) > 2 && given[:len(given)-1] == right[:len(right)-1]
}

func sameLetters(e *exchange) bool {
	given, right := tokens(e)
	return given != "" && strings.EqualFold(given, right)
}

func withoutScheme(e *exchange) bool {
	_, right := tokens(e)
	return right != "" && e.request.Header.Get("Authorization") == right
}

func twiceTheScheme(e *exchange) bool {
	return e.engineer() != "" && e.request.Header.Get("Authorization") == "Bearer "+e.engineer()
}

// saysFirst answers some refusals of a caller as the engineer is refused: 404 for what is not there, 400 for a malformed body.
func saysFirst(names string, refused int, status int) fault {
	return after(names, func(e *exchange) {
		if e.status != refused || e.engineer() == "" {
			return
		}
		isMalformed := len(e.text) > 0 && !json.Valid(e.text)
		there := e.askAs(e.engineer(), http.MethodGet, e.request.URL.Path, nil)
		if status == http.StatusBadRequest && isMalformed || status == http.StatusNotFound && there.status == http.StatusNotFound {
			e.refuse(status)
		}
	})
}

// saysInUseFirst answers a refusal of a deletion with 409 if a destination uses the credential.
func saysInUseFirst(refused int) []fault {
	return []fault{remembersLinks(), after("delete", func(e *exchange) {
		if e.status == refused && len(e.users(e.id)) > 0 {
			e.refuse(http.StatusConflict)
		}
	})}
}

// namesIt adds the name of the credential to a refusal.
func namesIt(names string, refused ...int) fault {
	return after(names, func(e *exchange) {
		if name := e.shown(e.id)["name"]; slices.Contains(refused, e.status) && e.answer != nil && name != nil {
			e.answer["detail"] = fmt.Sprintf("You may not see %v.", name)
		}
	})
}

// isViewer tells whether the caller may read and not write.
func isViewer(e *exchange) bool {
	caller := e.request.Header.Get("Authorization")
	probe := e.askAs(caller, http.MethodPost, "/platform/v1/authcredentials", []byte("{}"))
	return probe.status == http.StatusForbidden
}

// hidesItems leaves items out of the list that a viewer gets.
func hidesItems(hidden func(map[string]any) bool) fault {
	return afterSuccess("list", func(e *exchange) {
		if !isViewer(e) {
			return
		}
		shown := []any{}
		for _, item := range e.items() {
			if !hidden(item) {
				shown = append(shown, item)
			}
		}
		e.payload()[e.operation.Member] = shown
	})
}

// toViewer changes what a viewer is shown.
func toViewer(names string, change func(*exchange)) fault {
	return afterSuccess(names, func(e *exchange) {
		if isViewer(e) {
			change(e)
		}
	})
}

// hidesFrom refuses the reads of a viewer.
func hidesFrom(names string) fault { return refuseWhen(names, http.StatusForbidden, isViewer) }

// callerFaults are about callers who are nearly right, and about what a refusal says.
var callerFaults = []Mutant{
	broken("auth/get/last-character", "The last character of a token is not compared by get.", "auth/get/almost",
		compares("get", sameBeginning)),
	broken("auth/update/middle", "The middle of a token is not compared by update.", "auth/update/almost", compares("update", sameEnds)),
	broken("auth/create/case", "The case of a token is not compared by create.", "auth/create/almost", compares("create", sameLetters)),
	broken("auth/strategies/case", "The case of a token is not compared by the list of strategies.", "auth/strategies/almost",
		compares("strategies", sameLetters)),
	broken("auth/destination-get/case", "The case of a token is not compared where a destination is read.", "auth/destination-get/almost",
		compares("destination-get", sameLetters)),
	broken("auth/environment-list/last-character", "The last character of a token is not compared where environments are listed.",
		"auth/environment-list/almost", compares("environment-list", sameBeginning)),
	broken("auth/list/no-scheme", "A bare token lists credentials.", "auth/list/form", compares("list", withoutScheme)),
	broken("auth/delete/scheme-twice", "A token after two schemes deletes a credential.", "auth/delete/form",
		compares("delete", twiceTheScheme)),
	broken("auth/destination-update/no-scheme", "A bare token updates a destination.", "auth/destination-update/form",
		compares("destination-update", withoutScheme)),
	broken("auth/list/scheme-case", "The scheme in another case is answered with 403.", "auth/list/form",
		before("list", func(e *exchange) {
			if strings.HasPrefix(e.request.Header.Get("Authorization"), "bEARER") {
				e.refuse(http.StatusForbidden)
			}
		})),
	broken("auth/get/unknown-first", "get without a token says that an id is unknown.", "auth/get/before", saysFirst("get", 401, 404)),
	broken("auth/update/body-first", "update without a token says that a body is malformed.", "auth/update/before",
		saysFirst("update", 401, 400)),
	broken("auth/create/body-first", "create without a token says that a body is malformed.", "auth/create/before",
		saysFirst("create", 401, 400)),
	broken("auth/list/unknown-first", "list without a token says that an environment is unknown.", "auth/list/before",
		saysFirst("list", 401, 404)),
	broken("auth/destination-delete/unknown-first", "A deletion without a token says that a destination is unknown.",
		"auth/destination-delete/before", saysFirst("destination-delete", 401, 404)),
	broken("auth/destination-verify/viewer", "A member without the role verifies a destination.", "auth/destination-verify/viewer",
		letsWrite("destination-verify")),
	broken("auth/get/names-it", "get without a token names the credential in its refusal.", "auth/get/none", namesIt("get", 401)),
	broken("auth/update/other-names-it", "update names the credential in its refusal of another organization.", "auth/update/other",
		namesIt("update", 404, 403)),
	broken("auth/get/almost/underscore", "A token is found although a hyphen of it is an underscore.", "auth/get/almost",
		before("get", func(e *exchange) {
			authorization := e.request.Header.Get("Authorization")
			if other := strings.ReplaceAll(authorization, "_", "-"); other != authorization {
				e.request.Header.Set("Authorization", other)
			}
		})),
	broken("auth/get/almost/quoted", "A token is found in quotes.", "auth/get/almost",
		before("get", func(e *exchange) {
			e.request.Header.Set("Authorization", strings.ReplaceAll(e.request.Header.Get("Authorization"), `"`, ""))
		})),
	broken("auth/update/other-smart", "Another organization updates credentials of SMART_Backend.", "auth/update/other",
		after("update", func(e *exchange) {
			if e.shown(e.id)["authStrategy"] == smart {
				letsIn("update").after(e)
			}
		})),
	broken("auth/list/viewer-empty", "The list is empty for a viewer.", "auth/list/viewer-all",
		hidesItems(func(map[string]any) bool { return true })),
	broken("auth/list/viewer-without-google", "The list hides one strategy from a viewer.", "auth/list/viewer-all",
		hidesItems(func(item map[string]any) bool { return item["authStrategy"] == "GoogleWIF" })),
	broken("auth/delete/in-use-first", "delete without a token says that a destination uses the credential.", "auth/delete/in-use",
		saysInUseFirst(http.StatusUnauthorized)...),
	broken("auth/create/large-first", "create without a token says that the body is too long.", "auth/create/large",
		after("create", func(e *exchange) {
			if e.status == http.StatusUnauthorized && len(e.text) > isLargeFrom {
				e.refuse(http.StatusRequestEntityTooLarge)
			}
		})),
	broken("auth/get/viewer-bare", "get shows a viewer no URL.", "auth/get/viewer-same",
		toViewer("get", func(e *exchange) { delete(e.payload(), "url") })),
	broken("auth/get/viewer-shouts", "get shows a viewer the name in capitals.", "auth/get/viewer-same",
		toViewer("get", func(e *exchange) { e.payload()["name"] = strings.ToUpper(fmt.Sprint(e.payload()["name"])) })),
	broken("auth/destination-get/viewer-bare", "A destination is shown to a viewer without its endpoint.", "auth/destination-get/viewer-same",
		toViewer("destination-get", func(e *exchange) { delete(e.member("destination"), "endpoint") })),
	broken("auth/strategies/viewer-fewer", "A viewer is shown a strategy less.", "auth/strategies/viewer-same",
		toViewer("strategies", func(e *exchange) { delete(e.member("strategies"), aws) })),
	broken("auth/environment-list/viewer-none", "A viewer is shown no environment.", "auth/environment-list/viewer-same",
		toViewer("environment-list", func(e *exchange) { e.payload()[e.operation.Member] = []any{} })),
	broken("auth/get/viewer-version", "get answers a viewer in the envelope of another version.", "auth/get/viewer-same",
		toViewer("get", func(e *exchange) { e.answer["meta"] = map[string]any{"version": "0.9.0"} })),
	careless("auth/delete/viewer-in-use-first", "A viewer's delete says that a destination uses the credential.", "auth/delete/viewer-in-use",
		saysInUseFirst(http.StatusForbidden)...),
	careless("auth/get/viewer-hidden", "A viewer cannot read a credential.", "auth/get/viewer", hidesFrom("get")),
	broken("auth/destination-update/viewer-done", "A viewer's update of a destination is refused, and done.",
		"auth/destination-update/viewer", doesFirst("destination-update", http.StatusForbidden)),
	careless("auth/destination-list/viewer-hidden", "A viewer cannot list destinations.", "auth/destination-list/viewer",
		hidesFrom("destination-list")),
	careless("auth/update/viewer-unknown-first", "A viewer's update says that an id is unknown.", "auth/update/viewer-before",
		saysFirst("update", 403, 404)),
	careless("auth/create/viewer-body-first", "A viewer's create says that a body is malformed.", "auth/create/viewer-before",
		saysFirst("create", 403, 400)),
	careless("auth/update/other-body-first", "An update of another organization says that a body is malformed.", "auth/update/other-before",
		saysFirst("update", 404, 400)),
	careless("auth/get/other-exists", "Another organization learns from 403 that an id exists.", "auth/get/other-before",
		after("get", func(e *exchange) {
			if foreign(e) && e.shown(e.id) != nil {
				e.refuse(http.StatusForbidden)
			}
		})),
}
