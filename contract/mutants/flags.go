package mutants

import "strings"

// flag changes the value of a flag in answers.
func flag(names, name string, change func(right any) any) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if right, there := credential[name]; there {
			credential[name] = change(right)
		}
	})
}

// flagsAll changes every flag in answers.
func flagsAll(names string, change func(right any) any) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		for name, right := range flagsOf(credential) {
			credential[name] = change(right)
		}
	})
}

func constant(value any) func(any) any { return func(any) any { return value } }

func asText(right any) any {
	if right == true {
		return "true"
	}
	return "false"
}

func asNumber(right any) any {
	if right == true {
		return 1
	}
	return 0
}

func inverted(right any) any { return right != true }

// nullWhenFalse returns null instead of false.
func nullWhenFalse(right any) any {
	if right == false {
		return nil
	}
	return right
}

// swapped exchanges two flags.
func swapped(names, one, two string) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if _, there := credential[one]; there {
			credential[one], credential[two] = credential[two], credential[one]
		}
	})
}

// absentWhenFalse removes a false flag.
func absentWhenFalse(names, name string) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if credential[name] == false {
			delete(credential, name)
		}
	})
}

// like shows the value of another flag.
func like(names, name, other string) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		if _, there := credential[name]; there {
			credential[name] = credential[other]
		}
	})
}

// believes takes a flag from a body and keeps showing it.
func believes(action string) []fault {
	return []fault{
		{
			before: func(e *exchange) {
				if e.is(action) && e.body != nil {
					e.rewrite(func(body map[string]any) {
						for name := range flagsOf(body) {
							delete(body, name)
						}
					})
				}
			},
			after: func(e *exchange) {
				if e.is(action) && e.success() {
					for name, said := range flagsOf(e.body) {
						e.note(said, "flag", e.credentialID(), name)
					}
				}
			},
		},
		overlayFlags("create get update"),
	}
}

// overlayFlags shows flags as noted.
func overlayFlags(names string) fault {
	return inCredentials(names, func(e *exchange, credential map[string]any) {
		for name := range flagsOf(credential) {
			if said := e.noted("flag", e.credentialID(), name); said != nil {
				credential[name] = said
			}
		}
	})
}

// noteFlags notes a value for the flags of the secrets in a body.
func noteFlags(action string, when func(value any) bool, say any) []fault {
	return []fault{
		afterSuccess(action, func(e *exchange) {
			for name := range flagsOf(e.payload()) {
				value, there := e.body[secretOf(name)]
				if there && when(value) {
					e.note(say, "flag", e.credentialID(), name)
				}
			}
		}),
		overlayFlags("create get update"),
	}
}

// secretOf returns the name of a flag's secret.
func secretOf(flag string) string {
	name := strings.TrimPrefix(flag, "has")
	return strings.ToLower(name[:1]) + name[1:]
}

// stale keeps showing the flags that create answered.
func stale() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) { e.note(flagsOf(e.payload()), "flags", e.credentialID()) }),
		afterSuccess("get", func(e *exchange) {
			flags, _ := e.noted("flags", e.id).(map[string]any)
			for name, value := range flags {
				e.payload()[name] = value
			}
		}),
	}
}

func isEmpty(value any) bool { return value == "" }

func isNull(value any) bool { return value == nil }

func isBlank(value any) bool {
	text, isText := value.(string)
	return isText && text != "" && strings.TrimSpace(text) == ""
}

func isSecret(value any) bool {
	text, isText := value.(string)
	return isText && text != ""
}

