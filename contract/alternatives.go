package contract

// Alternative is a documented contradiction that a target may resolve in the other way (docs/contract.md#contradictions).
type Alternative struct{ Name, Meaning string }

// Alternatives are those that Target.Accept may name.
var Alternatives = []Alternative{
	{"meta-string", "delete answers with meta as the bare version string"},
	{"delete-ok", `delete answers the JSON string "OK"`},
	{"wrapped-payload", "a single credential stands in payload.credential"},
	{"partial-update", "an update without the fields that update requires is fine"},
}
