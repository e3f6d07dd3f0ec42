package spec

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
)

// documents are the two that the flat form is made of.
func documents(t *testing.T) map[string][]byte {
	t.Helper()
	variant, err := os.ReadFile("../../../../testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"embedded": credmock.Document(), "variant": variant}
}

func flat(t *testing.T, document []byte) (*openapi3.T, *credmock.Spec) {
	t.Helper()
	spec, err := credmock.Load(document)
	if err != nil {
		t.Fatal(err)
	}
	return flatAs(t, document, spec), spec
}

func flatAs(t *testing.T, document []byte, spec *credmock.Spec) *openapi3.T {
	t.Helper()
	text, err := printed(document, spec, true, "yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// Both documents have a flat form that is valid, and in it are the strategies' forms with the properties that the mock knows.
func TestFlatForms(t *testing.T) {
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			doc, spec := flat(t, document)
			base := spec.BasePath()
			create := bodyOf(doc, base+"/v1/authcredentials", "POST")
			payload := answerOf(doc, base+"/v1/authcredentials/{id}").Properties["payload"].Value
			if len(create.OneOf) != len(spec.Strategies) || len(payload.OneOf) != len(spec.Strategies) {
				t.Fatalf("%d and %d forms of %d strategies", len(create.OneOf), len(payload.OneOf), len(spec.Strategies))
			}
			for _, strategy := range spec.Strategies {
				holdForm(t, create, strategy, strategy.Create, func(property *credmock.Property) bool { return !property.ReadOnly })
				holdForm(t, payload, strategy, strategy.Shown, func(property *credmock.Property) bool { return !property.Secret })
			}
		})
	}
}

// holdForm holds the form of a strategy in a union to having the wanted properties of an object, and what it requires.
func holdForm(t *testing.T, union *openapi3.Schema, strategy *credmock.Strategy, object *credmock.Object,
	wanted func(*credmock.Property) bool) {
	t.Helper()
	var form *openapi3.Schema
	for _, one := range union.OneOf {
		if one.Ref == union.Discriminator.Mapping[strategy.Name].Ref {
			form = one.Value
		}
	}
	if form == nil {
		t.Fatalf("the mapping leads %s nowhere", strategy.Name)
	}
	names, required := map[string]bool{}, map[string]bool{object.Role(credmock.RoleStrategy).Name: true}
	for _, property := range object.Properties {
		names[property.Name] = wanted(property)
	}
	for _, requirement := range object.Required {
		required[requirement.Name] = names[requirement.Name]
	}
	for name, want := range names {
		if (form.Properties[name] != nil) != want {
			t.Errorf("%s: %s is there: %t", strategy.Name, name, !want)
		}
	}
	for _, name := range form.Required {
		if !required[name] {
			t.Errorf("%s: %s is required", strategy.Name, name)
		}
		delete(required, name)
	}
	if len(required) > 0 || len(form.AllOf) > 0 {
		t.Errorf("%s: not required: %v, allOf: %d", strategy.Name, required, len(form.AllOf))
	}
}

func bodyOf(doc *openapi3.T, path, method string) *openapi3.Schema {
	return doc.Paths.Value(path).GetOperation(method).RequestBody.Value.Content.Get("application/json").Schema.Value
}

// The update is one object, which takes a property of any strategy, and the values of each.
func TestFlatUpdate(t *testing.T) {
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			doc, spec := flat(t, document)
			update := bodyOf(doc, spec.BasePath()+"/v1/authcredentials/{id}", "PATCH")
			if !update.Type.Is("object") || len(update.OneOf)+len(update.AnyOf)+len(update.Required) > 0 {
				t.Errorf("it is %v, with %d alternatives, and requires %v", update.Type, len(update.OneOf)+len(update.AnyOf), update.Required)
			}
			for _, strategy := range spec.Strategies {
				for _, property := range strategy.Update.Properties {
					if got := update.Properties[property.Name]; (got == nil) != property.ReadOnly {
						t.Errorf("%s of %s is there: %t", property.Name, strategy.Name, got != nil)
					}
				}
			}
			named := update.Properties[spec.Strategies[0].Update.Role(credmock.RoleStrategy).Name].Value
			if len(named.Enum) != len(spec.Strategies) {
				t.Errorf("the strategies are %v", named.Enum)
			}
		})
	}
}

