package respelt

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// spelledOut makes rows that edit the document after spellOut.
func spelledOut(lists ...[]respelling) []respelling {
	rows := slices.Concat(lists...)
	for i, row := range rows {
		rows[i].edit = all(spellOut, row.edit)
	}
	return rows
}

// respeltNamed are the rows for the document with its named unions.
var respeltNamed = []respelling{
	{"named unions: allOf reversed", func(tree *yaml.Node) {
		eachSchema(tree, func(node *yaml.Node) {
			if parts := get(node, "allOf"); parts != nil {
				slices.Reverse(parts.Content)
			}
		})
	}, same},
	{"named unions: anyOf with one member", wrapped("anyOf"), same},
	{"named unions: oneOf with one member", wrapped("oneOf"), same},
	{"named unions: allOf with one member", wrapped("allOf"), same},
	{"named unions: no reference at all", inline("responses", "parameters", "examples", "schemas"), same},
	{"named unions: 3.1", modern, same},
	{"named unions: 3.1, anyOf with null", nullAsAlternative("anyOf", false), same},
	{"named unions: forms without a name", func(tree *yaml.Node) {
		eachRef(get(tree, "components", "schemas", "NewCredential"), "schemas", func(node, _ *yaml.Node, name string) {
			*node = *schemaOf(tree, name)
		})
	}, same},
	{"named unions: one form without a name", func(tree *yaml.Node) {
		forms := get(schemaOf(tree, "NewCredential"), "oneOf").Content
		*forms[0] = *schemaOf(tree, "OAuth2TwoLeggedCreate")
	}, same},
	{"named unions: a discriminator that names schemas alone", func(tree *yaml.Node) {
		mapped := get(schemaOf(tree, "NewCredential"), "discriminator", "mapping")
		for i := 1; i < len(mapped.Content); i += 2 {
			mapped.Content[i] = parse(mapped.Content[i].Value[len("#/components/schemas/"):])
		}
	}, same},
	{"named unions: a discriminator without a mapping", func(tree *yaml.Node) {
		take(get(schemaOf(tree, "NewCredential"), "discriminator"), "mapping")
		take(get(schemaOf(tree, "Credential"), "discriminator"), "mapping")
	}, same},
	{"named unions: a discriminator that maps one of the forms", func(tree *yaml.Node) {
		for _, name := range []string{"NewCredential", "Credential"} {
			mapped := get(schemaOf(tree, name), "discriminator", "mapping")
			mapped.Content = mapped.Content[2:]
		}
	}, same},
	{"named unions: a union of unions", func(tree *yaml.Node) {
		put(get(tree, "components", "schemas"), "AnyCredential", parse("{oneOf: [{$ref: '#/components/schemas/NewCredential'}]}"))
		put(createBody(tree), "schema", parse("{$ref: '#/components/schemas/AnyCredential'}"))
	}, same},
	{"named unions: other names", replaced("#/components/schemas/NewCredential'", "#/components/schemas/CredentialToCreate'",
		"NewCredential:", "CredentialToCreate:"), same},
	{"named unions: the forms in another order", func(tree *yaml.Node) {
		for _, name := range []string{"CredentialChange", "Credential"} {
			slices.Reverse(get(schemaOf(tree, name), "anyOf").Content)
		}
	}, same},
}
