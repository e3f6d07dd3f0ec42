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
)

// contents are the members under which an environment of an export lists what it holds. Credentials come first: the others
// link to them.
var contents = [...]struct{ member, resource string }{{"credentials", resourceCredential}, {"destinations", resourceDestination}}

// adminExportState answers with the state. A secret is shown as its flag, as the API shows it, unless it is asked for.
func (s *Server) adminExportState(c *call) *reply {
	secrets := c.query.Get("secrets")
	if secrets != "" && secrets != "true" && secrets != "false" {
		return invalidParameter("secrets", "true or false")
	}
	return s.exportedState(secrets == "true")
}

// exportedState returns the answer that is all that a session holds, in the document's words: every organization with its environments,
// and in each of these, beside its own members, the credentials and destinations. It is of one moment, however long writing it takes.
func (s *Server) exportedState(secrets bool) *reply {
	held := &store{state: s.store.snapshot()}
	return &reply{status: http.StatusOK, pour: func(ctx context.Context, to io.Writer) error {
		writer := exporter{Server: s, held: held, secrets: secrets, ctx: ctx}
		buffer := bufio.NewWriterSize(to, pourSize)
		writer.Encoder = jsontext.NewEncoder(buffer, jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true))
		writer.object(func() {
			writer.member("organizations", func() {
				writer.array(func() {
					for _, one := range s.organizations {
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
	*Server
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
	members := environmentMembers(environment)
	for _, content := range contents {
		if e.kinds[content.resource] != nil {
			members[content.member] = content.resource
		}
	}
	e.object(func() {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			e.member(name, func() {
				if resource := holds[name]; resource != "" && e.kinds[resource] != nil {
					e.records(resource, environment.environment)
				} else {
					e.value(members[name])
				}
			})
		}
	})
}

func (e *exporter) records(resource string, in *environment) {
	e.array(func() {
		for _, stored := range e.held.list(resource, in) {
			if e.err != nil {
				return
			}
			e.value(e.exportOne(stored, e.secrets))
		}
	})
}

// environmentMembers returns what there is to say of an environment, apart from the organization in which it stands.
func environmentMembers(environment *record) map[string]any {
	members := map[string]any{"id": environment.id}
	form := environment.variant.shown
	for name, value := range environment.values {
		if form != nil && form.Role(credmock.RoleOrganization) != nil && form.Role(credmock.RoleOrganization).Name == name {
			continue
		}
		members[name] = value
	}
	return members
}

// exportOne returns a record as the API shows it, and with its secrets where they are asked for.
func (s *Server) exportOne(stored *record, secrets bool) map[string]any {
	shown := stored.variant.shown.Redact(stored.values, nil).Members()
	if !secrets {
		censor := censor{words: s.words, known: s.known}
		censor.meetRecord(stored)
		for name, value := range shown {
			if text, isText := value.(string); isText && censor.hides(text) {
				shown[name] = withheldText
			}
		}
		return shown
	}
	for _, property := range stored.variant.create.Properties() {
		if value, there := stored.values[property.Name]; there && property.Secret {
			shown[property.Name] = value
		}
	}
	return shown
}