var flagFaults = []Mutant{
	broken("flags/all/swapped", "hasPassword and hasClientSecret stand in each other's place.", "flags/create/hasClientSecret/alone",
		swapped("create get update", "hasPassword", "hasClientSecret")),
	broken("flags/get/swapped-aws", "hasSecretKey and hasSessionToken stand in each other's place.",
		"flags/get/hasSessionToken/unset/AwsSigv4", swapped("get", "hasSecretKey", "hasSessionToken")),
	broken("flags/create/text", "The flags in the answer of create are strings.", "flags/create/hasClientSecret", flagsAll("create", asText)),
	broken("flags/get/text", "The flags in the answer of get are strings.", "flags/get/hasPassword", flagsAll("get", asText)),
	broken("flags/update/text", "The flags in the answer of update are strings.", "flags/update/hasClientSecret", flagsAll("update", asText)),
	broken("flags/get/number", "The flags in the answer of get are 1 and 0.", "flags/get/hasClientSecret", flagsAll("get", asNumber)),
	broken("flags/create/missing", "The answer of create has no flag.", "flags/create/hasPassword", drop("create", "hasPassword")),
	broken("flags/get/missing", "The answer of get has no hasClientSecret.", "flags/get/hasClientSecret", drop("get", "hasClientSecret")),
	broken("flags/update/missing", "The answer of update has no hasClientSecret.", "flags/update/hasClientSecret",
		drop("update", "hasClientSecret")),
	broken("flags/create/missing-aws", "The answer of create has no hasSecretKey.", "flags/create/hasSecretKey/AwsSigv4",
		drop("create", "hasSecretKey")),
	broken("flags/update/missing-aws", "The answer of update has no hasSessionToken.", "flags/update/hasSessionToken/AwsSigv4",
		drop("update", "hasSessionToken")),
	broken("flags/all/true", "Every flag is always true.", "flags/create/hasPassword/unset", flagsAll("create get update", constant(true))),
	broken("flags/all/false", "Every flag is always false.", "flags/create/hasClientSecret", flagsAll("create get update", constant(false))),
	broken("flags/get/null", "A flag is null where nothing is stored.", "flags/get/hasPassword/unset", flagsAll("get", nullWhenFalse)),
	broken("flags/create/absent", "A flag is left out where nothing is stored.", "flags/create/hasClientSecret/unset",
		absentWhenFalse("create", "hasClientSecret")),
	broken("flags/get/absent-aws", "hasSessionToken is left out where none is stored.", "flags/get/hasSessionToken/unset/AwsSigv4",
		absentWhenFalse("get", "hasSessionToken")),
	broken("flags/get/inverted", "The flags in the answer of get say the contrary.", "flags/get/hasClientSecret", flagsAll("get", inverted)),
	broken("flags/create/any", "hasPassword is true where any secret is stored.", "flags/create/hasPassword/others",
		like("create get update", "hasPassword", "hasClientSecret")),
	broken("flags/create/aws-any", "hasSessionToken is as hasSecretKey.", "flags/create/hasSessionToken/others/AwsSigv4",
		like("create", "hasSessionToken", "hasSecretKey")),
	broken("flags/get/object", "A flag is an object.", "flags/get/hasPassword",
		flag("get", "hasPassword", func(right any) any { return map[string]any{"stored": right} })),
	broken("flags/create/by-client-id", "hasClientSecret tells whether a clientId is stored.", "flags/create/hasClientSecret/others",
		inCredentials("create get update", func(_ *exchange, credential map[string]any) {
			if _, there := credential["hasClientSecret"]; there {
				credential["hasClientSecret"] = credential["clientId"] != nil
			}
		})),
	broken("flags/list/shown", "A list item has the flags.", "flags/list/hasClientSecret",
		inCredentials("list", func(e *exchange, item map[string]any) {
			id, _ := item["id"].(string)
			for name, value := range flagsOf(e.shown(id)) {
				item[name] = value
			}
		})),
	broken("flags/create/forged", "create believes a flag in the body.", "flags/create/hasPassword/forged", believes("create")...),
	broken("flags/update/forged", "update believes a flag in the body.", "flags/update/hasClientSecret/forged", believes("update")...),
	broken("flags/create/forged-aws", "create believes hasSessionToken in the body.", "flags/create/hasSessionToken/forged/AwsSigv4",
		believes("create")...),
	broken("flags/get/stale", "get answers the flags of the creation for ever.", "flags/update/hasPassword/set", stale()...),
	broken("flags/update/kept-false", "A flag is false after an update that leaves the secret out.", "flags/update/hasClientSecret/kept",
		afterSuccess("update", func(e *exchange) {
			for name := range flagsOf(e.payload()) {
				if _, sent := e.body[secretOf(name)]; !sent {
					e.payload()[name] = false
				}
			}
		})),
	broken("flags/update/only-new", "A flag in the answer of update tells whether the secret was set for the first time.",
		"flags/update/hasPassword/rotated", afterSuccess("update", func(e *exchange) {
			for name := range flagsOf(e.payload()) {
				if _, sent := e.body[secretOf(name)]; sent && e.formerSecrets(e.id)[secretOf(name)] != "" {
					e.payload()[name] = false
				}
			}
		})),
	broken("flags/update/rotated-false", "A flag is false for ever after a secret is replaced.",
		"flags/update/hasSecretKey/rotated/AwsSigv4", noteFlags("update", isSecret, false)...),
	broken("flags/create/empty", "The empty string counts as a secret.", "flags/create/hasClientSecret/empty",
		noteFlags("create", isEmpty, true)...),
	broken("flags/create/empty-aws", "The empty string counts as a session token.", "flags/create/hasSessionToken/empty/AwsSigv4",
		noteFlags("create", isEmpty, true)...),
	broken("flags/create/null", "null counts as a secret.", "flags/create/hasPassword/null", noteFlags("create", isNull, true)...),
	broken("flags/update/empty", "The empty string counts as a secret on update.", "flags/update/hasPassword/empty",
		noteFlags("update", isEmpty, true)...),
	careless("flags/update/cleared", "A flag stays true when null clears the secret.", "flags/update/hasClientSecret/cleared",
		noteFlags("update", isNull, true)...),
	careless("flags/create/blank", "A secret of blanks counts as none.", "flags/create/hasPassword/blank",
		noteFlags("create", isBlank, false)...),
	broken("flags/create/smart-missing", "The answer of create has no flag for SMART_Backend.", "flags/create/hasClientSecret/SMART_Backend",
		inCredentials("create", func(_ *exchange, credential map[string]any) {
			if credential["authStrategy"] == "SMART_Backend" {
				delete(credential, "hasClientSecret")
			}
		})),
}
