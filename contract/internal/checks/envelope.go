package checks

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/plan"
	"github.com/credmock/credmock/contract/internal/probe"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
)

const versionForm = `^[0-9]+\.[0-9]+(\.[0-9]+)?$`

// planEnvelope plans the rules of docs/contract.md#envelope.
func planEnvelope(p *plan.Builder) {
	for _, operation := range probe.Enveloped(p.Spec) {
		if operation.Status == http.StatusNoContent {
			continue // its success has no body
		}
		name, needs := probe.NameOf(operation), probe.NeedsOf(operation)
		p.AddReview("envelope/"+name+"/json", "A success of "+operation.ID+" is one JSON object, in UTF-8 and without a member twice.",
			plan.DocumentedMust, judgeObject(operation), reviewObject(operation), needs...)
		p.Add("envelope/"+name+"/meta", "A success of "+operation.ID+" has an object meta.", plan.DocumentedMust, judgeMeta(operation), needs...)
		p.Add("envelope/"+name+"/version", "meta.version of "+operation.ID+" is major.minor or major.minor.patch.", plan.DocumentedMust,
			judgeVersion(operation), needs...)
		p.Add("envelope/"+name+"/payload", "A success of "+operation.ID+" has an object payload with what the operation answers.",
			plan.DocumentedMust, judgePayload(operation), needs...)
		p.AddReview("envelope/"+name+"/media-type", "A success of "+operation.ID+" says that it is JSON.", plan.RuledShould, trigger(operation),
			reviewMediaType(operation), needs...)
	}
	all := func(q *probe.Probe) {
		for _, strategy := range q.Spec.Strategies {
			q.Journey(strategy)
		}
	}
	p.AddReview("envelope/stable", "Every success carries the same version.", plan.RuledShould, all, reviewStable)
	p.AddReview("envelope/error/version", "An error carries meta.version too.", plan.RuledShould, all, reviewErrorVersion)
	p.AddReview("envelope/error/json", "An error that says it is JSON is one JSON value, in UTF-8 and without a member twice.",
		plan.RuledShould,
		all,
		reviewErrorJSON)
}

// trigger makes sure that the operation has an answer.
func trigger(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) { successes(p, operation) }
}

// successes returns answers of the operation, for every strategy if it is about credentials.
func successes(p *probe.Probe, operation *credmock.Operation) []*wire.Exchange {
	var answers []*wire.Exchange
	switch {
	case operation.Resource == "destination":
		answers = p.Attachment().Answers(operation.Action)
	case operation.Resource == "environment":
		answers = []*wire.Exchange{environmentList(p)}
	case operation.Action == "strategies":
		answers = []*wire.Exchange{strategyList(p)}
	default:
		for _, strategy := range p.Spec.Strategies {
			answers = append(answers, p.Journey(strategy).Steps(operation.Action)...)
		}
	}
	lacking := operation.Resource != "credential" && !slices.ContainsFunc(answers, func(e *wire.Exchange) bool {
		// A destination that nothing is behind cannot be verified.
		inVain := operation.Action == "verify" && e != nil && e.Refused()
		return e != nil && !inVain && !e.Refused(http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented)
	})
	answers = slices.DeleteFunc(answers, func(e *wire.Exchange) bool { return e == nil || !p.Answered(e).Success() })
	switch {
	case len(answers) == 0 && lacking:
		p.Skip("the target does not offer %s", foreign.Own(operation.ID))
	case len(answers) == 0:
		p.Abandon("%s never succeeded", foreign.Own(operation.ID))
	}
	return answers
}

// environmentList returns the environments of the organization. A run requests them once for all checks that only look at them.
func environmentList(p *probe.Probe) *wire.Exchange {
	return probe.Once(p, "environments", func(q *probe.Probe) *wire.Exchange {
		return q.Do(probe.Request{Resource: "environment", Action: "list", ID: strconv.Itoa(q.Organization)})
	})
}

func judgeObject(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		p.Alone(unicodeName, judgeUnicodeName) // an encoding shows with letters beyond ASCII only
		for _, e := range successes(p, operation) {
			if isDeleteOK(p, e) {
				continue
			}
			if p.Expect(e, "", "an empty body", "one JSON object").Holds(len(e.Body) > 0) &&
				expectJSON(p, e) {
				p.ExpectAnswer(e).Object()
			}
		}
	}
}

// expectJSON expects the body of an answer to be one JSON value (docs/contract.md#valid-json).
func expectJSON(p *probe.Probe, e *wire.Exchange) bool {
	seen := ""
	if e.NotJSON != nil {
		seen = "a body that is not one JSON value: " + e.NotJSON.Error()
	}
	return p.Expect(e, "", seen, "one JSON object, in UTF-8 and without a member twice").Holds(e.NotJSON == nil)
}

