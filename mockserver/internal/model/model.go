// Package model compiles the document and the fixtures of a mock. A model never changes; a reload compiles another
// one.
package model

import (
	"crypto/sha256"
	"slices"
	"sync/atomic"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Model is a compiled document with its fixtures. It never changes. Sessions hold names and ids and no part of it, so
// they outlast it.
type Model struct {
	Number uint64 // no other model of the process has it
	Config Config
	Spec   *credmock.Spec

	Kinds      map[string]*Kind
	Variants   map[VariantName]*Variant
	Meta       []byte         // encoded envelope up to its second member
	Strategies map[string]any // payload that lists the strategies
	TokenForm  *view.Form     // form of a token request
	Words      censor.Vocabulary
	Secrets    *censor.SecretSet // shared by all models of a mock

	Organizations []*Organization
	Environments  map[string]*Environment
	StaticTokens  staticTokens
	Clients       map[string]*Client // clients of the token endpoint by client id
	Planned       []*faults.Fault    // faults from the start
	Callers       [sha256.Size]byte  // digest of the principals in the fixtures
	Initial       store.State        // records of the fixtures
}

// models is the number of models that were compiled.
var models atomic.Uint64

// VariantName identifies a variant. The strategy is empty for a resource with one variant.
type VariantName struct{ Resource, Strategy string }

// Config is the input of [Compile].
type Config struct {
	Spec     *credmock.Spec
	Fixtures []byte // YAML
	Mutants  []string
	Exposed  bool // programs on other machines can reach the mock

	Tokens                  []string // tokens of engineers of the first organization
	ViewerToken, OtherToken string
	AdminToken              string
	Published               Published
}

// Published reports which tokens and keys are published defaults.
type Published struct{ Tokens, Viewer, Other, Keys bool }

// Compile returns a model, and stores the records of the fixtures. The previous model is nil for a new mock; records
// of strategies that only it knows are shown as before. The error joins all mistakes in the fixtures.
func Compile(config Config, known *censor.SecretSet, previous *Model, into *store.Store, stamps Stamper) (*Model, error) {
	made := &Model{
		Number: models.Add(1), Config: config, Spec: config.Spec, Kinds: compileKinds(config.Spec), Meta: EncodeMeta(config.Spec.Version),
		Strategies: strategyPayload(config.Spec), Words: censor.NewVocabulary(config.Spec), Secrets: known,
	}
	known.Add(config.AdminToken)
	made.NameVariants(previous)
	if issue := config.Spec.Operation("token", "create"); issue != nil && issue.Body != nil {
		made.TokenForm = view.New("a token request", issue.Body)
	}
	listed := fixtures.Parse(config.Fixtures)
	made.populate(into, stamps, listed)
	made.addPrincipals(listed)
	made.addPlannedFaults(listed)
	made.Callers = listed.Callers
	if err := listed.Mistakes.Err(); err != nil {
		return nil, err
	}
	made.Initial = into.Snapshot()
	return made, nil
}

// NameVariants sets the variants by name: the document's, and the ones that only the previous model has.
func (m *Model) NameVariants(previous *Model) {
	m.Variants = map[VariantName]*Variant{{Resource: store.ResourceEnvironment}: {Shown: EnvironmentForm(m.Spec)}}
	for resource, kind := range m.Kinds {
		for _, one := range kind.Variants {
			m.Variants[VariantName{resource, one.Name}] = one
		}
	}
	if previous == nil {
		return
	}
	for name, one := range previous.Variants {
		if m.Variants[name] == nil {
			m.Variants[name] = one
		}
	}
}

// VariantOf returns the variant of a record, or nil.
func (m *Model) VariantOf(one *store.Record) *Variant {
	return m.Variants[VariantName{one.Resource, one.Strategy}]
}

// Owns reports whether an environment exists and belongs to an organization.
func (m *Model) Owns(organization float64, environment string) bool {
	found := m.Environments[environment]
	return found != nil && found.Organization.Number == organization
}

// Organization returns the organization with a number. If the fixtures do not list it, it has no environments.
func (m *Model) Organization(number float64) *Organization {
	for _, one := range m.Organizations {
		if one.Number == number {
			return one
		}
	}
	return newOrganization(number)
}

// IsPlaceID reports whether a text is the id of any organization or environment.
func (m *Model) IsPlaceID(text string) bool {
	isNumber := func(one *Organization) bool { return one.Text == text }
	return m.Environments[text] != nil || slices.ContainsFunc(m.Organizations, isNumber)
}

// OperationIDs returns the ids of the document's operations.
func (m *Model) OperationIDs() []string {
	ids := make([]string, len(m.Spec.Operations))
	for i, operation := range m.Spec.Operations {
		ids[i] = operation.ID
	}
	return ids
}

// BasePath returns the path prefix of the credentials.
func (m *Model) BasePath() string {
	return m.Spec.Operation(store.ResourceCredential, "get").Prefix
}
