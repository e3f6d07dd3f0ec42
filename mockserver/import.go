package mockserver

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

const (
	// stateLimit is the size in bytes that a state may have.
	stateLimit = 96 << 20
	// itemLimit is the size in bytes that one record in it may have.
	itemLimit = 2 << 20
)

// adminImportState puts what an export says in the place of what the session holds, or names the faults and changes nothing.
// One import runs at a time, in all sessions together: it may need several times the memory of what is sent.
func adminImportState(c *call) *reply {
	if c.ContentLength > stateLimit {
		return tooLarge(stateLimit)
	}
	if !c.server.sessions.importing.TryLock() {
		busy := refuse(http.StatusTooManyRequests, "import-running", "Another state is being imported; try again in a moment.")
		busy.retryAfter = 1
		return busy
	}
	defer c.server.sessions.importing.Unlock()
	body := &importBody{call: c, left: stateLimit}
	imported := importer{call: c, made: newStore(), body: body, Decoder: jsontext.NewDecoder(body), listed: map[string]bool{}}
	if refusal := imported.read(); refusal != nil {
		return refusal
	}
	if imported.complete(); len(imported.faults) > 0 {
		return badRequest(imported.faults)
	}
	c.session.store.restore(&imported.made.state)
	return exportedState(c, false)
}

// importer makes a store of an export. Organizations and environments are those of the fixtures: an export cannot bring others.
type importer struct {
	*call
	*jsontext.Decoder
	body   *importBody
	made   *store
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
	for id := range i.model.environments {
		if !i.listed[id] {
			missing++
		}
	}
	if len(i.faults) == 0 && missing > 0 {
		i.fault("/organizations", view.CodeRequired, "An import lists every environment that GET state answers, or it would empty the others; "+
			strconv.Itoa(missing)+" are missing. To begin anew, POST reset.")
	}
}

// organization imports one of the organizations.
func (i *importer) organization(pointer string) {
	var owner *organization
	var inner []*environment
	i.object(pointer, []string{"id", "environments"}, []string{"id", "environments"}, func(name string) {
		if name == "environments" {
			i.array(pointer+"/environments", func(pointer string) { inner = append(inner, i.environment(pointer)) })
		} else if number, isNumber := i.small(pointer + "/id").(float64); isNumber {
			owner = i.ownerOf(number)
		}
	})
	for at, one := range inner {
		if one != nil && one.organization != owner {
			i.strange(pointer + "/environments/" + strconv.Itoa(at))
		}
	}
}

// ownerOf returns the organization of a number, or nil.
func (i *importer) ownerOf(number float64) *organization {
	at := slices.IndexFunc(i.model.organizations, func(one *organization) bool { return one.number == number })
	if at < 0 {
		return nil
	}
	return i.model.organizations[at]
}

func (i *importer) strange(pointer string) {
	i.fault(pointer, "unknown-environment", "The mock has no environment with this id in an organization with this one; they come from the fixtures.")
}

// environment imports one of the environments, and returns which it is; nil for none.
func (i *importer) environment(pointer string) *environment {
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
	id, _ := own[idName(environmentForm(i.model.spec))].(string)
	found := i.model.environments[id]
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
			i.fill(pointer+"/"+content.member, i.model.kinds[content.resource], found, items[content.member])
		}
	}
	return found
}

// environmentNames returns the members that an environment of an import may have.
func (i *importer) environmentNames() []string {
	form := environmentForm(i.model.spec)
	names := []string{idName(form)}
	if form != nil {
		names = appendMissing(names, propertyNames(form)...)
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
	return append(names, without(more, names)...)
}

// contents returns the resource that a member of an environment lists; empty where it lists none.
func (i *importer) contents(member string) string {
	if resource := holds[member]; i.model.kinds[resource] != nil {
		return resource
	}
	return ""
}

// repeats holds what an import says of an environment itself to what that is.
func (i *importer) repeats(pointer string, found *environment, said map[string]any) {
	for name, value := range said {
		if owed, there := found.values[name]; name != "id" && (!there || !reflect.DeepEqual(owed, value)) {
			i.fault(pointer+"/"+view.EscapePointer(name), view.CodeImmutable, name+" comes from the fixtures; repeat it as GET state answers it, or leave it out.")
		}
	}
}

// fill imports what an environment lists of one resource.
func (i *importer) fill(pointer string, kind *kind, in *environment, items []map[string]any) {
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
			i.put(made, pointer)
		}
	}
}

