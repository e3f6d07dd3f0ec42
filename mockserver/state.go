package mockserver

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
)

// contents are the members under which an environment of an export lists what it holds. Credentials come first: the others
// link to them.
var contents = [...]struct{ member, resource string }{{"credentials", resourceCredential}, {"destinations", resourceDestination}}

// adminExportState answers with the state. A secret is shown as its flag, as the API shows it, unless it is asked for.
func adminExportState(c *call) *reply {
	secrets := c.query.Get("secrets")
	if secrets != "" && secrets != "true" && secrets != "false" {
		return invalidParameter("secrets", "true or false")
	}
	return exportedState(c, secrets == "true")
}

// exportedState returns the answer that is all that a session holds, in the document's words: every organization with its environments,
// and in each of these, beside its own members, the credentials and destinations. It is of one moment, however long writing it takes.
func exportedState(c *call, secrets bool) *reply {
	held := &store{state: c.session.store.snapshot()}
	return &reply{status: http.StatusOK, pour: func(ctx context.Context, to io.Writer) error {
		writer := exporter{call: c, held: held, secrets: secrets, ctx: ctx}
		buffer := bufio.NewWriterSize(to, pourSize)
		writer.Encoder = jsontext.NewEncoder(buffer, jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true))
		writer.object(func() {
			writer.member("organizations", func() {
				writer.array(func() {
					for _, one := range c.model.organizations {
						writer.organization(one)
					}
				})
			})
		})
		if writer.err != nil {
			return writer.err
		}
		return buffer.Flush()
	}}
}

// exporter writes an export piece by piece. After the first failure it does nothing.
type exporter struct {
	*call
	*jsontext.Encoder
	ctx     context.Context
	held    *store
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

func (e *exporter) organization(one *organization) {
	e.object(func() {
		e.member("id", func() { e.value(one.number) })
		e.member("environments", func() {
			e.array(func() {
				for _, environment := range one.environments {
					e.environment(environment)
				}
			})
		})
	})
}

// environment writes the members of an environment in the order of their names.
func (e *exporter) environment(environment *record) {
	members := environmentMembers(environment, e.variantOf(environment).shown)
	for _, content := range contents {
		if e.model.kinds[content.resource] != nil {
			members[content.member] = content.resource
		}
	}
	e.object(func() {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			e.member(name, func() {
				if resource := holds[name]; resource != "" && e.model.kinds[resource] != nil {
					e.records(resource, environment.id)
				} else {
					e.value(members[name])
				}
			})
		}
	})
}

func (e *exporter) records(resource string, in string) {
	e.array(func() {
		for _, stored := range e.held.list(resource, in) {
			if e.err != nil {
				return
			}
			e.value(exportOne(e.call, stored, e.secrets))
		}
	})
}

// environmentMembers returns what there is to say of an environment, apart from the organization in which it stands.
func environmentMembers(environment *record, form *view.Form) map[string]any {
	members := map[string]any{"id": environment.id}
	for name, value := range environment.values {
		if form != nil && form.Role(credmock.RoleOrganization) != nil && form.Role(credmock.RoleOrganization).Name == name {
			continue
		}
		members[name] = value
	}
	return members
}

// exportOne returns a record as the API shows it, and with its secrets where they are asked for.
func exportOne(c *call, stored *record, secrets bool) map[string]any {
	form := c.variantOf(stored)
	shown := form.shown.Redact(stored.values, nil).Members()
	if !secrets {
		censor := censor{words: c.model.words, known: c.model.known}
		censor.meetValues(stored.values, form.secrets)
		for name, value := range shown {
			if text, isText := value.(string); isText && censor.hides(text) {
				shown[name] = withheldText
			}
		}
		return shown
	}
	for _, property := range form.create.Properties() {
		if value, there := stored.values[property.Name]; there && property.Secret {
			shown[property.Name] = value
		}
	}
	return shown
}
