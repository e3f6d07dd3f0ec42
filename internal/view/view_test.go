package view_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// thing is a document whose only resource has a property of every kind, with names that no code knows.
const thing = `
openapi: 3.0.3
info: {title: Thing, version: '1.2', contact: {url: 'https://example.com'}}
servers: [{url: 'https://example.com/base'}]
paths:
  /places/{place}/things:
    parameters: [{name: place, in: path, required: true, schema: {type: string}}]
    post: &operation
      operationId: createThing
      x-resource: credential
      x-action: create
      x-evidence: ruled
      requestBody:
        content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Body'}]}}}
      responses: &responses
        '200':
          description: It.
          content:
            application/json:
              schema:
                type: object
                required: [meta, payload]
                properties: {meta: {type: object}, payload: {anyOf: [{$ref: '#/components/schemas/Shown'}]}}
        '400': {description: Refused.}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch:
      operationId: updateThing
      x-resource: credential
      x-action: update
      x-evidence: ruled
      requestBody:
        content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/Body'}]}}}
      responses: *responses
    get:
      operationId: getThing
      x-resource: credential
      x-action: get
      x-evidence: ruled
      responses: *responses
components:
  schemas:
    Fields:
      type: object
      properties:
        kind: {type: string, enum: [Thing], x-role: strategy, x-immutable: true}
        colour: {type: string, enum: [red, green]}
        grade: {type: number, minimum: 1, maximum: 9, nullable: true}
        code: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 4, nullable: true}
        tags: {type: array, maxItems: 2, items: {type: string, maxLength: 3}, nullable: true}
        nested: {type: object, nullable: true, required: [inner], additionalProperties: false, properties: {inner: {type: boolean}}}
        'a/b~c': {type: string, nullable: true}
        whole: {type: integer, nullable: true}
        secret: {type: string, nullable: true, writeOnly: true}
        hasSecret: {type: boolean, readOnly: true}
        serial: {type: string, readOnly: true, x-role: id, x-immutable: true}
    Body:
      x-unknown-members: refused
      allOf: [{$ref: '#/components/schemas/Fields'}]
      required: [kind, colour]
    Shown:
      allOf: [{$ref: '#/components/schemas/Fields'}]
      required: [kind, colour, hasSecret, serial]
`

func strategy(t *testing.T) *credmock.Strategy {
	t.Helper()
	spec, err := credmock.Load([]byte(thing))
	if err != nil {
		t.Fatal(err)
	}
	return spec.Strategies[0]
}

type members = map[string]any

func with(changes members) members {
	body := members{"kind": "Thing", "colour": "red"}
	maps.Copy(body, changes)
	return body
}

func spell(found []view.Violation) []string {
	var spelled []string
	for _, violation := range found {
		spelled = append(spelled, strings.TrimSpace(violation.Code+" "+violation.Pointer)+": "+violation.Message)
	}
	return spelled
}

const canary = "cnry7f3"

func TestSent(t *testing.T) {
	form := view.New("Thing", strategy(t).Create)
	for _, row := range []struct {
		body members
		want []string
	}{
		{with(nil), nil},
		{with(members{"grade": nil, "secret": nil, "nested": members{"inner": true}, "tags": []any{"a"}, "whole": 3.0}), nil},
		{members{}, []string{`required /kind: kind is required; send "Thing".`,
			`required /colour: colour is required; send one of "red", "green".`}},
		{with(members{"colour": canary}), []string{`enum /colour: colour must be one of "red", "green".`}},
		{with(members{"grade": 10.0}), []string{`maximum /grade: grade must be a number, 1 or more, 9 or less.`}},
		{with(members{"grade": canary}), []string{`type /grade: grade must be a number, 1 or more, 9 or less.`}},
		{with(members{"whole": 1.5}), []string{`type /whole: whole must be a whole number.`}},
		{with(members{"code": strings.ToUpper(canary)}), []string{
			`max-length /code: code must be a string that matches ^[a-z]+$, at least 2 characters long, at most 4 characters long.`,
			`pattern /code: code must be a string that matches ^[a-z]+$, at least 2 characters long, at most 4 characters long.`}},
		{with(members{"tags": []any{"abc", canary, 1.0}}), []string{
			`max-items /tags: tags must be an array of strings.`, `max-length /tags/1: tags item must be a string, at most 3 characters long.`,
			`type /tags/2: tags item must be a string, at most 3 characters long.`}},
		{with(members{"nested": members{canary: 1.0}}), []string{
			`unknown-member /nested: nested has a member that is not known here.`,
			`required /nested/inner: inner is required; send true or false.`}},
		{with(members{"a/b~c": 1.0}), []string{`type /a~1b~0c: a/b~c must be a string.`}},
		{with(members{"hasSecret": true, "serial": canary}), []string{
			`read-only /hasSecret: hasSecret belongs to the server; leave it out.`,
			`read-only /serial: serial belongs to the server; leave it out.`}},
		{with(members{"Colour": canary}), []string{`unknown-member: The body has a member that is not known here; did you mean colour?`}},
		{with(members{canary: 1.0, canary + "2": 1.0}), []string{
			`unknown-member: The body has 2 members that are not known here; known are kind, colour, grade, code, tags, nested, a/b~c, whole, ` +
				`secret.`}},
	} {
		got := spell(form.Sent(row.body))
		if !slices.Equal(got, row.want) {
			t.Errorf("%v\n got %q\nwant %q", row.body, got, row.want)
		}
		if strings.Contains(strings.ToLower(strings.Join(got, "")), canary) {
			t.Error("a message repeats the body")
		}
	}
}

