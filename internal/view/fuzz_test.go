package view

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
)

// everyProperty returns the properties of both documents, in bodies and in answers.
func everyProperty(tb testing.TB) []*credmock.Property {
	tb.Helper()
	text, err := os.ReadFile("../../testdata/variant.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	variant, err := credmock.Load(text)
	if err != nil {
		tb.Fatal(err)
	}
	var properties []*credmock.Property
	for _, spec := range []*credmock.Spec{credmock.Default(), variant} {
		for _, strategy := range spec.Strategies {
			properties = append(append(properties, strategy.Create.Properties...), strategy.Shown.Properties...)
		}
		for _, operation := range spec.Operations {
			for _, object := range []*credmock.Object{operation.Body, operation.Item} {
				if object != nil {
					properties = append(properties, object.Properties...)
				}
			}
		}
	}
	return properties
}

// FuzzPlain compares the closures with kin-openapi, for every property of the documents and any JSON value.
func FuzzPlain(f *testing.F) {
	properties := everyProperty(f)
	closures := 0
	for _, property := range properties {
		if plain(property.Schema) != nil {
			closures++
		}
	}
	if closures < len(properties)/2 {
		f.Fatalf("only %d of %d properties have a closure", closures, len(properties))
	}
	for _, seed := range []string{`null`, `true`, `1`, `1.5`, `1e2`, `1e300`, `-0`, `"x"`, `""`, `[]`, `["a"]`, `[1]`, `{}`, `{"id":1}`,
		`"client_credentials"`,
		`"OAuth_2.0_2-legged"`, `"ApiKey"`, `"Key"`, `"Staging"`, `"2026-01-15T09:30:00.000Z"`, `"2026-02-31T23:59:60+99:99"`,
		`"2026-01-15T09:30:00"`,
		`"2026-13-15T09:30:00Z"`, `"2026-01-15t09:30:00z"`, `"2026-01-15T09:30:00.Z"`, `"2026-01-15T24:30:00Z"`,
		`"2026-01-15T09:30:00-00:00\n"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		for _, property := range properties {
			compiled := newField(property)
			found := compiled.check(compiled, value)
			if kin := property.Schema.VisitJSON(value, openapi3.MultiErrors()); (kin == nil) != (len(found) == 0) {
				t.Errorf("%s: kin-openapi refuses: %t, the closure: %t", property.Name, kin != nil, len(found) > 0)
			}
		}
	})
}

// FuzzDateTime compares isDateTime with kin-openapi's expression.
func FuzzDateTime(f *testing.F) {
	for _, seed := range []string{"2026-01-15T09:30:00.000Z", "2026-01-15T09:30:00+01:00", "2026-01-15T09:30:60Z", "2026-00-15T09:30:00Z", "",
		"Z", "2026-01-15T09:30:00.Z",
		"2026-01-15T09:30:00.5", "2026-01-15T09:30:00ZZ", "٢026-01-15T09:30:00Z", "2026-01-15T09:30:00.123456789012-23:59"} {
		f.Add(seed)
	}
	schema := openapi3.NewStringSchema().WithFormat("date-time")
	f.Fuzz(func(t *testing.T, text string) {
		if want := schema.VisitJSON(text) == nil; isDateTime(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	})
}

// FuzzAppend checks that encoding/json decodes the encoded value.
func FuzzAppend(f *testing.F) {
	for _, seed := range []string{`null`, `1e21`, `-0.5`, `9007199254740993`, `{"b":[1,true,{"a":"\u2028\"<"}],"a":null}`, `"\u0000é漢🔑"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value, again any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		encoded := AppendValue(nil, value)
		if err := json.Unmarshal(encoded, &again); err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		want, _ := json.Marshal(value)
		got, _ := json.Marshal(again)
		if string(want) != string(got) {
			t.Errorf("%s became %s", want, got)
		}
	})
}