// reviewObject looks at every success of the run: an answer may break only with an unusual value in it.
func reviewObject(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Operation == operation && p.CanJudge(e) && e.Success() && e.Size > 0 && !expectJSON(p, e) {
				return // one finding is enough
			}
		}
	}
}

// reviewErrorJSON looks at every refusal of the run. An error may have another form, but then it does not say that it is JSON.
func reviewErrorJSON(p *probe.Probe) {
	for _, e := range p.All() {
		if e.Operation == nil || !p.CanJudge(e) || !e.Refused() || e.Size == 0 || !saysJSON(e) {
			continue
		}
		if !expectJSON(p, e) {
			return // one finding is enough
		}
	}
}

// saysJSON tells whether an answer has the media type of JSON.
func saysJSON(e *wire.Exchange) bool {
	media, _, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

func judgeMeta(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range successes(p, operation) {
			if !isDeleteOK(p, e) && !isMetaString(p, e) {
				p.ExpectAnswer(e).Object().Value("meta").Object()
			}
		}
	}
}

func judgeVersion(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range successes(p, operation) {
			switch {
			case isDeleteOK(p, e):
			case isMetaString(p, e):
				p.ExpectAnswer(e).Object().Value("meta").String().Match(versionForm)
			default:
				p.ExpectAnswer(e).Object().Value("meta").Object().Value("version").String().Match(versionForm)
			}
		}
	}
}

func judgePayload(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range successes(p, operation) {
			if isDeleteOK(p, e) {
				continue
			}
			payload := p.ExpectAnswer(e).Object().Value("payload").Object()
			switch {
			case operation.Member == "":
				judgeFlat(p, e)
			case operation.Action == "list":
				payload.Value(operation.Member).Array()
			case operation.Action == "delete":
				payload.Value(operation.Member).String()
			default:
				payload.Value(operation.Member).Object()
			}
		}
	}
}

// judgeFlat expects a single credential in the payload itself.
func judgeFlat(p *probe.Probe, e *wire.Exchange) {
	id := p.RoleName(credmock.RoleID)
	p.Expect(e, "/payload", jsonvalue.Describe(p.CredentialIn(e), id), "the credential itself, with its "+id+", flat in the payload").
		Holds(jsonvalue.Text(p.CredentialIn(e)[id]) != "")
}

// isDeleteOK tells whether the answer is the accepted alternative "OK".
func isDeleteOK(p *probe.Probe, e *wire.Exchange) bool {
	return e.Operation.Action == "delete" && e.Decoded() == "OK" && p.Accepts("delete-ok")
}

// isMetaString tells whether the answer is the accepted alternative of meta as a bare version.
func isMetaString(p *probe.Probe, e *wire.Exchange) bool {
	_, bare := jsonvalue.Member(e.Decoded(), "meta").(string)
	return bare && e.Operation.Action == "delete" && p.Accepts("meta-string")
}

func reviewMediaType(operation *credmock.Operation) func(*probe.Probe) {
	return func(p *probe.Probe) {
		for _, e := range p.All() {
			if e.Operation == operation && p.CanJudge(e) && e.Success() {
				p.Expect(e, "header Content-Type", "another media type or none", "application/json").
					Holds(isJSONType(e.Header.Get("Content-Type")))
			}
		}
	}
}

// isJSONType tells whether a Content-Type names JSON, whatever its case and its parameters (RFC 9110, section 8.3.1).
func isJSONType(text string) bool {
	name, _, _ := strings.Cut(text, ";")
	subtype, isApplication := strings.CutPrefix(strings.ToLower(strings.Trim(name, " \t")), "application/")
	return isApplication && (subtype == "json" || strings.HasSuffix(subtype, "+json"))
}

func reviewStable(p *probe.Probe) {
	first := ""
	for _, e := range p.All() {
		if !p.CanJudge(e) || !e.Success() || e.Version == "" {
			continue
		}
		if first == "" {
			first = e.Version
		}
		p.Expect(e, "/meta/version", "another version than before", "one version in a run").Value(e.Version).IsEqual(first)
	}
}

func reviewErrorVersion(p *probe.Probe) {
	for _, e := range p.All() {
		if e.Operation == nil || e.Operation.Resource == "token" || !p.CanJudge(e) || !e.Refused() {
			continue
		}
		if !p.Expect(e, "/meta/version", "no version in an error", "meta.version").Holds(e.Version != "") {
			return // one finding is enough
		}
	}
}
