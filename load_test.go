package credmock_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/source"
)

// Each archive of testdata/broken is one edit of the embedded document that a house rule stops.
func TestBrokenDocumentsDoNotLoad(t *testing.T) {
	archives, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			find, replace, want := section(t, archive, "find"), section(t, archive, "replace"), section(t, archive, "error")
			// An edit may end within a line, and an archive's section cannot: the line's end is not part of it.
			find, replace, want = bytes.TrimSuffix(find, []byte("\n")), bytes.TrimSuffix(replace, []byte("\n")), bytes.TrimSuffix(want, []byte("\n"))
			if !bytes.Contains(credmock.Document(), find) {
				t.Fatal("the document has nothing to edit any more")
			}
			_, err = credmock.Load(bytes.Replace(credmock.Document(), find, replace, 1))
			if err == nil {
				t.Fatal("it loads")
			}
			if !strings.Contains(err.Error(), string(want)) {
				t.Errorf("error:\n%v\nshould hold:\n%s", err, want)
			}
		})
	}
}

func section(t *testing.T, archive *txtar.Archive, name string) []byte {
	t.Helper()
	for _, file := range archive.Files {
		if file.Name == name {
			return file.Data
		}
	}
	t.Fatalf("the archive has no section %s", name)
	return nil
}

func TestErrorsNameTheLine(t *testing.T) {
	find := []byte("        authStrategy:\n          type: string\n          x-role: strategy")
	before, _, found := bytes.Cut(credmock.Document(), find)
	if !found {
		t.Fatal("the document has nothing to edit any more")
	}
	_, err := credmock.Load(bytes.Replace(credmock.Document(), []byte("x-role: strategy"), []byte("x-role: kind"), 1))
	if want := fmt.Sprintf("line %d: ", bytes.Count(before, []byte("\n"))+1); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v does not begin with %q", err, want)
	}
}

// What YAML can say and a document cannot is refused with the line on which it stands.
func TestOddYAML(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for letter := 'b'; letter < 'k'; letter++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", letter, letter, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", letter-1), 10), ", "))
	}
	for name, test := range map[string]struct{ document, want string }{
		"empty":         {"", "nothing stands in it"},
		"comment":       {"# only\n", "nothing stands in it"},
		"twice":         {"openapi: 3.0.3\npaths: {}\npaths: {}\n", `line 3: the member "paths" is here for the second time`},
		"name":          {"openapi: 3.0.3\n? [a]\n: b\n", "line 2: a member's name must be plain text"},
		"merge":         {"a: &a {x: 1}\nb:\n  <<: *a\n", "line 3: a merge key (<<)"},
		"itself":        {"a: &a\n  b: *a\n", "line 2: the alias *a holds itself"},
		"bomb":          {bomb, "its aliases make it too large"},
		"not a number":  {"openapi: .nan\n", "line 1: .nan has no form in JSON"},
		"not a mapping": {"- openapi\n", "line 1: this is a list and no OpenAPI document"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credmock.Load([]byte(test.document))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not hold %q", err, test.want)
			}
		})
	}
}

// A property that refers to a schema keeps its own place among the others, and an alias is as good as what it stands for.
func TestOrderOfProperties(t *testing.T) {
	find := []byte("        lifetime:\n          x-request-role: lifetime\n          type: string\n          nullable: true\n" +
		"          description: How long the access token should live.\n          example: 3600s\n")
	if !bytes.Contains(credmock.Document(), find) {
		t.Fatal("the document has nothing to edit any more")
	}
	document := append(credmock.Document(), "    Text: &text\n      type: string\n    Other: *text\n"...)
	spec, err := credmock.Load(bytes.ReplaceAll(document, find, []byte("        lifetime:\n          $ref: '#/components/schemas/Other'\n")))
	if err != nil {
		t.Fatal(err)
	}
	for i, strategy := range credmock.Default().Strategies {
		equal(t, strategy.Name, spec.Strategies[i].AvailableFields, strategy.AvailableFields)
	}
}

// The document and docs/contract.md#strategies must say the same.
func TestStrategies(t *testing.T) {
	oauth := strings.Fields(`grantType username password url grantTypeName clientIdName clientSecretName refreshTokenName
		clientId clientSecret accessTokenName expiresFieldName refreshGrantType audience scopes contentType noBasic
		resource customFieldName customFieldValue defaultExpirationSeconds`)
	tests := []struct {
		name                             string
		available, create, update, flags []string
	}{
		{"OAuth_2.0_2-legged", oauth, []string{"name", "environmentId", "grantType", "url"}, []string{"grantType", "url"},
			[]string{"hasPassword", "hasClientSecret"}},
		{"SMART_Backend", oauth, []string{"name", "environmentId", "authStrategy", "grantType", "url"}, []string{"grantType", "url"},
			[]string{"hasPassword", "hasClientSecret"}},
		{
			"AwsSigv4", strings.Fields("accessKey secretKey serviceName awsRegion sessionToken"),
			strings.Fields("name environmentId authStrategy accessKey secretKey serviceName awsRegion"), nil,
			[]string{"hasSecretKey", "hasSessionToken"},
		},
		{
			"GoogleWIF", strings.Fields("audience delegates lifetime options scope service_account_impersonation_url sts_scope token_url"),
			strings.Fields("name environmentId authStrategy audience token_url"), nil, nil,
		},
	}
	spec := credmock.Default()
	if len(spec.Strategies) != len(tests) {
		t.Fatalf("%d strategies", len(spec.Strategies))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			strategy := spec.Strategy(test.name)
			if strategy == nil {
				t.Fatal("not there")
			}
			equal(t, "availableFields", strategy.AvailableFields, test.available)
			equal(t, "required on create", names(strategy.Create.Required), test.create)
			equal(t, "required on update", names(strategy.Update.Required), test.update)
			var flags []string
			for _, secret := range strategy.Secrets {
				flags = append(flags, secret.Flag)
			}
			equal(t, "flags", flags, test.flags)
		})
	}
}

