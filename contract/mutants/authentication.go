package mutants

import (
	"net/http"
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
