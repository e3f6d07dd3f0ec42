package mutants

import (
	"maps"
	"strings"

	"github.com/credmock/credmock"
)

// after returns a fault that changes answers of operations, given as words.
func after(names string, change func(*exchange)) fault {
	return fault{after: func(e *exchange) {
		if e.is(names) {
			change(e)
		}
	}}
}

// afterSuccess is after for successes only.
func afterSuccess(names string, change func(*exchange)) fault {
	return after(names, func(e *exchange) {
		if e.success() {
			change(e)
		}
	})
}

// before returns a fault that changes requests.
func before(names string, change func(*exchange)) fault {
	return fault{before: func(e *exchange) {
		if e.is(names) {
			change(e)
		}
	}}
}

// inCredentials returns a fault that changes each credential in answers.
func inCredentials(names string, change func(e *exchange, credential map[string]any)) fault {
	return afterSuccess(names, func(e *exchange) {
		for _, credential := range e.credentials() {
			change(e, credential)
		}
	})
}

// inBodies returns a fault that changes each body that is an object before the sound server reads it.
func inBodies(names string, change func(e *exchange, body map[string]any)) fault {
	return before(names, func(e *exchange) {
		if e.body != nil {
			e.rewrite(func(body map[string]any) { change(e, body) })
		}
	})
}

// set replaces the value of a member in answers that have it.
func set(names, member string, value any) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if _, there := credential[member]; there {
			credential[member] = value
		}
	})
}

// drop removes a member from answers.
func drop(names, member string) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) { delete(credential, member) })
}

// convert changes the value of a member in answers, unless it is null.
func convert(names, member string, change func(any) any) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if value := credential[member]; value != nil {
			credential[member] = change(value)
		}
	})
}

// convertTexts changes every free text before it is stored.
func convertTexts(names string, change func(string) any) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		for _, name := range freeTexts {
			if text, isText := body[name].(string); isText {
				body[name] = change(text)
			}
		}
	})
}

// freeTexts are plain fields that may hold any text.
var freeTexts = []string{
	"username", "grantTypeName", "clientIdName", "clientSecretName", "refreshTokenName", "clientId", "accessTokenName",
	"expiresFieldName", "refreshGrantType", "customFieldName", "customFieldValue",
}

// fillIn adds a missing value to bodies, so that the sound server accepts them.
func fillIn(names, strategy, member string, value any) fault {
	return inBodies(names, func(e *exchange, body map[string]any) {
		if _, there := body[member]; !there && (strategy == "" || e.strategy() == strategy) {
			body[member] = value
		}
	})
}

// replaceNull replaces null in bodies by a value.
func replaceNull(names, strategy, member string, value any) fault {
	return inBodies(names, func(e *exchange, body map[string]any) {
		if given, there := body[member]; there && given == nil && (strategy == "" || e.strategy() == strategy) {
			body[member] = value
		}
	})
}

// replaceType replaces a value in bodies that is not a string.
func replaceType(names, strategy, member string, value any) fault {
	return inBodies(names, func(e *exchange, body map[string]any) {
		given := body[member]
		if _, isText := given.(string); given != nil && !isText && (strategy == "" || e.strategy() == strategy) {
			body[member] = value
		}
	})
}

// refuseWhen refuses some requests with a status.
func refuseWhen(names string, status int, when func(e *exchange) bool) fault {
	return before(names, func(e *exchange) {
		if when(e) {
			e.refuse(status)
		}
	})
}

// flagsOf returns the flags of a credential by name.
func flagsOf(credential map[string]any) map[string]any {
	flags := map[string]any{}
	for _, secret := range credmock.Default().Secrets() {
		name := credmock.FlagName(secret)
		if value, there := credential[name]; there {
			flags[name] = value
		}
	}
	return flags
}

// without returns a copy of an object without some members, given as words.
func without(object map[string]any, names string) map[string]any {
	copied := maps.Clone(object)
	for _, name := range strings.Fields(names) {
		delete(copied, name)
	}
	return copied
}
