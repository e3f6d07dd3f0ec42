package admin

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/model"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

const (
	// stateLimit is the size in bytes that a state may have.
	stateLimit = 96 << 20
	// itemLimit is the size in bytes that one record in it may have.
	itemLimit = 2 << 20
)

// adminImportState puts what an export says in the place of what the session holds, or names the faults and changes nothing.
// One import runs at a time, in all sessions together: it may need several times the memory of what is sent.
func adminImportState(c *serve.Call) *serve.Reply {
	if c.ContentLength > stateLimit {
		return serve.TooLarge(stateLimit)
	}
	if !c.Server.Sessions.Importing.TryLock() {
		busy := serve.Refuse(http.StatusTooManyRequests, "import-running", "Another state is being imported; try again in a moment.")
		busy.RetryAfter = 1
		return busy
	}
	defer c.Server.Sessions.Importing.Unlock()
	body := &importBody{Call: c, left: stateLimit}
	imported := importer{Call: c, made: store.New(), body: body, Decoder: jsontext.NewDecoder(body), listed: map[string]bool{}}
	if refusal := imported.read(); refusal != nil {
		return refusal
	}
	if imported.complete(); len(imported.faults) > 0 {
		return serve.BadRequest(imported.faults)
	}
	c.Session.Store.Restore(&imported.made.State)
	return exportedState(c, false)
}

// importer makes a store of an export. Organizations and environments are those of the fixtures: an export cannot bring others.
type importer struct {
	*serve.Call
	*jsontext.Decoder
	body   *importBody
	made   *store.Store
	faults []view.Violation
	listed map[string]bool // the environments that were met
	err    error           // what ended the reading; nothing is read after it
}

func (i *importer) fault(pointer, code, message string) {
	i.faults = append(i.faults, view.Violation{Code: code, Pointer: pointer, Message: message})
}

// complete notes what is missing where nothing else is wrong: what is left out of an import would be lost.
func (i *importer) complete() {
	missing := 0
	for id := range i.Model.Environments {
		if !i.listed[id] {
			missing++
		}
	}
	if len(i.faults) == 0 && missing > 0 {
		i.fault("/organizations", view.CodeRequired, "An import lists every environment that GET state answers, or it would empty the others; "+
			strconv.Itoa(missing)+" are missing. To begin anew, POST reset.")
	}
}

// Organization imports one of the organizations.
func (i *importer) Organization(pointer string) {
	var owner *model.Organization
	var inner []*model.Environment
	i.object(pointer, []string{"id", "environments"}, []string{"id", "environments"}, func(name string) {
		if name == "environments" {
			i.array(pointer+"/environments", func(pointer string) { inner = append(inner, i.environment(pointer)) })
		} else if number, isNumber := i.small(pointer + "/id").(float64); isNumber {
			owner = i.ownerOf(number)
		}
	})
	for at, one := range inner {
		if one != nil && one.Organization != owner {
			i.strange(pointer + "/environments/" + strconv.Itoa(at))
		}
	}
}

// ownerOf returns the organization of a number, or nil.
func (i *importer) ownerOf(number float64) *model.Organization {
	at := slices.IndexFunc(i.Model.Organizations, func(one *model.Organization) bool { return one.Number == number })
	if at < 0 {
		return nil
	}
	return i.Model.Organizations[at]
}

func (i *importer) strange(pointer string) {
	i.fault(pointer, "unknown-environment",
		"The mock has no environment with this id in an organization with this one; they come from the fixtures.")
}

// environment imports one of the environments, and returns which it is; nil for none.
func (i *importer) environment(pointer string) *model.Environment {
	own := map[string]any{}
	items := map[string][]map[string]any{}
	members := i.environmentNames()
	isObject := i.object(pointer, members, nil, func(name string) {
		if resource := i.contents(name); resource != "" {
			items[name] = i.items(pointer+"/"+name, resource)
		} else {
			own[name] = i.small(pointer + "/" + view.EscapePointer(name))
		}
	})
	if !isObject {
		return nil
	}
	id, _ := own[model.IDName(model.EnvironmentForm(i.Model.Spec))].(string)
	found := i.Model.Environments[id]
	switch {
	case found == nil:
		i.strange(pointer)
		return nil
	case i.listed[id]:
		i.fault(pointer, "duplicate-id", "Another environment has the same id.")
		return found
	}
	i.listed[id] = true
	i.repeats(pointer, found, own)
	for _, content := range contents { // credentials first: the others link to them
		if i.contents(content.member) != "" {
			i.Fill(pointer+"/"+content.member, i.Model.Kinds[content.resource], found, items[content.member])
		}
	}
	return found
}

// environmentNames returns the members that an environment of an import may have.
func (i *importer) environmentNames() []string {
	form := model.EnvironmentForm(i.Model.Spec)
	names := []string{model.IDName(form)}
	if form != nil {
		names = appendMissing(names, model.PropertyNames(form)...)
	}
	for _, content := range contents {
		if i.contents(content.member) != "" {
			names = append(names, content.member)
		}
	}
	return names
}

// appendMissing appends the names that are not there yet.
func appendMissing(names []string, more ...string) []string {
	return append(names, model.Without(more, names)...)
}

// contents returns the resource that a member of an environment lists; empty where it lists none.
func (i *importer) contents(member string) string {
	if resource := fixtures.ContentResources[member]; i.Model.Kinds[resource] != nil {
		return resource
	}
	return ""
}

// repeats holds what an import says of an environment itself to what that is.
func (i *importer) repeats(pointer string, found *model.Environment, said map[string]any) {
	for name, value := range said {
		if owed, there := found.Values[name]; name != "id" && (!there || !reflect.DeepEqual(owed, value)) {
			i.fault(pointer+"/"+view.EscapePointer(name), view.CodeImmutable,
				name+" comes from the fixtures; repeat it as GET state answers it, or leave it out.")
		}
	}
}