func names(requirements []credmock.Requirement) []string {
	var list []string
	for _, requirement := range requirements {
		list = append(list, requirement.Name)
	}
	return list
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// The odd types of docs/contract.md#types are kept.
func TestOddTypes(t *testing.T) {
	oauth := credmock.Default().Strategy("OAuth_2.0_2-legged")
	for name, want := range map[string]string{
		"noBasic": "string", "defaultExpirationSeconds": "string", "basicNoForm": "boolean", "scopes": "string", "organization": "integer",
	} {
		equal(t, name, oauth.Create.Property(name).Types(), []string{want})
	}
	equal(t, "delegates", credmock.Default().Strategy("GoogleWIF").Create.Property("delegates").Types(), []string{"string", "array"})
}

func TestImpliedStrategy(t *testing.T) {
	spec := credmock.Default()
	if strategy := spec.ImpliedStrategy(map[string]any{"grantType": nil}); strategy == nil || strategy.Name != "OAuth_2.0_2-legged" {
		t.Errorf("a body with a grantType means %v", strategy)
	}
	if strategy := spec.ImpliedStrategy(map[string]any{"accessKey": "x"}); strategy != nil {
		t.Errorf("a body without one means %v", strategy.Name)
	}
}

func TestFlagName(t *testing.T) {
	for secret, want := range map[string]string{"clientSecret": "hasClientSecret", "password": "hasPassword", "élan": "hasÉlan"} {
		if got := credmock.FlagName(secret); got != want {
			t.Errorf("FlagName(%q) = %q, not %q", secret, got, want)
		}
	}
}

// The variant has one more strategy, one more secret and one more required field, in YAML alone.
func TestVariantLoads(t *testing.T) {
	data, err := os.ReadFile("testdata/variant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Strategies) != len(credmock.Default().Strategies)+1 {
		t.Errorf("%d strategies", len(spec.Strategies))
	}
	if len(spec.Secrets()) <= len(credmock.Default().Secrets()) {
		t.Errorf("secrets: %v", spec.Secrets())
	}
}

// A document in JSON says the same as in YAML, the order of fields included.
func TestJSONDocument(t *testing.T) {
	document := []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1.0.0"},"paths":{}}`)
	if _, err := credmock.Load(document); err == nil || !strings.Contains(err.Error(), "x-resource: credential") {
		t.Errorf("error %v", err)
	}
	data, err := source.IndentedJSON(credmock.Document())
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for i, strategy := range credmock.Default().Strategies {
		equal(t, strategy.Name, spec.Strategies[i].AvailableFields, strategy.AvailableFields)
	}
}

// Default leaves out the validation, so the embedded document must pass it here.
func TestDefaultIsValid(t *testing.T) {
	spec, err := credmock.Load(credmock.Document())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "secrets", credmock.Default().Secrets(), spec.Secrets())
}

func TestDocumentIsACopy(t *testing.T) {
	credmock.Document()[0] = 'X'
	if credmock.Document()[0] == 'X' {
		t.Error("a caller can change the embedded document")
	}
}

func FuzzLoad(f *testing.F) {
	// Small pieces: the whole document takes too long to load for a fuzzer to get anywhere.
	f.Add([]byte("openapi: 3.0.3\ninfo: {title: t, version: 1.0.0}\npaths: {}\n"))
	f.Add([]byte("openapi: 3.0.3\ninfo: {title: t, version: 1.0.0}\nservers: [{url: /}]\npaths:\n  /a/{id}:\n    get:\n      operationId: " +
		"a\n      x-resource: credential\n      x-action: get\n      x-evidence: ruled\n      responses:\n        '200': {description: d, " +
		"content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:\n  schemas:\n    A: {type: object, allOf: " +
		"[{$ref: '#/components/schemas/B'}], properties: {payload: {anyOf: [{$ref: '#/components/schemas/B'}]}}}\n    B: {required: [x], " +
		"properties: {x: {type: string, writeOnly: true}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := credmock.Load(data)
		if (spec == nil) == (err == nil) {
			t.Errorf("neither a document nor an error, or both")
		}
	})
}
