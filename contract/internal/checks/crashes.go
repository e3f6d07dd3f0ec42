package checks

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/rerun"
	"github.com/credmock/credmock/contract/internal/wire"
)

// planCrashes plans ids, bodies, values and headers that careless servers break on (docs/contract.md#statuses).
func planCrashes(p *plan.Builder) {
	for _, operation := range probe.Enveloped(p.Spec) {
		name, needs := probe.NameOf(operation), probe.NeedsOf(operation)
		if hasParameter(operation) {
			p.Add("errors/ids/"+name, operation.ID+" with an id that is long, dotted, encoded or of another kind is refused, and not with a 5xx.",
				plan.RuledMust, judgeIDs(operation), needs...)
		}
		if operation.MediaType != "" {
			p.Add("errors/"+name+"/scalar", operation.ID+" with a body that is no object is refused.", plan.RuledMust, judgeScalars(operation),
				needs...)
		}
	}
	p.Add("errors/ids/exact", "An id is compared as it is: with something more or less it is another id.", plan.RuledMust, judgeExactIDs)
	p.Add("errors/headers", "Long headers, many headers and a long query are never answered with a 5xx.", plan.RuledMust, judgeHeaders)
	p.Add("errors/long", "Values of a thousand, ten thousand and a hundred thousand characters are never answered with a 5xx, or changed.",
		plan.RuledMust, judgeLong)
	p.Add("errors/long/destination", "A destination with a name of a hundred thousand characters is never answered with a 5xx, or changed.",
		plan.RuledMust, judgeLongDestination, probe.CapabilityDestinations)
}

// oddIDs are ids, as they stand in a path, that nothing has. The first ones are sent to every operation, the rest to get.
var oddIDs = []string{
	"%00", "%FF%FE", strings.Repeat("long", 500),
	"%2e%2e", "99999999999999999999", "-1", "null", "0", "%25", "*", "%27%20OR%201=1--", "%F0%9F%94%91", "%0D%0A",
	"x%2Fy", "..%2F..%2F", "%C0%AF", strings.Repeat("z", 7000),
}

// everywhere is the number of odd ids that are sent to every operation, and some that of those to a few more.
const everywhere, some = 3, 5

// judgeIDs sends odd ids, and ids of other things. A list may be empty.
func judgeIDs(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		ids := oddIDs[:everywhere]
		switch {
		case operation.Resource == "environment": // a number
			ids = oddIDs[:some]
		case operation.Method != http.MethodGet || !isAboutOne(operation):
		case operation.Resource == "credential":
			ids = oddIDs
			standard := probe.DefaultStrategy(p.Spec)
			p.Standing(standard) // a pattern as an id could find it
		default:
			ids = oddIDs[:some]
		}
		isOne := operation.Action != "list"
		r := probe.Route{Method: operation.Method, Template: operation.Path, MediaType: operation.MediaType, Body: validBody(p, operation),
			Resource: operation.Resource}
		for _, id := range ids {
			r.RawID = id
			expectNoSuch(p, p.TryRoute(r), isOne)
		}
		r.RawID, r.ID = "", strconv.Itoa(p.Organization)
		if operation.Method == http.MethodGet && isAboutOne(operation) {
			r.ID = p.Environment
		}
		if operation.Resource != "environment" && !sharesIDs(p) {
			expectNoSuch(p, p.TryRoute(r), isOne)
		}
	}
}

// sharesIDs tells whether things of several kinds may have the same id: the target gives ids that are short, or numbers.
func sharesIDs(p *probe.Probe) bool {
	isPlain := func(id string) bool { return len(id) < distinctID || strings.Trim(id, "0123456789") == "" }
	return isPlain(p.Environment) || isPlain(p.Standing(probe.DefaultStrategy(p.Spec)).ID)
}

// distinctID is the length from which an id that is no number is that of one thing alone.
const distinctID = 8

