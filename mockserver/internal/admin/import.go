package admin

import (
	"maps"
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
	// stateLimit is the maximum size of a state in bytes.
	stateLimit = 96 << 20
	// itemLimit is the maximum size of one record in bytes.
	itemLimit = 2 << 20
)

// adminImportState puts an export, or a part of one or of fixtures, in the place of the session's records, or lists the violations
// and changes nothing. Only one import runs at a time in all sessions together, since it may need several times the memory of its
// body.
func adminImportState(c *serve.Call) *serve.Reply {
	if refusal := ImportState(c); refusal != nil {
		return refusal
	}
	return exportedState(c, false)
}

// ImportState imports the body of a call, in JSON or in YAML. It returns a refusal, or nil.
func ImportState(c *serve.Call) *serve.Reply {
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
	imported := importer{
		Call: c, made: store.New(), body: body, Decoder: jsontext.NewDecoder(body), listed: map[string]bool{},
		before: &store.Store{State: c.Session.Store.Snapshot()}, numbered: map[string]int{}, keys: map[int]string{},
	}
	if refusal := imported.openYAML(); refusal != nil {
		return refusal
	}
	if refusal := imported.read(); refusal != nil {
		return imported.withLines(refusal)
	}
	if imported.keepOthers(); len(imported.violations) > 0 {
		return imported.withLines(serve.BadRequest(imported.violations))
	}
	if !c.Session.Store.RestoreIf(&imported.made.State, imported.isUnchanged) {
		return serve.Refuse(http.StatusConflict, "state-changed", "A record that stays was changed meanwhile; import again.")
	}
	return nil
}

// importer fills a store from an export. Organizations and environments must match the fixtures: an import cannot add others.
type importer struct {
	*serve.Call
	*jsontext.Decoder
	body       *importBody
	made       *store.Store
	violations []view.Violation
	listed     map[string]bool // ids of the environments read so far
	before     *store.Store    // records at the beginning of the import
	kept       []keptList      // lists that the import does not have
	replaced   bool            // the import has a list
	numbered   map[string]int  // number of ids made for each name
	yaml       *fixtures.Piece // the import, if it is YAML; nil for JSON
	keys       map[int]string  // pointers to unknown members, which the violations themselves do not name, by their index
	err        error           // error that ended the reading; nothing is read after it
}

func (i *importer) violation(pointer, code, message string) {
	i.violations = append(i.violations, view.Violation{Code: code, Pointer: pointer, Message: message})
}

// keptList is a list of the session that stays.
type keptList struct{ resource, environment string }

// keep copies a list of the session that the import does not have.
func (i *importer) keep(pointer, resource, environment string) {
	i.kept = append(i.kept, keptList{resource, environment})
	for _, one := range i.before.List(resource, environment) {
		copied := one.Copy() // it gets another place in the order
		switch {
		case i.made.Get(resource, one.ID) != nil:
			i.violation(pointer, "duplicate-id", "A "+resource+" of another environment, which stays, has an id that is here too.")
		case i.made.Put(nil, copied) != nil:
			i.violation(pointer, "unknown-credential", "A "+resource+" that stays uses a credential that is not here; list it too.")
		}
	}
}

// keepOthers keeps the environments that the import does not have.
func (i *importer) keepOthers() {
	if len(i.violations) > 0 {
		return
	}
	if !i.replaced {
		i.violation("/organizations", view.CodeRequired, "An import has at least one list of an environment, as GET state answers it. "+
			"To begin anew, POST reset.")
		return
	}
	for _, id := range slices.Sorted(maps.Keys(i.Model.Environments)) {
		for _, content := range contents {
			if !i.listed[id] && i.contents(content.member) != "" {
				i.keep("/organizations", content.resource, id)
			}
		}
	}
}

