// Package model holds what the document and the fixtures make of a mock. A model never changes; a reload compiles another one.
package model

import (
	"crypto/sha256"
	"slices"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/faults"
	"github.com/credmock/credmock/mockserver/internal/fixtures"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Model is what a document and fixtures make of a mock. It is compiled once and never changes: a reload compiles another
// one. Sessions hold names and ids and no part of it, so they outlive it.
type Model struct {
	Config Config
	Spec   *credmock.Spec

	Kinds      map[string]*Kind
	Variants   map[VariantName]*Variant
	Meta       []byte         // the encoded envelope up to its second member
	Strategies map[string]any // the payload that lists them
	TokenForm  *view.Form     // what a token request must be
	Words      censor.Vocabulary
	Secrets    *censor.SecretSet // which all models of a server share

	Organizations []*Organization
	Environments  map[string]*Environment
	StaticTokens  staticTokens
	Clients       map[string]*Client // who may ask for bearer tokens, by client id
	Planned       []*faults.Fault    // what goes wrong from the start
	Callers       [sha256.Size]byte  // a digest of what the fixtures say of those who may call
	Initial       store.State        // the records of the fixtures
}

// VariantName names a variant: the strategy is empty for a resource that has only one.
type VariantName struct{ Resource, Strategy string }

// Config says what a model is made of.
type Config struct {
	Spec     *credmock.Spec
	Fixtures []byte // YAML
	Mutants  []string
	Exposed  bool // others than the programs of this machine reach the mock

	Tokens                  []string // of engineers of the first organization
	ViewerToken, OtherToken string
	AdminToken              string
	Published               Published
}

// Published tells which tokens and keys are defaults that everybody knows.
type Published struct{ Tokens, Viewer, Other, Keys bool }

// Compile makes a model, and puts the records of the fixtures into a store. The previous model is nil for a new mock.
// Records of strategies that only the previous model knows are shown as before.
func Compile(config Config, known *censor.SecretSet, previous *Model, into *store.Store, stamps Stamper) (*Model, error) {
	made := &Model{
		Config: config, Spec: config.Spec, Kinds: compileKinds(config.Spec), Meta: EncodeMeta(config.Spec.Version),
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

// NameVariants makes variants known by their names: those of the document, and those that only the previous model knows.
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

// VariantOf returns the form that a record has.
func (m *Model) VariantOf(one *store.Record) *Variant {
	return m.Variants[VariantName{one.Resource, one.Strategy}]
}

// Owns tells whether an environment belongs to an organization. No organization owns one that does not exist.
func (m *Model) Owns(organization float64, environment string) bool {
	found := m.Environments[environment]
	return found != nil && found.Organization.Number == organization
}

// Organization returns the organization with a number. One that the fixtures do not list has no environments.
func (m *Model) Organization(number float64) *Organization {
	for _, one := range m.Organizations {
		if one.Number == number {
			return one
		}
	}
	return newOrganization(number)
}

// HasPlace tells whether a text is the id of an organization or an environment, no matter whose.
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

// BasePath returns the path below which the document puts the API: that of the credentials.
func (m *Model) BasePath() string {
	return m.Spec.Operation(store.ResourceCredential, "get").Prefix
}
