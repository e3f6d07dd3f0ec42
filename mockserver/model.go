package mockserver

import (
	"crypto/sha256"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/view"
)

// model is what a document and fixtures make of a mock. It is compiled once and never changes: a reload compiles another
// one. Sessions hold names and ids and no part of it, so they outlive it.
type model struct {
	options Options
	spec    *credmock.Spec

	router     *router
	kinds      map[string]*kind
	variants   map[variantName]*variant
	meta       []byte         // the encoded envelope up to its second member
	strategies map[string]any // the payload that lists them
	tokenForm  *view.Form     // what a token request must be
	words      vocabulary
	hosts      hosts         // the names under which the mock answers beside the loopback names
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

// compile makes the model of the options, and a session that holds the records of the fixtures. The previous model is nil
// for a new mock. Records of strategies that only the previous model knows are shown as before.
func compile(options Options, known *knownSecrets, previous *model) (*model, *session, error) {
	made := &model{
		options: options, spec: options.Spec, kinds: compileKinds(options.Spec), meta: encodeMeta(options.Spec.Version),
		strategies: strategyPayload(options.Spec), words: newVocabulary(options.Spec), known: known,
	}
	known.learn(options.AdminToken)
	made.nameVariants(previous)
	if issue := options.Spec.Operation("token", "create"); issue != nil && issue.Body != nil {
		made.tokenForm = view.New("a token request", issue.Body)
	}
	var err error
	if made.router, err = compileRoutes(options.Spec, made.kinds); err != nil {
		return nil, nil, err
	}
	if made.hosts, err = newHosts(options); err != nil {
		return nil, nil, err
	}
	listed := parseFixtures(options.Fixtures)
	first := newSession(options, newJournalRoom(options.Journal))
	made.populate(first, listed)
	made.admitPrincipals(listed)
	made.admitFaults(listed)
	made.callers = listed.callers
	if err := listed.faults.err(); err != nil {
		return nil, nil, err
	}
	made.initial = first.store.snapshot()
	return made, first, nil
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
