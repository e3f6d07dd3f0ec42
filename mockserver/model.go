package mockserver

import (
	"slices"

	"crypto/sha256"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// model is what a document and fixtures make of a mock. It is compiled once and never changes: a reload compiles another
// one. Sessions hold names and ids and no part of it, so they outlive it.
type model struct {
	config modelConfig
	spec   *credmock.Spec

	kinds      map[string]*kind
	variants   map[variantName]*variant
	meta       []byte         // the encoded envelope up to its second member
	strategies map[string]any // the payload that lists them
	tokenForm  *view.Form     // what a token request must be
	words      vocabulary
	known      *knownSecrets // which all models of a server share

	organizations []*organization
	environments  map[string]*environment
	lasting       lastingTokens
	clients       map[string]*tokenClient // who may ask for bearer tokens, by client id
	planned       []*fault                // what goes wrong from the start
	callers       [sha256.Size]byte       // a digest of what the fixtures say of those who may call
	initial       state                   // the records of the fixtures
}

// variantName names a variant: the strategy is empty for a resource that has only one.
type variantName struct{ resource, strategy string }

// modelConfig says what a model is made of.
type modelConfig struct {
	spec     *credmock.Spec
	fixtures []byte // YAML
	mutants  []string
	exposed  bool // others than the programs of this machine reach the mock

	tokens                  []string // of engineers of the first organization
	viewerToken, otherToken string
	adminToken              string
	published               published
}

// published tells which tokens and keys are defaults that everybody knows.
type published struct{ tokens, viewer, other, keys bool }

// compile makes a model, and puts the records of the fixtures into a store. The previous model is nil for a new mock.
// Records of strategies that only the previous model knows are shown as before.
func compile(config modelConfig, known *knownSecrets, previous *model, into *store, stamps stamper) (*model, error) {
	made := &model{
		config: config, spec: config.spec, kinds: compileKinds(config.spec), meta: encodeMeta(config.spec.Version),
		strategies: strategyPayload(config.spec), words: newVocabulary(config.spec), known: known,
	}
	known.learn(config.adminToken)
	made.nameVariants(previous)
	if issue := config.spec.Operation("token", "create"); issue != nil && issue.Body != nil {
		made.tokenForm = view.New("a token request", issue.Body)
	}
	listed := parseFixtures(config.fixtures)
	made.populate(into, stamps, listed)
	made.admitPrincipals(listed)
	made.admitFaults(listed)
	made.callers = listed.callers
	if err := listed.faults.err(); err != nil {
		return nil, err
	}
	made.initial = into.snapshot()
	return made, nil
}

// nameVariants makes variants known by their names: those of the document, and those that only the previous model knows.
func (m *model) nameVariants(previous *model) {
	m.variants = map[variantName]*variant{{resource: resourceEnvironment}: {shown: environmentForm(m.spec)}}
	for resource, kind := range m.kinds {
		for _, one := range kind.variants {
			m.variants[variantName{resource, one.name}] = one
		}
	}
	if previous == nil {
		return
	}
	for name, one := range previous.variants {
		if m.variants[name] == nil {
			m.variants[name] = one
		}
	}
}

// variantOf returns the form that a record has.
func (m *model) variantOf(one *record) *variant {
	return m.variants[variantName{one.resource, one.strategy}]
}

// owns tells whether an environment belongs to an organization. No organization owns one that does not exist.
func (m *model) owns(organization float64, environment string) bool {
	found := m.environments[environment]
	return found != nil && found.organization.number == organization
}

// organization returns the organization with a number. One that the fixtures do not list has no environments.
func (m *model) organization(number float64) *organization {
	for _, one := range m.organizations {
		if one.number == number {
			return one
		}
	}
	return newOrganization(number)
}

// hasPlace tells whether a text is the id of an organization or an environment, no matter whose.
func (m *model) hasPlace(text string) bool {
	isNumber := func(one *organization) bool { return one.text == text }
	return m.environments[text] != nil || slices.ContainsFunc(m.organizations, isNumber)
}

// operationIDs returns the ids of the document's operations.
func (m *model) operationIDs() []string {
	ids := make([]string, len(m.spec.Operations))
	for i, operation := range m.spec.Operations {
		ids[i] = operation.ID
	}
	return ids
}

// basePath returns the path below which the document puts the API: that of the credentials.
func (m *model) basePath() string {
	return m.spec.Operation(resourceCredential, "get").Prefix
}