// One server and whole paths, and no word that a generator reads wrongly.
func TestFlatWords(t *testing.T) {
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			doc, spec := flat(t, document)
			if len(doc.Servers) != 1 || doc.Servers[0].URL != "https://api.redoxengine.com" {
				t.Errorf("servers: %v", doc.Servers)
			}
			for _, operation := range spec.Operations {
				if item := doc.Paths.Value(operation.Prefix + operation.Path); item == nil || item.GetOperation(operation.Method) == nil {
					t.Errorf("%s is not at its whole path", operation.ID)
				}
			}
			text, err := printed(document, spec, true, "json")
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{`"allOf"`, `"readOnly"`, `"writeOnly"`, `"x-`, `"anyOf"`} {
				if strings.Contains(string(text), word) {
					t.Errorf("it has %s", word)
				}
			}
		})
	}
}

// Spellings that mean the same have the same flat form, apart from the names of components.
func TestRespelledDocuments(t *testing.T) {
	document, spec := string(credmock.Document()), credmock.Default()
	whole := flatAs(t, []byte(document), spec)
	const change, reference = "            schema: {$ref: '#/components/schemas/DestinationUpdate'}\n", "$ref: '#/components/schemas/"
	for name, edits := range map[string][]string{
		"an allOf of one":      {"schema: {" + reference + "NewCredential'}", "schema: {allOf: [{" + reference + "NewCredential'}]}"},
		"a payload in allOf":   {"payload: {" + reference + "Credential'}", "payload: {allOf: [{type: object}, {" + reference + "Credential'}]}"},
		"a required by itself": {change, "            schema: {allOf: [{" + reference + "DestinationUpdate'}, {type: object}]}\n"},
		"nested allOf": {"      required: [name]\n", "", "    DestinationCreate:\n", "    DestinationCreate:\n      required: [name]\n",
			"        - " + reference + "DestinationFields'\n", "        - allOf: [{allOf: [{" + reference + "DestinationFields'}]}]\n"},
		"a union that is not named": {"schema: {" + reference + "CredentialChange'}", "schema: {anyOf: [{" +
			reference + "OAuth2TwoLeggedUpdate'}, {" + reference + "SmartBackendUpdate'}, {" + reference + "AwsSigv4Update'}, {" + reference +
			"GoogleWifUpdate'}]}"},
		"a reference to a place": {change, "            schema: {$ref: '#/paths/~1v1~1destinations~1%7BdestinationId%7D/patch/x-body'}\n",
			"      operationId: updateDestination\n", "      operationId: updateDestination\n      x-body: {" + reference + "DestinationUpdate'}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			text := document
			for i := 0; i < len(edits); i += 2 {
				if !strings.Contains(text, edits[i]) {
					t.Fatalf("the document has no %q any more", edits[i])
				}
				text = strings.Replace(text, edits[i], edits[i+1], 1)
			}
			respelled := flatAs(t, []byte(text), spec)
			for _, operation := range spec.Operations {
				if path := operation.Prefix + operation.Path; operation.MediaType == "application/json" {
					equalSchemas(t, operation.ID, bodyOf(whole, path, operation.Method), bodyOf(respelled, path, operation.Method))
				}
			}
			path := spec.BasePath() + "/v1/authcredentials/{id}"
			equalSchemas(t, "the answer", answerOf(whole, path), answerOf(respelled, path))
		})
	}
}

func answerOf(doc *openapi3.T, path string) *openapi3.Schema {
	return doc.Paths.Value(path).Get.Responses.Status(200).Value.Content.Get("application/json").Schema.Value
}

// What has no flat form is refused in a sentence.
func TestNoFlatForm(t *testing.T) {
	document := strings.Replace(string(credmock.Document()), "- url: https://api.redoxengine.com\n", "- url: https://other.example.com\n", 1)
	spec, err := credmock.Load([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	_, err = printed([]byte(document), spec, true, "yaml")
	want := `issueToken at "https://other.example.com", and a document for clients has one host`
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v does not end with %s", err, want)
	}
}

func equalSchemas(t *testing.T, place string, want, got *openapi3.Schema) {
	t.Helper()
	if len(want.OneOf) != len(got.OneOf) || len(want.Properties) != len(got.Properties) || len(got.AllOf) > 0 {
		t.Errorf("%s: %d alternatives and %d properties, not %d and %d", place, len(got.OneOf), len(got.Properties), len(want.OneOf),
			len(want.Properties))
		return
	}
	for i := range want.OneOf {
		equalSchemas(t, place, want.OneOf[i].Value, got.OneOf[i].Value)
	}
	for name, property := range want.Properties {
		if got.Properties[name] == nil {
			t.Errorf("%s: there is no %s", place, name)
			continue
		}
		equalSchemas(t, place+"/"+name, property.Value, got.Properties[name].Value)
	}
}