// validBody returns a valid body for the operation, or nil if it takes none.
func validBody(p *probe.Probe, operation *credmock.Operation) []byte {
	switch {
	case operation.MediaType == "":
		return nil
	case operation.Resource != "credential":
		return []byte(jsonvalue.Canonical(requestOf(p, operation).Body))
	}
	standard := probe.DefaultStrategy(p.Spec)
	return []byte(jsonvalue.Canonical(p.ForUpdate(p.Full(standard))))
}

// expectNoSuch expects no 5xx, and no success but of a list. A server may hang up on a path that is too long for it.
func expectNoSuch(p *probe.Probe, e *wire.Exchange, isOne bool) {
	expectNoServerError(p, e)
	if isOne {
		p.ExpectStatus(e, "a refusal: nothing has this id").Holds(!e.Success())
	}
}

// judgeExactIDs asks for a credential by its id with something more or less.
func judgeExactIDs(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.Standing(standard)
	get := p.Spec.Operation("credential", "get")
	others := []string{made.ID + "\x00x", made.ID + " ", "\t" + made.ID, made.ID + "\n", made.ID + "0", made.ID[:len(made.ID)-1]}
	if uuidForm().MatchString(made.ID) { // other forms in which a careless parser takes it
		others = append(others, strings.ReplaceAll(made.ID, "-", ""), "urn:uuid:"+made.ID)
	}
	for _, id := range others {
		if p.IsOwnID("credential", id) || id == "" {
			continue
		}
		e := p.TryRoute(probe.Route{Method: get.Method, Template: get.Path, ID: id})
		expectNoSuch(p, e, true)
	}
}

// scalars are bodies that are no object. The family of bodies has some of them for credentials.
var scalars = []string{"-1.5e3", "true", `""`, `"text"`, "null", "[{}]", " "}

func judgeScalars(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		list := scalars
		switch { // to save requests
		case operation.Resource == "credential":
			list = scalars[:3]
		case operation.Action == "update":
			list = scalars[3:6]
		}
		withFixture(p, operation, func(r probe.Request) (last *wire.Exchange) {
			r.Body, r.MediaType = nil, "application/json"
			for _, text := range list {
				r.Raw = []byte(text)
				last = p.Do(r)
				p.ExpectRefused(last, probe.InvalidStatuses...)
			}
			return last
		})
	}
}

// judgeHeaders reads a credential with headers and a query that are larger than a server may expect.
func judgeHeaders(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	made := p.Standing(standard)
	get := p.Spec.Operation("credential", "get")
	for _, edit := range []func(http.Header){
		func(h http.Header) { h.Set("X-Long", strings.Repeat("x", 4_000)) },
		func(h http.Header) { h.Set("X-Long", strings.Repeat("x", 40_000)) },
		func(h http.Header) { h.Set("Cookie", strings.Repeat("a=b; ", 1_000)) },
		func(h http.Header) { h.Set("Authorization", "Bearer "+strings.Repeat("x", 10_000)) },
		func(h http.Header) { h.Set("Accept", strings.Repeat("application/json;q=0.5, ", 300)+"*/*") },
		func(h http.Header) {
			h.Set("X-Letters", "caf\xe9 \xc3\xa9")
			h.Set("Accept-Language", "***;q=x")
			h.Set("Accept", ";;q=x,/*,")
		},
		func(h http.Header) {
			for _, one := range strings.Split(strings.Repeat("many ", 90), " ") {
				h.Add("X-"+one, one)
			}
		},
	} {
		expectNoServerError(p, p.TryRoute(probe.Route{Method: get.Method, Template: get.Path, ID: made.ID,
			Edit: func(r *http.Request) { edit(r.Header) }}))
	}
	update := p.Spec.Operation("credential", "update")
	body := []byte(jsonvalue.Canonical(p.ForUpdate(p.Full(standard))))
	for _, name := range []string{"", "application/json; charset=utf-16"} {
		expectNoServerError(p, p.TryRoute(probe.Route{Method: update.Method, Template: update.Path, ID: p.UnknownID(), Body: body,
			MediaType: name}))
	}
	for _, query := range []string{"q=" + strings.Repeat("x", 10_000), "%zz=%&&==&a[b][c]=1", strings.Repeat("a=1&", 1_000)} {
		expectNoServerError(p, p.TryRoute(probe.Route{Method: get.Method, Template: get.Path, ID: made.ID, Query: query}))
	}
}

