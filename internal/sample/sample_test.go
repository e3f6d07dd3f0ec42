package sample_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/sample"
)

// every calls check for every field of every strategy that a client may send.
func every(t *testing.T, check func(t *testing.T, property *credmock.Property)) {
	t.Helper()
	for _, strategy := range credmock.Default().Strategies {
		for _, property := range strategy.Create.Properties {
			if !property.ReadOnly {
				t.Run(strategy.Name+"/"+property.Name, func(t *testing.T) { check(t, property) })
			}
		}
	}
}

func valid(property *credmock.Property, value any) bool {
	return property.Schema.VisitJSON(value, openapi3.VisitAsRequest()) == nil
}

func TestValuesAreValid(t *testing.T) {
	source := sample.New(1)
	every(t, func(t *testing.T, property *credmock.Property) {
		for range 50 {
			if value := source.Value(property); !valid(property, value) {
				t.Fatalf("%v is not valid", value)
			}
		}
	})
}

func TestInvalidValuesAreInvalid(t *testing.T) {
	source := sample.New(1)
	every(t, func(t *testing.T, property *credmock.Property) {
		invalid := source.Invalid(property)
		if len(invalid) == 0 {
			t.Fatal("no invalid values")
		}
		for _, kind := range invalid {
			if len(kind.Values) == 0 {
				t.Errorf("no value with a wrong %s", kind.Name)
			}
			for _, value := range kind.Values {
				if valid(property, value) {
					t.Errorf("%v is valid, but returned as a wrong %s", value, kind.Name)
				}
			}
		}
	})
}

func TestSeed(t *testing.T) {
	one, two, other := sample.New(7), sample.New(7), sample.New(8)
	differs := false
	every(t, func(t *testing.T, property *credmock.Property) {
		first, second := one.Value(property), two.Value(property)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%v and %v", first, second)
		}
		differs = differs || !reflect.DeepEqual(first, other.Value(property))
	})
	if !differs {
		t.Error("another seed makes the same values")
	}
}

// Values have the form of the examples, since a server may check that.
func TestValuesLookLikeTheirExamples(t *testing.T) {
	source := sample.New(3)
	spec := credmock.Default()
	oauth, google, aws := spec.Strategy("OAuth_2.0_2-legged").Create, spec.Strategy("GoogleWIF").Create, spec.Strategy("AwsSigv4").Create
	for _, test := range []struct {
		property *credmock.Property
		fine     func(string) bool
	}{
		{oauth.Property("url"), func(v string) bool { return strings.HasPrefix(v, "https://") }},
		{oauth.Property("noBasic"), func(v string) bool { return v == "true" || v == "false" }},
		{oauth.Property("defaultExpirationSeconds"), func(v string) bool { return strings.Trim(v, "0123456789") == "" }},
		{oauth.Property("contentType"), func(v string) bool { return strings.HasPrefix(v, "application/") }},
		{google.Property("lifetime"), func(v string) bool { return strings.HasSuffix(v, "s") && strings.Trim(v, "0123456789") == "s" }},
		{google.Property("delegates"), func(v string) bool { return strings.HasSuffix(v, "@project.iam.gserviceaccount.com") }},
		{aws.Property("accessKey"), func(v string) bool { return len(v) == 16 && v == strings.ToUpper(v) }},
		{aws.Property("awsRegion"), func(v string) bool { return strings.HasPrefix(v, "eu-central-") }},
	} {
		for range 20 {
			if value := source.Value(test.property).(string); !test.fine(value) {
				t.Errorf("%s: %q", test.property.Name, value)
			}
		}
	}
}

// Any four characters of a canary contain two marks, and every canary is unique.
func TestCanary(t *testing.T) {
	source, seen := sample.New(1), map[string]bool{}
	for range 1000 {
		canary := source.Canary()
		if seen[canary] {
			t.Fatal("the same canary twice")
		}
		seen[canary] = true
		for i := 0; i+4 <= len(canary); i++ {
			if strings.Count(canary[i:i+4], "^")+strings.Count(canary[i:i+4], "|") != 2 {
				t.Fatalf("%q has a piece without two marks", canary)
			}
		}
	}
}
