package model

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Kind describes a stored resource: the form of the bodies that make or change a record, and of the record when it is
// shown. All of it comes from the document.
type Kind struct {
	Resource string
	spec     *credmock.Spec
	Variants []*Variant
	byName   map[string]*Variant
	Common   *view.Form // properties of all variants, for a body without a clear variant

	Secrets    map[string]bool // names of the secrets of all variants
	Member     string          // member of a payload that holds one record; empty if the payload is the record
	ListMember string          // member of a payload that holds many records
	Item       *view.Form      // form of a record in a list
	listExtra  *view.Form      // requirements of Item that the variants lack; nil for none
	Path       string          // path template of one record
}

// Variant is one form of a kind, such as a strategy.
type Variant struct {
	Name                  string // name of the strategy; empty if there is only one variant
	Create, Update, Shown *view.Form
	Secrets               []string // names of the properties that are stored and never shown
	Request               string   // kind of requests that a credential describes; empty for none
}

// The kinds of requests that a credential can describe; see [credmock.Strategy].
const (
	RequestOAuth     = "oauth"
	RequestAssertion = "assertion"
	RequestExchange  = "exchange"
	RequestSignature = "signature"
)

// latestKinds are the kinds of the document that was compiled last.
var latestKinds atomic.Pointer[kindsOf]

type kindsOf struct {
	spec  *credmock.Spec
	kinds map[string]*Kind
}

// compileKinds returns a kind for each resource that a client can create, change and read. The mocks of one document share them, so
// that a test can have a mock of its own.
func compileKinds(spec *credmock.Spec) map[string]*Kind {
	latest := latestKinds.Load()
	if latest == nil || latest.spec != spec {
		latest = &kindsOf{spec, newKinds(spec)}
		latestKinds.Store(latest)
	}
	return latest.kinds
}

func newKinds(spec *credmock.Spec) map[string]*Kind {
	kinds := map[string]*Kind{}
	for _, operation := range spec.Operations {
		update, get := spec.Operation(operation.Resource, "update"), spec.Operation(operation.Resource, "get")
		if operation.Action != "create" || update == nil || get == nil || operation.Body != nil && (update.Body == nil || get.Item == nil) {
			continue
		}
		compiled := &Kind{Resource: operation.Resource, spec: spec, Member: get.Member, Path: get.Prefix + get.Path}
		if operation.Body != nil {
			compiled.Variants = []*Variant{{
				Create: view.New("a "+operation.Resource, operation.Body),
				Update: view.NewUpdate("a "+operation.Resource, update.Body, operation.Body), Shown: view.New("", get.Item),
			}}
		} else {
			compiled.Variants = strategyVariants(spec)
		}
		compiled.finish(spec.Operation(operation.Resource, "list"))
		kinds[operation.Resource] = compiled
	}
	return kinds
}

// strategyVariants returns one variant for each strategy. Each knows the fields of the others, to say which strategy
// a misplaced field belongs to.
func strategyVariants(spec *credmock.Spec) []*Variant {
	var variants []*Variant
	var creates []*view.Form
	for _, strategy := range spec.Strategies {
		made := &Variant{
			Name: strategy.Name, Request: strategy.Request, Create: view.New(strategy.Name, strategy.Create),
			Update: view.NewUpdate(strategy.Name, strategy.Update, strategy.Create), Shown: view.New(strategy.Name, strategy.Shown),
		}
		variants, creates = append(variants, made), append(creates, made.Create)
	}
	for _, made := range variants {
		made.Create.KnowOthers(creates...)
		made.Update.KnowOthers(creates...)
	}
	return variants
}

func (k *Kind) finish(list *credmock.Operation) {
	k.byName = map[string]*Variant{}
	k.Secrets = map[string]bool{}
	for _, variant := range k.Variants {
		k.byName[variant.Name] = variant
		for _, property := range variant.Create.Properties() {
			if property.Secret {
				variant.Secrets = append(variant.Secrets, property.Name)
				k.Secrets[property.Name] = true
			}
		}
	}
	if k.Common = k.Variants[0].Create; len(k.Variants) > 1 {
		var creates []*credmock.Object
		for _, strategy := range k.spec.Strategies {
			creates = append(creates, strategy.Create)
		}
		k.Common = view.Common(creates)
	}
	if list != nil && list.Item != nil {
		k.ListMember, k.Item = list.Member, view.New("", list.Item)
		var single []*view.Form
		for _, variant := range k.Variants {
			single = append(single, variant.Shown)
		}
		k.listExtra = k.Item.Beyond(single...)
	}
}

// Choose returns the variant of a body, or the violations that leave it open.
func (k *Kind) Choose(body map[string]any) (*Variant, []view.Violation) {
	if len(k.Variants) == 1 && k.Variants[0].Name == "" {
		return k.Variants[0], nil
	}
	property := k.Variants[0].Create.Role(credmock.RoleStrategy)
	pointer := "/" + view.EscapePointer(property.Name)
	value, ok := body[property.Name]
	if !ok {
		if implied := k.spec.ImpliedStrategy(body); implied != nil {
			return k.byName[implied.Name], nil
		}
		return nil, []view.Violation{{Code: view.CodeRequired, Pointer: pointer,
			Message: property.Name + " is required; send one of " + quotedList(k.names()) + "."}}
	}
	name, isString := value.(string)
	if chosen := k.byName[name]; chosen != nil {
		return chosen, nil
	}
	code := "unknown-strategy"
	if !isString {
		code = view.CodeType
	}
	return nil, []view.Violation{{Code: code, Pointer: pointer, Message: property.Name + " must be one of " + quotedList(k.names()) + "."}}
}

func (k *Kind) names() []string {
	var names []string
	for _, variant := range k.Variants {
		names = append(names, variant.Name)
	}
	return names
}

// View returns a record as it is shown on its own, and the violations if it is shown so or in a list.
func (k *Kind) View(about *store.Record, form *Variant) ([]view.Shown, []view.Violation) {
	shown := form.Shown.Redact(about.Values, nil)
	violations := shown.Check()
	if k.listExtra != nil && len(violations) == 0 {
		violations = k.listExtra.CheckShown(about.Values, k.Secrets)
	}
	return []view.Shown{shown}, violations
}

// strategyPayload returns the payload that lists the strategies and their fields.
func strategyPayload(spec *credmock.Spec) map[string]any {
	list := spec.Operation(store.ResourceCredential, "strategies")
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

// EncodeMeta returns the encoded envelope up to its second member.
func EncodeMeta(version string) []byte {
	meta := view.AppendValue([]byte("{\"meta\":"), map[string]any{"version": version})
	return append(meta, ',')
}

// quotedList joins quoted names with commas.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