// longText returns a text of a length in bytes. It has no stretch that could be an encoding, which would take long to search.
func longText(length int) string { return strings.Repeat("abc, ", length/5-1) + "abcde" }

// judgeLong creates and updates a credential with long values in its free fields and its name.
func judgeLong(p *probe.Probe) {
	standard := probe.DefaultStrategy(p.Spec)
	name := p.RoleName(credmock.RoleName)
	for _, length := range []int{1_000, 10_000} {
		body, names := p.Minimal(standard), []string{name}
		for _, field := range freeFields(standard) {
			if p.Takes(standard, field) {
				body[field.Name] = longText(length)
				names = append(names, field.Name)
			}
		}
		body[name] = p.RunName + longText(length)
		e := p.Create(standard, body)
		expectNoServerError(p, e)
		expectAsSent(p, e, body, names)
	}
	expectNoServerError(p, p.Create(standard, probe.With(p.Minimal(standard),
		map[string]any{p.RoleName(credmock.RoleOrganization): json.Number("1e400")})))
	body := probe.With(p.Minimal(standard), map[string]any{name: p.RunName + longText(100_000)})
	e := p.Create(standard, body)
	expectNoServerError(p, e)
	expectAsSent(p, e, body, []string{name})
	judgeLongUpdate(p, standard, e)
}

// judgeLongUpdate updates the credential of the last answer, or a new one if that is a refusal: each secret and one free field to a
// hundred thousand characters.
func judgeLongUpdate(p *probe.Probe, standard *credmock.Strategy, last *wire.Exchange) {
	made := &probe.Credential{Strategy: standard, ID: last.ID, Sent: p.Minimal(standard)}
	if !last.Success() {
		made = p.MustCreate(standard, made.Sent)
	}
	changes, names := map[string]any{}, []string{}
	for _, secret := range p.TakenSecrets(standard) {
		changes[secret.Name] = longText(100_000)
	}
	if free := freeFields(standard); len(free) > 0 && p.Takes(standard, free[0]) {
		changes[free[0].Name], names = longText(100_000), append(names, free[0].Name)
	}
	// The secret is no canary: it is not looked for, which would take long.
	e := p.Do(probe.Request{Action: "update", ID: made.ID, Body: made.Change(changes)})
	expectNoServerError(p, e)
	if e.Success() {
		differ := p.Differences(changes, p.CredentialIn(e), names)
		p.Expect(e, "/payload", "changed on the way: "+differ, "what was sent, byte for byte").
			Beside(changes, p.CredentialIn(e), names...).Holds(differ == "")
	}
}

func judgeLongDestination(p *probe.Probe) {
	name := p.DestinationProperty(credmock.RoleName)
	long := p.RunName + " " + longText(100_000)
	e := p.CreateDestination(map[string]any{name: long})
	expectNoServerError(p, e)
	if e.Success() {
		p.Expect(e, "/payload/"+e.Operation.Member+"/"+rerun.RoleIn(e.Operation.Item, credmock.RoleName), "another name than was sent",
			"the name, byte for byte").Holds(jsonvalue.Same(probe.Destination(e)[name], long))
	}
	id := p.DestinationID(e)
	if id == "" {
		id = p.DestinationID(p.CreateDestination(nil))
	}
	long = leftover.NamePrefix + longText(10_000)
	e = p.AtDestination("update", id, map[string]any{name: long})
	expectNoServerError(p, e)
	p.Expect(e, "/payload/"+e.Operation.Member, "another name than was sent", "the name, byte for byte").
		Holds(!e.Success() || jsonvalue.Same(probe.Destination(e)[name], long))
}
