package admin

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// contents are the members of an exported environment that list its records. Credentials come first, since other records link
// to them.
var contents = [...]struct{ member, resource string }{{"credentials", store.ResourceCredential},
	{"destinations", store.ResourceDestination}}

// adminExportState answers with the state. It shows a secret as its flag, like the API, unless secrets are requested.
func adminExportState(c *serve.Call) *serve.Reply {
	secrets := c.Query.Get("secrets")
	if secrets != "" && secrets != "true" && secrets != "false" {
		return serve.InvalidParameter("secrets", "true or false")
	}
	return exportedState(c, secrets == "true")
}

// exportedState returns an answer with all records of a session, in the terms of the document: each organization with its
// environments, and each environment with its members, credentials and destinations. It is a snapshot, however long it takes to
// write.
func exportedState(c *serve.Call, secrets bool) *serve.Reply {
	held := &store.Store{State: c.Session.Store.Snapshot()}
	return &serve.Reply{Status: http.StatusOK, StreamBody: func(ctx context.Context, to io.Writer) error {
		return exportState(ctx, c, held, secrets, to)
	}}
}

// ExportState writes the records of a call's session with their secrets.
func ExportState(c *serve.Call, to io.Writer) error {
	return exportState(c.Context(), c, &store.Store{State: c.Session.Store.Snapshot()}, true, to)
}

func exportState(ctx context.Context, c *serve.Call, held *store.Store, secrets bool, to io.Writer) error {
	writer := exporter{Call: c, held: held, secrets: secrets, ctx: ctx}
	buffer := bufio.NewWriterSize(to, serve.ChunkSize)
	writer.Encoder = jsontext.NewEncoder(buffer, jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true))
	writer.object(func() {
		writer.member("organizations", func() {
			writer.array(func() {
				for _, one := range c.Model.Organizations {
					writer.Organization(one)
				}
			})
		})
	})
	if writer.err != nil {
		return writer.err
	}
	return buffer.Flush()
}

// exporter writes an export piece by piece. After the first error it does nothing.
type exporter struct {
	*serve.Call
	*jsontext.Encoder
	ctx     context.Context
	held    *store.Store
	secrets bool
	err     error
}

func (e *exporter) token(token jsontext.Token) {
	if e.err == nil {
		e.err = e.WriteToken(token)
	}
}

func (e *exporter) value(value any) {
	if e.err == nil {
		e.err = e.ctx.Err()
	}
	if e.err == nil {
		e.err = json.MarshalEncode(e.Encoder, value, json.Deterministic(true))
	}
}

func (e *exporter) object(members func()) {
	e.token(jsontext.BeginObject)
	members()
	e.token(jsontext.EndObject)
}

func (e *exporter) array(items func()) {
	e.token(jsontext.BeginArray)
	items()
	e.token(jsontext.EndArray)
}

func (e *exporter) member(name string, value func()) {
	e.token(jsontext.String(name))
	value()
}

func (e *exporter) Organization(one *model.Organization) {
	e.object(func() {
		e.member("id", func() { e.value(one.Number) })
		e.member("environments", func() {
			e.array(func() {
				for _, environment := range one.Environments {
					e.environment(environment)
				}
			})
		})
	})
}

// environment writes the members of an environment in order of name.
func (e *exporter) environment(environment *store.Record) {
	members := EnvironmentMembers(environment, e.VariantOf(environment).Shown)
	for _, content := range contents {
		if e.Model.Kinds[content.resource] != nil {
			members[content.member] = content.resource
		}
	}
	e.object(func() {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			e.member(name, func() {
				if resource := fixtures.ContentResources[name]; resource != "" && e.Model.Kinds[resource] != nil {
					e.Records(resource, environment.ID)
				} else {
					e.value(members[name])
				}
			})
		}
	})
}

func (e *exporter) Records(resource string, in string) {
	e.array(func() {
		for _, stored := range e.held.List(resource, in) {
			if e.err != nil {
				return
			}
			e.value(ExportOne(e.Call, stored, e.secrets))
		}
	})
}

// EnvironmentMembers returns the members of an environment, except the organization that it is in.
func EnvironmentMembers(environment *store.Record, form *view.Form) map[string]any {
	members := map[string]any{"id": environment.ID}
	for name, value := range environment.Values {
		if form != nil && form.Role(credmock.RoleOrganization) != nil && form.Role(credmock.RoleOrganization).Name == name {
			continue
		}
		members[name] = value
	}
	return members
}

// ExportOne returns a record as the API shows it, with its secrets on request.
func ExportOne(c *serve.Call, stored *store.Record, secrets bool) map[string]any {
	form := c.VariantOf(stored)
	shown := form.Shown.Redact(stored.Values, nil).Members()
	if !secrets {
		mask := censor.Censor{Words: c.Model.Words, Secrets: c.Model.Secrets}
		mask.AddValues(stored.Values, form.Secrets)
		for name, value := range shown {
			if text, isText := value.(string); isText && mask.Hides(text) {
				shown[name] = censor.MaskText
			}
		}
		return shown
	}
	for _, property := range form.Create.Properties() {
		if value, there := stored.Values[property.Name]; there && property.Secret {
			shown[property.Name] = value
		}
	}
	return shown
}