func (i *importer) put(made *record, pointer string) {
	i.model.learn(made)
	if i.made.get(made.resource, made.id) != nil {
		i.fault(pointer+"/id", "duplicate-id", "Another "+made.resource+" has the same id.")
	} else if i.made.put(nil, made) != nil {
		fault := brokenLink(i.variantOf(made).create)
		i.fault(pointer+fault.Pointer, fault.Code, fault.Message)
	}
}

// item makes a record of what an export says of it, and notes what is wrong.
func (i *importer) item(kind *kind, in *environment, values map[string]any) *record {
	before := len(i.faults)
	variant, faults := kind.choose(values)
	i.faults = append(i.faults, faults...)
	if variant == nil {
		return nil
	}
	made := &record{resource: kind.resource, strategy: variant.name, environment: in.id}
	made.id, _ = values[variant.shown.Role(credmock.RoleID).Name].(string)
	if made.id == "" {
		i.fault("/"+variant.shown.Role(credmock.RoleID).Name, view.CodeRequired, "The id is required.")
	}
	sent, owned := i.sent(made, variant, in, values), ownedValues(made, variant, in, i.session.now())
	i.faults = append(i.faults, variant.create.Sent(sent)...)
	i.told(made, variant, in, values, owned)
	made.values = variant.create.Merge(owned, sent)
	if property := variant.create.Role(credmock.RoleCredential); property != nil {
		made.link, _ = sent[property.Name].(string)
	}
	for _, role := range []credmock.Role{credmock.RoleCreationTime, credmock.RoleUpdateTime} {
		if property := variant.shown.Role(role); property != nil && values[property.Name] != nil {
			made.values[property.Name] = values[property.Name]
		}
	}
	if len(i.faults) == before {
		_, broken := kind.view(made, variant)
		i.faults = append(i.faults, broken...)
	}
	return made
}

// told judges what an export says that no client sends: flags, and where the record is. Nothing else than what is so may stand there.
func (i *importer) told(made *record, form *variant, in *environment, values, owned map[string]any) {
	for name, value := range values {
		property, sent := form.shown.Property(name), form.create.Property(name)
		_, isFlag := value.(bool)
		switch {
		case property == nil && sent == nil:
			if !form.create.Strict() { // which has told of it
				i.fault("", view.CodeUnknownMember, "The "+made.resource+" has a member that is not known here.")
			}
		case property == nil:
		case property.FlagOf != "" && !isFlag:
			i.fault("/"+view.EscapePointer(name), view.CodeType, name+" must be true or false.")
		case property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment:
			if !refersTo(value, owned[name], in.id, in.organization.number) {
				i.fault("/"+view.EscapePointer(name), view.CodeImmutable, name+" must be that of the environment in which the "+made.resource+" is listed.")
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
func (i *importer) sent(made *record, form *variant, in *environment, values map[string]any) map[string]any {
	var stored map[string]any
	if held := i.session.store.get(made.resource, made.id); held != nil && held.strategy == made.strategy {
		stored = held.values
	}
	sent := i.secrets(made, form, values, stored)
	for name, value := range values {
		property := form.shown.Property(name)
		switch {
		case property != nil && (property.ReadOnly || property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment):
		case value == string(withheldText) && stored[name] != nil:
			sent[name] = stored[name]
		default:
			sent[name] = value
		}
	}
	if property := form.create.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		sent[property.Name] = in.reference(property)
	}
	return sent
}

// secrets returns those secrets that an export without secrets does not hold, and that the stored record has.
func (i *importer) secrets(made *record, form *variant, values, stored map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range form.secrets {
		flag := form.create.Property(name).Flag
		if _, there := values[name]; there || flag != "" && values[flag] != true {
			continue
		}
		if stored[name] != nil {
			kept[name] = stored[name]
		} else if flag != "" {
			i.fault("/"+view.EscapePointer(flag), "secret-missing",
				flag+" is true, but the secret is not here, and no such "+made.resource+" has one; export with ?secrets=true.")
		}
	}
	return kept
}