func TestChangesAndKept(t *testing.T) {
	form := view.NewUpdate("Thing", strategy(t).Update, strategy(t).Create)
	stored := with(members{"serial": "s", "secret": "hush", "grade": 2.0})
	for _, row := range []struct {
		body          members
		changes, kept []string
	}{
		{members{"kind": "Thing", "colour": "green", "serial": "s", "hasSecret": false}, nil, nil},
		{members{}, []string{"required /kind", "required /colour"}, nil},
		{members{"kind": "Other", "colour": nil, "serial": "x", "hasSecret": "x"}, []string{"immutable /kind", "required /colour",
			"type /hasSecret", "immutable /serial"}, []string{"required /colour"}},
	} {
		short := func(found []view.Violation) []string {
			var spelled []string
			for _, violation := range found {
				spelled = append(spelled, violation.Code+" "+violation.Pointer)
			}
			return spelled
		}
		if got := short(form.Changes(row.body, stored)); !slices.Equal(got, row.changes) {
			t.Errorf("%v: changes %q", row.body, got)
		}
		if got := short(form.Kept(form.Merge(stored, row.body))); !slices.Equal(got, row.kept) {
			t.Errorf("%v: kept %q", row.body, got)
		}
	}
}

func TestMergeRedactAndShow(t *testing.T) {
	described := strategy(t)
	update, shown := view.NewUpdate("Thing", described.Update, described.Create), view.New("Thing", described.Shown)
	stored := with(members{"serial": "s", "secret": " hush ", "grade": 2.0})
	before := maps.Clone(stored)
	merged := update.Merge(stored, members{"grade": nil, "colour": "green", "serial": "x", "hasSecret": false, "kind": "Other",
		"unknown": 1.0})
	if want := with(members{"serial": "s", "secret": " hush ", "colour": "green"}); !reflect.DeepEqual(merged, want) ||
		!reflect.DeepEqual(stored, before) {
		t.Errorf("merged to %v, from %v", merged, stored)
	}
	secrets := map[string]bool{"secret": true, "code": true} // code is a secret elsewhere
	merged["code"] = "hush"
	view := shown.Redact(merged, secrets)
	if found := view.Check(); found != nil {
		t.Errorf("%v", found)
	}
	if got := string(view.Append(nil)); got != `{"kind":"Thing","colour":"green","hasSecret":true,"serial":"s"}` {
		t.Errorf("shown as %s", got)
	}
	for _, none := range []any{"", nil} {
		if got := string(shown.Redact(update.Merge(merged, members{"secret": none}), secrets).Append(nil)); !strings.Contains(got,
			`"hasSecret":false`) {
			t.Errorf("shown as %s", got)
		}
	}
	delete(merged, "serial")
	merged["colour"] = canary
	if got := spell(shown.Redact(merged, secrets).Check()); len(got) != 2 || strings.Contains(strings.Join(got, ""), canary) {
		t.Errorf("%q", got)
	}
}

func TestCommonAndOthers(t *testing.T) {
	spec := credmock.Default()
	var objects []*credmock.Object
	var forms []*view.Form
	for _, strategy := range spec.Strategies {
		objects = append(objects, strategy.Create)
		forms = append(forms, view.New(strategy.Name, strategy.Create))
	}
	got := spell(view.Common(objects).Sent(members{"name": 1.0, "anything": 1.0}))
	if want := []string{"type /name: name must be a string.",
		"required /environmentId: environmentId is required; send a string."}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	forms[0].KnowOthers(forms...)
	body := members{"name": "n", "environmentId": "e", "grantType": "client_credentials", "url": "u", "token_url": "x"}
	if got := spell(forms[0].Sent(body)); !slices.Equal(got,
		[]string{"unknown-member /token_url: token_url is a member of GoogleWIF, not of OAuth_2.0_2-legged; leave it out."}) {
		t.Errorf("%q", got)
	}
}

func TestCheckAnswer(t *testing.T) {
	schema := openapi3.NewObjectSchema().WithProperty("list",
		openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())).WithRequired([]string{"list"})
	if found := view.CheckAnswer(schema, members{"list": []any{"a"}}); found != nil {
		t.Errorf("%v", found)
	}
	got := spell(view.CheckAnswer(schema, members{"list": []any{members{canary: canary}}}))
	if !slices.Equal(got, []string{"type /list/0: list item must be a string."}) {
		t.Errorf("%q", got)
	}
}
