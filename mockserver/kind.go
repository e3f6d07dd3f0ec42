package mockserver

import (
	"fmt"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// kind is a sort of record: what a body that makes or changes one must be, and how one is shown. All of it comes from the document.
type kind struct {
	resource string
	spec     *credmock.Spec
	variants []*variant
	byName   map[string]*variant
	common   *view.Form // what every variant has, for a body of which it is unclear which one it means

	secrets    map[string]bool // what is secret to any variant
	member     string          // the member of a payload that holds one; empty where it is the payload
	listMember string          // the member of a payload that holds many
	item       *view.Form      // how one is shown among many
	listed     *view.Form      // what that asks for beside what is asked of one alone; nil for nothing
	path       string          // where one can be read, up to its id
}

// variant is one form of a kind: a strategy's, or the only one.
type variant struct {
	name                  string // the strategy's; empty where there is only one
	create, update, shown *view.Form
	secrets               []string // the names of what it keeps and never shows
}

// compileKinds makes ready every resource that the document lets a client create, change and read.
func compileKinds(spec *credmock.Spec) map[string]*kind {
	kinds := map[string]*kind{}
	for _, operation := range spec.Operations {
		update, get := spec.Operation(operation.Resource, "update"), spec.Operation(operation.Resource, "get")
		if operation.Action != "create" || update == nil || get == nil || operation.Body != nil && (update.Body == nil || get.Item == nil) {
			continue
		}
		compiled := &kind{resource: operation.Resource, spec: spec, member: get.Member, path: get.Prefix + pathTo(get.Path)}
		if operation.Body != nil {
			compiled.variants = []*variant{{
				create: view.New("a "+operation.Resource, operation.Body),
				update: view.NewUpdate("a "+operation.Resource, update.Body, operation.Body), shown: view.New("", get.Item),
			}}
		} else {
			compiled.variants = strategyVariants(spec)
		}
		compiled.finish(spec.Operation(operation.Resource, "list"))
		kinds[operation.Resource] = compiled
	}
	return kinds
}

// strategyVariants returns one variant for each strategy; each knows the fields of the others, to say whose a stray one is.
func strategyVariants(spec *credmock.Spec) []*variant {
	var variants []*variant
	var creates []*view.Form
	for _, strategy := range spec.Strategies {
		made := &variant{
			name: strategy.Name, create: view.New(strategy.Name, strategy.Create),
			update: view.NewUpdate(strategy.Name, strategy.Update, strategy.Create), shown: view.New(strategy.Name, strategy.Shown),
		}
		variants, creates = append(variants, made), append(creates, made.create)
	}
	for _, made := range variants {
		made.create.KnowOthers(creates...)
		made.update.KnowOthers(creates...)
	}
	return variants
}

func (k *kind) finish(list *credmock.Operation) {
	k.byName = map[string]*variant{}
	k.secrets = map[string]bool{}
	for _, variant := range k.variants {
		k.byName[variant.name] = variant
		for _, property := range variant.create.Properties() {
			if property.Secret {
				variant.secrets = append(variant.secrets, property.Name)
				k.secrets[property.Name] = true
			}
		}
	}
	if k.common = k.variants[0].create; len(k.variants) > 1 {
		var creates []*credmock.Object
		for _, strategy := range k.spec.Strategies {
			creates = append(creates, strategy.Create)
		}
		k.common = view.Common(creates)
	}
	if list != nil && list.Item != nil {
		k.listMember, k.item = list.Member, view.New("", list.Item)
		var alone []*view.Form
		for _, variant := range k.variants {
			alone = append(alone, variant.shown)
		}
		k.listed = k.item.Beyond(alone...)
	}
}

// pathTo returns the part of a path that stands before its parameter.
func pathTo(path string) string {
	for i := range len(path) {
		if path[i] == '{' {
			return path[:i]
		}
	}
	return path + "/"
}

// choose finds the variant that a body means, or else says why it means none.
func (k *kind) choose(body map[string]any) (*variant, []view.Violation) {
	if len(k.variants) == 1 && k.variants[0].name == "" {
		return k.variants[0], nil
	}
	property := k.variants[0].create.Role(credmock.RoleStrategy)
	pointer := "/" + view.EscapePointer(property.Name)
	value, there := body[property.Name]
	if !there {
		if implied := k.spec.ImpliedStrategy(body); implied != nil {
			return k.byName[implied.Name], nil
		}
		return nil, []view.Violation{{Code: view.CodeRequired, Pointer: pointer,
			Message: property.Name + " is required; send one of " + inList(k.names()) + "."}}
	}
	name, isString := value.(string)
	if chosen := k.byName[name]; chosen != nil {
		return chosen, nil
	}
	code := "unknown-strategy"
	if !isString {
		code = view.CodeType
	}
	return nil, []view.Violation{{Code: code, Pointer: pointer, Message: property.Name + " must be one of " + inList(k.names()) + "."}}
}

func (k *kind) names() []string {
	var names []string
	for _, variant := range k.variants {
		names = append(names, variant.name)
	}
	return names
}

// view returns a record as it is shown alone, and where that, or how it is shown among others, breaks the document.
func (k *kind) view(about *record, form *variant) ([]view.Shown, []view.Violation) {
	shown := form.shown.Redact(about.values, nil)
	broken := shown.Check()
	if k.listed != nil && len(broken) == 0 {
		broken = k.listed.Redact(about.values, k.secrets).Check()
	}
	return []view.Shown{shown}, broken
}

// strategyPayload returns the payload that lists the strategies: each by its name, with the fields that it takes.
func strategyPayload(spec *credmock.Spec) map[string]any {
	list := spec.Operation(resourceCredential, "strategies")
	if list == nil {
		return nil
	}
	strategies := map[string]any{}
	for _, strategy := range spec.Strategies {
		fields := make([]any, len(strategy.AvailableFields))
		for i, name := range strategy.AvailableFields {
			fields[i] = name
		}
		strategies[strategy.Name] = map[string]any{"availableFields": fields}
	}
	return map[string]any{list.Member: strategies}
}

func encodeMeta(version string) []byte {
	meta := view.AppendValue([]byte("{\"meta\":"), map[string]any{"version": version})
	return append(meta, ',')
}

// inList joins names as a sentence does.
func inList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