// Fill imports what an environment lists of one resource.
func (i *importer) Fill(pointer string, kind *model.Kind, in *model.Environment, items []map[string]any) {
	if items == nil {
		i.missing(pointer)
	}
	for at, values := range items {
		if i.err = i.enough(); i.err != nil {
			return
		}
		if values == nil {
			continue // which is told of already
		}
		pointer, before := pointer+"/"+strconv.Itoa(at), len(i.faults)
		made := i.item(kind, in, values)
		items[at] = nil // it needs the memory no more
		for fault := before; fault < len(i.faults); fault++ {
			i.faults[fault].Pointer = pointer + i.faults[fault].Pointer
		}
		if len(i.faults) == before {
			i.Put(made, pointer)
		}
	}
}

func (i *importer) Put(made *store.Record, pointer string) {
	i.Model.AddSecrets(made)
	if i.made.Get(made.Resource, made.ID) != nil {
		i.fault(pointer+"/id", "duplicate-id", "Another "+made.Resource+" has the same id.")
	} else if i.made.Put(nil, made) != nil {
		fault := model.BrokenLink(i.VariantOf(made).Create)
		i.fault(pointer+fault.Pointer, fault.Code, fault.Message)
	}
}

// item makes a record of what an export says of it, and notes what is wrong.
func (i *importer) item(kind *model.Kind, in *model.Environment, values map[string]any) *store.Record {
	before := len(i.faults)
	variant, faults := kind.Choose(values)
	i.faults = append(i.faults, faults...)
	if variant == nil {
		return nil
	}
	made := &store.Record{Resource: kind.Resource, Strategy: variant.Name, Environment: in.ID}
	made.ID, _ = values[variant.Shown.Role(credmock.RoleID).Name].(string)
	if made.ID == "" {
		i.fault("/"+variant.Shown.Role(credmock.RoleID).Name, view.CodeRequired, "The id is required.")
	}
	sent, owned := i.sent(made, variant, in, values), model.OwnedValues(made, variant, in, i.Session.Now())
	i.faults = append(i.faults, variant.Create.Sent(sent)...)
	i.told(made, variant, in, values, owned)
	made.Values = variant.Create.Merge(owned, sent)
	if property := variant.Create.Role(credmock.RoleCredential); property != nil {
		made.Link, _ = sent[property.Name].(string)
	}
	for _, role := range []credmock.Role{credmock.RoleCreationTime, credmock.RoleUpdateTime} {
		if property := variant.Shown.Role(role); property != nil && values[property.Name] != nil {
			made.Values[property.Name] = values[property.Name]
		}
	}
	if len(i.faults) == before {
		_, broken := kind.View(made, variant)
		i.faults = append(i.faults, broken...)
	}
	return made
}

// told judges what an export says that no client sends: flags, and where the record is. Nothing else than what is so may stand there.
func (i *importer) told(made *store.Record, form *model.Variant, in *model.Environment, values, owned map[string]any) {
	for name, value := range values {
		property, sent := form.Shown.Property(name), form.Create.Property(name)
		_, isFlag := value.(bool)
		switch {
		case property == nil && sent == nil:
			if !form.Create.Strict() { // which has told of it
				i.fault("", view.CodeUnknownMember, "The "+made.Resource+" has a member that is not known here.")
			}
		case property == nil:
		case property.FlagOf != "" && !isFlag:
			i.fault("/"+view.EscapePointer(name), view.CodeType, name+" must be true or false.")
		case property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment:
			if !refersTo(value, owned[name], in.ID, in.Organization.Number) {
				i.fault("/"+view.EscapePointer(name), view.CodeImmutable,
					name+" must be that of the environment in which the "+made.Resource+" is listed.")
			}
		}
	}
}

// refersTo tells whether a value refers to a thing as it is owed. An object may say more of the thing, which may have changed since.
func refersTo(said, owed any, identifiers ...any) bool {
	object, isObject := owed.(map[string]any)
	if !isObject {
		return said == owed
	}
	members, isObject := said.(map[string]any)
	for name, value := range object {
		if slices.Contains(identifiers, value) && members[name] != value {
			return false
		}
	}
	return isObject
}

// sent returns what a client would have sent to create the record. What an export masks is taken from the record of the
// same id that the session holds, so that an export can be edited and put back.
func (i *importer) sent(made *store.Record, form *model.Variant, in *model.Environment, values map[string]any) map[string]any {
	var stored map[string]any
	if held := i.Session.Store.Get(made.Resource, made.ID); held != nil && held.Strategy == made.Strategy {
		stored = held.Values
	}
	sent := i.secrets(made, form, values, stored)
	for name, value := range values {
		property := form.Shown.Property(name)
		switch {
		case property != nil && (property.ReadOnly || property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment):
		case value == string(censor.MaskText) && stored[name] != nil:
			sent[name] = stored[name]
		default:
			sent[name] = value
		}
	}
	if property := form.Create.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		sent[property.Name] = in.Reference(property)
	}
	return sent
}

// secrets returns those secrets that an export without secrets does not hold, and that the stored record has.
func (i *importer) secrets(made *store.Record, form *model.Variant, values, stored map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range form.Secrets {
		flag := form.Create.Property(name).Flag
		if _, there := values[name]; there || flag != "" && values[flag] != true {
			continue
		}
		if stored[name] != nil {
			kept[name] = stored[name]
		} else if flag != "" {
			i.fault("/"+view.EscapePointer(flag), "secret-missing",
				flag+" is true, but the secret is not here, and no such "+made.Resource+" has one; export with ?secrets=true.")
		}
	}
	return kept
}