// isUnchanged reports whether no client has changed a list that the import keeps. The current state is locked.
func (i *importer) isUnchanged(current *store.Store) bool {
	return !slices.ContainsFunc(i.kept, func(one keptList) bool {
		return !slices.Equal(i.before.List(one.resource, one.environment), current.List(one.resource, one.environment))
	})
}

// Organization imports one organization.
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
			i.unknownEnvironment(pointer + "/environments/" + strconv.Itoa(at))
		}
	}
}

// ownerOf returns the organization with a number, or nil.
func (i *importer) ownerOf(number float64) *model.Organization {
	at := slices.IndexFunc(i.Model.Organizations, func(one *model.Organization) bool { return one.Number == number })
	if at < 0 {
		return nil
	}
	return i.Model.Organizations[at]
}

func (i *importer) unknownEnvironment(pointer string) {
	i.violation(pointer, "unknown-environment",
		"The mock has no environment with this id in an organization with this one; they come from the fixtures.")
}

// environment imports one environment and returns it, or nil if it is invalid.
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
		i.unknownEnvironment(pointer)
		return nil
	case i.listed[id]:
		i.violation(pointer, "duplicate-id", "Another environment has the same id.")
		return found
	}
	i.listed[id] = true
	i.checkEnvironment(pointer, found, own)
	for _, content := range contents { // credentials first: other records link to them
		listed, isListed := items[content.member]
		switch pointer := pointer + "/" + content.member; {
		case isListed:
			i.Fill(pointer, i.Model.Kinds[content.resource], found, listed)
		case i.contents(content.member) != "":
			i.keep(pointer, content.resource, found.ID)
		}
	}
	return found
}

// environmentNames returns the members that an imported environment may have.
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

// appendMissing appends the names that are not in the list yet.
func appendMissing(names []string, more ...string) []string {
	return append(names, model.Without(more, names)...)
}

// contents returns the resource that a member of an environment lists, or "" if it lists none.
func (i *importer) contents(member string) string {
	if resource := fixtures.ContentResources[member]; i.Model.Kinds[resource] != nil {
		return resource
	}
	return ""
}

// checkEnvironment checks that the members of an imported environment repeat those of the fixtures.
func (i *importer) checkEnvironment(pointer string, found *model.Environment, got map[string]any) {
	for name, value := range got {
		if want, exists := found.Values[name]; name != "id" && (!exists || !reflect.DeepEqual(want, value)) {
			i.violation(pointer+"/"+view.EscapePointer(name), view.CodeImmutable,
				name+" comes from the fixtures; repeat it as GET state answers it, or leave it out.")
		}
	}
}

// Fill imports the records of one resource in an environment.
func (i *importer) Fill(pointer string, kind *model.Kind, in *model.Environment, items []map[string]any) {
	i.replaced = true
	for at, values := range items {
		if i.err = i.interrupted(); i.err != nil {
			return
		}
		if values == nil {
			continue // already reported
		}
		pointer, before := pointer+"/"+strconv.Itoa(at), len(i.violations)
		made := i.item(kind, in, values)
		for at := before; at < len(i.violations); at++ {
			i.noteUnknown(at, pointer, made, values)
			i.violations[at].Pointer = pointer + i.violations[at].Pointer
		}
		items[at] = nil // frees its memory
		if len(i.violations) == before {
			i.Put(made, pointer)
		}
	}
}

func (i *importer) Put(made *store.Record, pointer string) {
	i.Model.AddSecrets(made)
	if i.made.Get(made.Resource, made.ID) != nil {
		i.violation(pointer+"/id", "duplicate-id", "Another "+made.Resource+" has the same id.")
	} else if i.made.Put(nil, made) != nil {
		broken := model.BrokenLink(i.VariantOf(made).Create)
		i.violation(pointer+broken.Pointer, broken.Code, broken.Message)
	}
}

// item makes a record from the values in an export and reports violations.
func (i *importer) item(kind *model.Kind, in *model.Environment, values map[string]any) *store.Record {
	before := len(i.violations)
	variant, violations := kind.Choose(values)
	i.violations = append(i.violations, violations...)
	if variant == nil {
		return nil
	}
	made := &store.Record{Resource: kind.Resource, Strategy: variant.Name, Environment: in.ID}
	made.ID, _ = values[variant.Shown.Role(credmock.RoleID).Name].(string)
	sent, owned := i.sent(made, variant, in, values), model.OwnedValues(made, variant, in, i.Session.Now())
	i.violations = append(i.violations, variant.Create.Sent(sent)...)
	i.checkOwned(made, variant, in, values, owned)
	made.Values = variant.Create.Merge(owned, sent)
	if made.ID == "" && values[variant.Shown.Role(credmock.RoleID).Name] == nil {
		model.Rename(made, variant, model.StableID(i.made, made, variant, i.numbered))
	} else if made.ID == "" {
		i.violation("/"+variant.Shown.Role(credmock.RoleID).Name, view.CodeType, "An id is a string that is not empty.")
	}
	if property := variant.Create.Role(credmock.RoleCredential); property != nil {
		made.Link, _ = sent[property.Name].(string)
	}
	for _, role := range []credmock.Role{credmock.RoleCreationTime, credmock.RoleUpdateTime} {
		if property := variant.Shown.Role(role); property != nil && values[property.Name] != nil {
			made.Values[property.Name] = values[property.Name]
		}
	}
	i.checkTimes(made, variant)
	if len(i.violations) == before {
		_, broken := kind.View(made, variant)
		i.violations = append(i.violations, broken...)
	}
	return made
}

// checkOwned checks the members that no client sends: flags, and the environment and organization of the record, which must
// match.
func (i *importer) checkOwned(made *store.Record, form *model.Variant, in *model.Environment, values, owned map[string]any) {
	for name, value := range values {
		property, sent := form.Shown.Property(name), form.Create.Property(name)
		_, isFlag := value.(bool)
		switch {
		case property == nil && sent == nil:
			if !form.Create.Strict() { // otherwise already reported
				i.violation("", view.CodeUnknownMember, "The "+made.Resource+" has a member that is not known here.")
			}
		case property == nil:
		case property.FlagOf != "" && !isFlag:
			i.violation("/"+view.EscapePointer(name), view.CodeType, name+" must be true or false.")
		case property.Role == credmock.RoleOrganization || property.Role == credmock.RoleEnvironment:
			if !refersTo(value, owned[name], in.ID, in.Organization.Number) {
				i.violation("/"+view.EscapePointer(name), view.CodeImmutable,
					name+" must be that of the environment in which the "+made.Resource+" is listed.")
			}
		}
	}
}

// refersTo reports whether got refers to the same object as want. An object may have further members, which may have changed
// since.
func refersTo(got, want any, identifiers ...any) bool {
	object, isObject := want.(map[string]any)
	if !isObject {
		return got == want
	}
	members, isObject := got.(map[string]any)
	for name, value := range object {
		if slices.Contains(identifiers, value) && members[name] != value {
			return false
		}
	}
	return isObject
}

// sent returns the body that would create the record. Masked values are copied from the record with the same id in the session,
// so that an export can be edited and imported again.
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
		case value == string(censor.MaskText):
			i.violation("/"+view.EscapePointer(name), "value-missing", name+" is masked here, and no such "+made.Resource+
				" has a value; export with ?secrets=true.")
		default:
			sent[name] = value
		}
	}
	if property := form.Create.Role(credmock.RoleEnvironment); property != nil && !property.ReadOnly {
		sent[property.Name] = in.Reference(property)
	}
	return sent
}

// secrets returns the secrets of the stored record that an export without secrets omits.
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
			i.violation("/"+view.EscapePointer(flag), "secret-missing",
				flag+" is true, but the secret is not here, and no such "+made.Resource+" has one; export with ?secrets=true.")
		}
	}
	return kept
}
